import type { Embeddings } from "../matrix.ts";
import { takeTurns } from "./crew.ts";
import { copyOf } from "./search-threads.ts";

/** Bytes copied at a time, between which others get their turn. */
const copiedBytes = 8 * 1024 * 1024;

/**
 * Queries as they are sent to threads: a copy in shared memory, one for all threads, or a plain copy where there is no
 * such memory. Either holds the queries alone, whatever larger buffer they are a view of.
 */
export async function shareQueries(queries: Embeddings): Promise<Embeddings> {
  if (typeof SharedArrayBuffer === "undefined") return copyOf(queries);
  const { data } = queries;
  const shared = new SharedArrayBuffer(data.byteLength);
  const scaled = copyOf(queries, viewLike(data, shared));
  // By numbers: an array of bytes holds at most 4 GiB of them.
  const step = copiedBytes / data.BYTES_PER_ELEMENT;
  for (let at = 0; at < data.length; at += step) {
    if (at > 0) await takeTurns();
    scaled.data.set(data.subarray(at, at + step), at);
  }
  return scaled;
}

/** The buffer as an array of the kind that `data` is. */
function viewLike(data: Embeddings["data"], buffer: SharedArrayBuffer): Embeddings["data"] {
  if (data instanceof Float32Array) return new Float32Array(buffer);
  return data instanceof Uint16Array ? new Uint16Array(buffer) : new Int8Array(buffer);
}
