import type { Size } from "../images/pixels.ts";
import { requirePositiveInteger } from "../require.ts";
import type { Matrix } from "./rows.ts";

/** Images of one size, normalized, and how many. */
export interface PreparedImages {
  /** Images × height × width × RGB; there may be more of it than the images need. */
  readonly data: Float32Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** Turns images of one size into rows of embeddings. */
export interface Engine {
  /** Length of an embedding, where it is known before the first run. */
  readonly dimension: number | undefined;
  /** The only size of images that can be run, if there is but one. */
  readonly size: Size | undefined;
  /** Images that are run together, if their number is fixed. */
  readonly batch: number | undefined;
  /** @param caller - Who messages come from. */
  run(caller: string, images: PreparedImages): Promise<Matrix>;
  dispose(): Promise<void>;
}

/** A network that runs one batch, of exactly `batch` images where that is fixed. */
export interface Network extends Omit<Engine, "run"> {
  /**
   * @param caller - Who messages come from.
   * @returns A row of values for each image of the batch.
   */
  runBatch(caller: string, images: PreparedImages): Promise<Float32Array>;
}

/**
 * Makes an engine of a network: cuts images into batches of the fixed length, the last one filled up with zeros; runs one
 * call after the other, since compiled functions are disposed between them; and refuses calls after it is disposed.
 */
export function createEngine(network: Network): Engine {
  let last: Promise<unknown> = Promise.resolve();
  let disposed: Promise<void> | undefined;
  const afterOthers = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  return {
    dimension: network.dimension,
    size: network.size,
    batch: network.batch,
    async run(caller, images) {
      if (disposed) {
        throw new RangeError(`${caller}: expected the embedder to be in use, got a disposed one`);
      }
      requirePrepared(caller, images, network.size);
      if (images.count === 0) return { data: new Float32Array(), rows: 0, columns: network.dimension ?? 0 };
      return afterOthers(() => runBatches(caller, network, images));
    },
    dispose: () => (disposed ??= afterOthers(() => network.dispose())),
  };
}

function requirePrepared(
  caller: string,
  { data, count, height, width }: PreparedImages,
  size: Size | undefined,
): void {
  if (!(Number.isInteger(count) && count >= 0)) {
    throw new RangeError(`${caller}: expected \`count\` to be a whole number of at least 0, got ${count}`);
  }
  requirePositiveInteger(caller, "height", height);
  requirePositiveInteger(caller, "width", width);
  const needed = count * height * width * 3;
  if (!(data.length >= needed)) {
    throw new RangeError(
      `${caller}: expected \`data\` to hold ${count} × ${height} × ${width} × 3 values, got ${data.length}`,
    );
  }
  if (size === undefined || (size.width === width && size.height === height)) return;
  throw new RangeError(
    `${caller}: expected images of the network's ${size.width} × ${size.height} pixels, got ${width} × ${height}`,
  );
}

async function runBatches(
  caller: string,
  network: Network,
  { data, count, height, width }: PreparedImages,
): Promise<Matrix> {
  const size = height * width * 3;
  const batch = network.batch ?? count;
  const parts: Float32Array[] = [];
  for (let first = 0; first < count; first += batch) {
    const end = (first + batch) * size;
    let part = data.subarray(first * size, end);
    if (data.length < end) {
      part = new Float32Array(batch * size);
      part.set(data.subarray(first * size, count * size));
    }
    const values = await network.runBatch(caller, { data: part, count: batch, height, width });
    const columns = values.length / batch;
    parts.push(values.subarray(0, Math.min(batch, count - first) * columns));
  }
  const all = parts.length === 1 ? parts[0]! : concatenated(parts);
  return { data: all, rows: count, columns: all.length / count };
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
