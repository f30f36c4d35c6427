import { sizeOf, type TypedArray } from "../dtype.ts";

/** A dimension of an input: a number, or the name of a free dimension. */
export type Dimension = number | string;

/** The names of the free dimensions of some shapes, in order of appearance. */
export function freeNames(shapes: Iterable<readonly Dimension[]>): string[] {
  const names = [...shapes].flatMap((shape) => shape.filter((dimension) => typeof dimension === "string"));
  return [...new Set(names)] as string[];
}

/** A shape with the sizes of its free dimensions put in. */
export function sizedShape(
  shape: readonly Dimension[],
  names: readonly string[],
  sizes: readonly number[],
): number[] {
  return shape.map((dimension) =>
    typeof dimension === "number" ? dimension : sizes[names.indexOf(dimension)],
  );
}

/**
 * The order in which the lengths of the inputs give the free dimensions: each step reads one that is the only
 * unknown of its shape. Undefined where some dimension can be told from no input.
 */
export function inferenceOrder(
  shapes: ReadonlyMap<string, readonly Dimension[]>,
): readonly { readonly input: string; readonly dimension: string }[] | undefined {
  const names = freeNames(shapes.values());
  const order: { input: string; dimension: string }[] = [];
  const known = new Set<string>();
  while (known.size < names.length) {
    const found = [...shapes].flatMap(([input, shape]) => {
      const open = freeNames([shape]).filter((name) => !known.has(name));
      return open.length === 1 ? [{ input, dimension: open[0] }] : [];
    });
    if (found.length === 0) return undefined;
    order.push(found[0]);
    known.add(found[0].dimension);
  }
  return order;
}

/** The sizes of the free dimensions, told from the lengths of the arrays; throws where none fits. */
export function inferSizes(
  shapes: ReadonlyMap<string, readonly Dimension[]>,
  names: readonly string[],
  arrays: Readonly<Record<string, TypedArray>>,
): number[] {
  const sizes: number[] = names.map(() => 0);
  const sources = new Map<string, string>();
  for (const { input, dimension } of inferenceOrder(shapes) ?? []) {
    const shape = shapes.get(input) as readonly Dimension[];
    const times = shape.filter((entry) => entry === dimension).length;
    const rest = sizeOf(
      sizedShape(
        shape.filter((entry) => entry !== dimension),
        names,
        sizes,
      ),
    );
    const { length } = arrays[input];
    const size = Math.round((length / rest) ** (1 / times));
    if (size < 1 || size ** times * rest !== length) {
      const known = names.filter((name) => sources.has(name) && shape.includes(name));
      const given = known.map(
        (name) => `, ${name} = ${sizes[names.indexOf(name)]} as in inputs["${sources.get(name)}"]`,
      );
      const multiple = times === 1 ? `a positive multiple of ${rest} elements` : "elements";
      throw new RangeError(
        `Compiled.run: expected \`inputs["${input}"]\` to be ${multiple} of shape ` +
          `[${shape.join(", ")}]${given.join("")}, got ${length}`,
      );
    }
    sizes[names.indexOf(dimension)] = size;
    sources.set(dimension, input);
  }
  for (const [input, shape] of shapes) {
    const expected = sizeOf(sizedShape(shape, names, sizes));
    const { length } = arrays[input];
    if (length === expected) continue;
    const given = freeNames([shape]).map(
      (name) => `, ${name} = ${sizes[names.indexOf(name)]} as in inputs["${sources.get(name)}"]`,
    );
    throw new RangeError(
      `Compiled.run: expected \`inputs["${input}"]\` to be ${expected} elements of shape ` +
        `[${shape.join(", ")}]${given.join("")}, got ${length}`,
    );
  }
  return sizes;
}
