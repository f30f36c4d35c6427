import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { createRandom } from "../measure/random.ts";

/** The class rows of a head. */
export interface HeadShape {
  readonly classes: number;
  /** Rows of a class; 1 is ArcFace, more is its sub-center form. */
  readonly subCenters: number;
  /** Length of an embedding. */
  readonly dimension: number;
}

/** A classifier whose training step is timed. */
export interface HeadTask extends HeadShape {
  /** The share of the classes that take part in a step; 1 is all of them. */
  readonly share: number;
  readonly batch: number;
  readonly scale: number;
  /** Radians. */
  readonly margin: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Raw values that all sides start from: class rows, embeddings, labels. */
  readonly file: string;
}

/** What a step is given. */
export interface HeadData {
  readonly rows: Float32Array;
  readonly embeddings: Float32Array;
  readonly labels: Int32Array;
}

/** Writes seeded values for a task into its file. */
export function writeHeadData({ classes, subCenters, dimension, batch, file }: HeadTask): void {
  const random = createRandom(1);
  const bound = Math.sqrt(6 / (classes + dimension));
  const out = openSync(file, "w");
  const chunk = new Float32Array(1 << 20);
  for (let left = classes * subCenters * dimension; left > 0; left -= chunk.length) {
    const part = chunk.subarray(0, Math.min(left, chunk.length));
    for (let i = 0; i < part.length; i++) part[i] = (2 * random() - 1) * bound;
    writeSync(out, part);
  }
  writeSync(
    out,
    Float32Array.from({ length: batch * dimension }, () => 2 * random() - 1),
  );
  writeSync(
    out,
    Int32Array.from({ length: batch }, () => Math.floor(random() * classes)),
  );
  closeSync(out);
}

/** Reads what {@link writeHeadData} wrote. */
export function readHeadData({ classes, subCenters, dimension, batch, file }: HeadTask): HeadData {
  const rows = new Float32Array(classes * subCenters * dimension);
  const embeddings = new Float32Array(batch * dimension);
  const labels = new Int32Array(batch);
  const input = openSync(file, "r");
  for (const { buffer } of [rows, embeddings, labels]) {
    for (let at = 0; at < buffer.byteLength; ) {
      const length = Math.min(1 << 28, buffer.byteLength - at);
      at += readSync(input, new Uint8Array(buffer, at, length));
    }
  }
  closeSync(input);
  return { rows, embeddings, labels };
}
