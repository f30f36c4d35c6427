/** Puts parts one behind the other; of no parts there is no result. */
export function joinNumbers<Numbers extends Int32Array | Float32Array | Float64Array>(
  parts: readonly Numbers[],
): Numbers {
  if (parts.length === 1) return parts[0]!;
  const joined = new (parts[0]!.constructor as new (length: number) => Numbers)(
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
