import { requireInteger } from "../require.ts";

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The few sizes that all images are warped to, by their shape. */
export interface SizeTemplate {
  /** The ratios height / width that divide the groups, ascending; a ratio on an edge is in the upper group. */
  readonly edges: readonly number[];
  /** The size of each group, widest landscape first; one more than there are edges. */
  readonly sizes: readonly Size[];
}

/** The scales of the 2019 solution; with a 2 in the name there are five groups, else three. */
export type SizeTemplateName = "SS" | "SS2" | "S" | "S2" | "SM2" | "M" | "M2" | "L" | "L2";

const threeGroups = [0.77, 1.33];
const fiveGroups = [0.67, 0.77, 1.33, 1.5];

/**
 * The size templates of the 2019 solution, by the names its code gives them. It trained at `S2` and
 * `SS2`, continued at `M2` or `SM2`, and extracted at `L2`.
 *
 * Its tenth scale, `O`, is not a template: it leaves each image as it is.
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo 2019, Large-scale Landmark Retrieval/Recognition}
 */
export const sizeTemplates: Readonly<Record<SizeTemplateName, SizeTemplate>> = {
  SS: template(threeGroups, [384, 256], [256, 256]),
  SS2: template(fiveGroups, [480, 320], [480, 352], [384, 384]),
  S: template(threeGroups, [512, 384], [448, 448]),
  S2: template(fiveGroups, [512, 352], [512, 384], [448, 448]),
  SM2: template(fiveGroups, [736, 512], [704, 544], [608, 608]),
  M: template(threeGroups, [800, 608], [704, 704]),
  M2: template(fiveGroups, [800, 544], [800, 608], [704, 704]),
  L: template(threeGroups, [800, 608], [800, 800]),
  L2: template(fiveGroups, [800, 544], [800, 608], [800, 800]),
};

/**
 * Checks a size template of your own.
 *
 * @param edges - See {@link SizeTemplate.edges}.
 * @param sizes - See {@link SizeTemplate.sizes}.
 * @returns The template, a copy.
 * @throws RangeError if the edges are not positive and ascending, there is not one size more than edges,
 * or a side is not an integer of at least 1.
 *
 * @example
 * ```ts
 * import { createSizeTemplate, groupOfSize } from "@lmk/data";
 *
 * const small = createSizeTemplate(
 *   [0.77, 1.33],
 *   [{ width: 160, height: 96 }, { width: 128, height: 128 }, { width: 96, height: 160 }],
 * );
 * console.log(groupOfSize(small, { width: 640, height: 480 })); // => 0
 * ```
 */
export function createSizeTemplate(edges: readonly number[], sizes: readonly Size[]): SizeTemplate {
  for (const [i, edge] of edges.entries()) {
    if (edge > (i === 0 ? 0 : edges[i - 1]) && Number.isFinite(edge)) continue;
    throw new RangeError(
      `createSizeTemplate: expected \`edges\` to be positive and ascending, got ${edges.join(", ")}`,
    );
  }
  if (sizes.length !== edges.length + 1) {
    throw new RangeError(
      `createSizeTemplate: expected \`sizes\` to have one element more than \`edges\` (${edges.length + 1}), got ${sizes.length}`,
    );
  }
  for (const { width, height } of sizes) {
    requireInteger("createSizeTemplate", "width", width, 1);
    requireInteger("createSizeTemplate", "height", height, 1);
  }
  return { edges: [...edges], sizes: sizes.map(({ width, height }) => ({ width, height })) };
}

/**
 * The group an image belongs to: the number of edges at or below its ratio.
 *
 * ```text
 * group = |{ e in edges : e <= height / width }|
 * ```
 *
 * @param template - The template.
 * @param size - The size of the image, as it is shown (after its EXIF orientation).
 * @returns A position in `template.sizes`; 0 is the widest landscape.
 * @throws RangeError if a side is not an integer of at least 1.
 *
 * @example
 * ```ts
 * import { groupOfSize, sizeTemplates } from "@lmk/data";
 *
 * console.log(groupOfSize(sizeTemplates.S2, { width: 640, height: 480 })); // => 1
 * ```
 */
export function groupOfSize(template: SizeTemplate, size: Size): number {
  requireInteger("groupOfSize", "width", size.width, 1);
  requireInteger("groupOfSize", "height", size.height, 1);
  const ratio = size.height / size.width;
  let group = 0;
  while (group < template.edges.length && template.edges[group] <= ratio) group += 1;
  return group;
}

/** Options of {@link scaleSize}. */
export interface ScaleSizeOptions {
  /**
   * Sides become multiples of this many pixels, rounded down.
   *
   * @defaultValue 32, the stride of the 2019 networks
   */
  readonly multiple?: number;
  /**
   * No side becomes smaller than this.
   *
   * @defaultValue 128, as in the 2019 solution
   */
  readonly minimum?: number;
}

/**
 * The size of an image at another scale, for multi-scale features.
 *
 * ```text
 * side' = max(minimum, floor(side * scale / multiple) * multiple)
 * ```
 *
 * @param size - The size at scale 1.
 * @param scale - The factor, above 0; the 2019 solution averages 0.75, 1 and 1.25.
 * @throws RangeError if the scale is not a finite number above 0, or a side, `multiple` or `minimum` not
 * an integer of at least 1.
 *
 * @example
 * ```ts
 * import { scaleSize } from "@lmk/data";
 *
 * console.log(scaleSize({ width: 800, height: 544 }, 1.25)); // => { width: 992, height: 672 }
 * ```
 */
export function scaleSize(size: Size, scale: number, options: ScaleSizeOptions = {}): Size {
  const { multiple = 32, minimum = 128 } = options;
  requireInteger("scaleSize", "width", size.width, 1);
  requireInteger("scaleSize", "height", size.height, 1);
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new RangeError(`scaleSize: expected \`scale\` to be a finite number above 0, got ${scale}`);
  }
  requireInteger("scaleSize", "multiple", multiple, 1);
  requireInteger("scaleSize", "minimum", minimum, 1);
  const scaled = (side: number): number =>
    Math.max(minimum, Math.floor((side * scale) / multiple) * multiple);
  return { width: scaled(size.width), height: scaled(size.height) };
}

/** The portrait sizes mirror the landscape ones. */
function template(
  edges: readonly number[],
  ...landscape: readonly (readonly [number, number])[]
): SizeTemplate {
  const sizes = landscape.map(([width, height]) => ({ width, height }));
  const portrait = sizes.slice(0, -1).map(({ width, height }) => ({ width: height, height: width }));
  return { edges, sizes: [...sizes, ...portrait.reverse()] };
}
