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
 * in the inputs of one call.
 */
export function createSharing(): (input: object) => object {
  if (typeof SharedArrayBuffer === "undefined") return (input) => input;
  const copies = new Map<ArrayBufferLike, SharedArrayBuffer>();
  const share = (value: unknown): unknown => {
    if (ArrayBuffer.isView(value)) return shareView(value as Float32Array, copies);
    if (Array.isArray(value)) return value.map(share);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, share(member)]));
  };
  return (input) => share(input) as object;
}

function shareView(view: Float32Array, copies: Map<ArrayBufferLike, SharedArrayBuffer>): unknown {
  if (view.buffer instanceof SharedArrayBuffer) return view;
  const Kind = view.constructor as typeof Float32Array;
  // Of a part of a larger buffer, a small copy of its own: threads would be sent all of it.
  if (view.byteLength < worthSharing) return view.byteLength === view.buffer.byteLength ? view : view.slice();
  let copy = copies.get(view.buffer);
  if (view.byteLength !== view.buffer.byteLength || copy === undefined) {
    copy = new SharedArrayBuffer(view.byteLength);
    new Kind(copy as unknown as ArrayBuffer).set(view);
    if (view.byteLength === view.buffer.byteLength) copies.set(view.buffer, copy);
  }
  return new Kind(copy as unknown as ArrayBuffer);
}
