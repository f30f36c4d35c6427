import { requirePositiveInteger } from "../require.ts";
import { type Dimension, freeNames, inferenceOrder } from "./sizes.ts";

type Shapes = ReadonlyMap<string, { readonly shape: readonly Dimension[] }>;

/** Throws unless every dimension is an integer above zero or a name. */
export function requireFreeShape(caller: string, argument: string, shape: readonly Dimension[]): void {
  const fine = (dimension: unknown) =>
    typeof dimension === "string"
      ? /^[A-Za-z_]\w*$/.test(dimension)
      : Number.isInteger(dimension) && (dimension as number) > 0;
  if (Array.isArray(shape) && shape.every(fine)) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be a list of positive integers or names of letters, digits and _, got ${JSON.stringify(shape)}`,
  );
}

/** Throws unless the lengths of the inputs tell every free dimension. */
export function requireInferable(inputs: Shapes): void {
  const shapes = new Map([...inputs].map(([name, { shape }]) => [name, shape]));
  if (inferenceOrder(shapes) !== undefined) return;
  const listed = freeNames(shapes.values())
    .map((name) => `"${name}"`)
    .join(", ");
  throw new RangeError(
    "compile: expected `signature.inputs` to have shapes whose lengths tell each free dimension, got " +
      `${listed} only side by side; add an input in which one of them stands alone`,
  );
}

/** The typical sizes by name; throws if one is no positive integer or belongs to no free dimension. */
export function requireTypical(
  dimensions: Readonly<Record<string, { readonly typical?: number }>> | undefined,
  inputs: Shapes,
): Map<string, number> {
  const names = freeNames([...inputs.values()].map(({ shape }) => shape));
  const sizes = new Map<string, number>();
  for (const [name, { typical }] of Object.entries(dimensions ?? {})) {
    if (!names.includes(name)) {
      const listed = names.map((known) => `"${known}"`).join(" or ") || "no entries";
      throw new RangeError(
        `compile: expected \`signature.dimensions\` to name free dimensions of the inputs, ${listed}, got "${name}"`,
      );
    }
    if (typical === undefined) continue;
    requirePositiveInteger("compile", `signature.dimensions["${name}"].typical`, typical);
    sizes.set(name, typical);
  }
  return sizes;
}
