/** The memory of all typed arrays in a value of plain objects and arrays, each once. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  collect(value, found);
  return [...found];
}

function collect(value: unknown, found: Set<ArrayBuffer>): void {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) collect(member, found);
  }
}

/** Arrays at least this large are put into shared memory, once for all threads. */
const worthSharing = 65_536;

/**
 * Copies inputs into memory that threads share, where there is such memory; each array once, however often it occurs
 * in the inputs of one call, so a method must not write to what it has given. Copies go when their arrays go.
 */
export function createSharing(): (input: object) => object {
  if (typeof SharedArrayBuffer === "undefined") return (input) => input;
  const copies = new WeakMap<object, unknown>();
  const share = (value: unknown): unknown => {
    if (ArrayBuffer.isView(value)) {
      const copy = copies.get(value) ?? shareView(value as Float32Array);
      copies.set(value, copy);
      return copy;
    }
    if (Array.isArray(value)) return value.map(share);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, share(member)]));
  };
  return (input) => share(input) as object;
}

function shareView(view: Float32Array): Float32Array {
  const { buffer, byteLength } = view;
  if (buffer instanceof SharedArrayBuffer) return view;
  const Kind = view.constructor as typeof Float32Array;
  // Of a part of a larger buffer, a small copy of its own: threads would be sent all of it.
  if (byteLength < worthSharing) return byteLength === buffer.byteLength ? view : Kind.from(view);
  const copy = new Kind(new SharedArrayBuffer(byteLength) as unknown as ArrayBuffer);
  copy.set(view);
  return copy;
}
