import { requireName } from "../require.ts";
import type { Geometry } from "./geometry.ts";
import { requireSize, type Size } from "./pixels.ts";

/** The scales of the 2019 solution; with a 2 in the name there are five groups of shapes, else three. */
export type AspectScale = "SS" | "SS2" | "S" | "S2" | "SM2" | "M" | "M2" | "L" | "L2";

/** Width, height, width, height …: of the landscape groups, widest first, then of the square one. */
const sides: Readonly<Record<AspectScale, readonly number[]>> = {
  SS: [384, 256, 256, 256],
  SS2: [480, 320, 480, 352, 384, 384],
  S: [512, 384, 448, 448],
  S2: [512, 352, 512, 384, 448, 448],
  SM2: [736, 512, 704, 544, 608, 608],
  M: [800, 608, 704, 704],
  M2: [800, 544, 800, 608, 704, 704],
  L: [800, 608, 800, 800],
  L2: [800, 544, 800, 608, 800, 800],
};

/**
 * Every image at the one of a few sizes that is nearest to its shape: the 2019 solution's.
 *
 * ```text
 * group = how many edges are at most height / width
 * edges = 0.67, 0.77, 1.33, 1.5 for scales with a 2 in the name, else 0.77, 1.33
 *
 *        group 0    1          2          3          4                  0          1          2
 * SS2    480×320    480×352    384×384    352×480    320×480     SS     384×256    256×256    256×384
 * S2     512×352    512×384    448×448    384×512    352×512     S      512×384    448×448    384×512
 * SM2    736×512    704×544    608×608    544×704    512×736
 * M2     800×544    800×608    704×704    608×800    544×800     M      800×608    704×704    608×800
 * L2     800×544    800×608    800×800    608×800    544×800     L      800×608    800×800    608×800
 * ```
 *
 * @throws RangeError if the scale is unknown. The geometry it returns throws if a side is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { aspectTemplates } from "@lmk/models/images";
 *
 * aspectTemplates("L2")({ width: 1600, height: 1200 }); // => { resize: { width: 800, height: 608 } }
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo 2019, Large-scale Landmark Retrieval/Recognition}
 */
export function aspectTemplates(scale: AspectScale): Geometry {
  requireName("aspectTemplates", "scale", scale, sides);
  // Read backwards, the sides are those of the portrait groups, after the square one.
  const flat = [...sides[scale], ...[...sides[scale]].reverse().slice(2)];
  const edges = flat.length === 10 ? [0.67, 0.77, 1.33, 1.5] : [0.77, 1.33];
  return (size: Size) => {
    requireSize("aspectTemplates", size);
    const ratio = size.height / size.width;
    const group = edges.filter((edge) => edge <= ratio).length;
    const [width, height] = flat.slice(2 * group);
    return { resize: { width, height } };
  };
}
