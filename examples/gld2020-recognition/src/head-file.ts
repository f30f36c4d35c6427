import { open } from "node:fs/promises";
import { UserError } from "@lmk-example/kit";
import { headName } from "./network.ts";

/** The head of a network on disk, to be closed again: of 81,313 classes it takes half a gigabyte. */
export interface HeadFile extends AsyncDisposable {
  readonly classes: number;
  /** Numbers in a row. */
  readonly dimension: number;
  /** The centers of the classes from `first` to before `end`, class by class: `classCenters` rows each. */
  readonly read: (first: number, end: number) => Promise<Float32Array>;
}

/** Centers of each class. */
export const classCenters = 3;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Opens the head in a file of `writeWeights`, of which only what is asked for is read.
 *
 * @throws {UserError} if there is no head of float32 numbers in it.
 */
export async function openHead(path: string): Promise<HeadFile> {
  const file = await open(path);
  try {
    const length = Number((await bytesAt(8, 0)).readBigUInt64LE());
    const header = JSON.parse((await bytesAt(length, 8)).toString("utf8")) as Record<string, Entry>;
    const entry = header[headName];
    const [rows = 0, dimension = 0] = entry?.shape ?? [];
    if (entry === undefined || entry.dtype !== "F32" || rows % classCenters !== 0) {
      const got = entry === undefined ? "none" : `${entry.dtype} of shape [${entry.shape}]`;
      throw new UserError(
        `${path}: expected a head of float32 numbers with ${classCenters} rows a class, got ${got}; train the network again`,
      );
    }
    const start = 8 + length + entry.data_offsets[0];
    const classBytes = 4 * classCenters * dimension;
    return {
      classes: rows / classCenters,
      dimension,
      async read(first, end) {
        const bytes = await bytesAt((end - first) * classBytes, start + first * classBytes);
        return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }

  async function bytesAt(length: number, position: number): Promise<Buffer> {
    // A buffer of its own, so that its numbers are aligned.
    const buffer = Buffer.from(new ArrayBuffer(length));
    const { bytesRead } = await file.read(buffer, 0, length, position);
    if (bytesRead === length) return buffer;
    throw new UserError(
      `${path}: expected ${length} bytes from ${position}, got ${bytesRead}; train the network again`,
    );
  }
}
