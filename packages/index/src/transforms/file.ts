import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { IndexFileError, type IndexFileErrorCode } from "../file-error.ts";
import { fromLittleEndian, littleEndianBytes } from "../files/little-endian.ts";
import { writeWhenComplete } from "../files/partial-file.ts";
import { readExactly } from "../files/read-exactly.ts";
import { requireTransform, stepsOf, type Transform, type TransformStep } from "./transform.ts";

// A transform file, all numbers little-endian:
//   8 bytes       the letters below
//   4 bytes       version
//   4 bytes       length of the header
//   8 bytes       length of the file, as float64
//   header        JSON: an array of steps; "matrix" and "offset" are counts of numbers
//   8 bytes each  those numbers, float64, in the order of the steps, matrix before offset
//   32 bytes      SHA-256 of all before
const magic = "LMKtrans";
const version = 1;
const preambleBytes = 24;
const checksumBytes = 32;

/** A step as the header tells it. */
type StepHeader = {
  readonly [Field in
    | "kind"
    | "inputColumns"
    | "outputColumns"
    | "matrix"
    | "offset"
    | "exponent"
    | "columns"]?: unknown;
};

/**
 * Writes a transform to a file: magic, version, steps, numbers in double precision, checksum.
 *
 * The file appears under its name only when it is complete and flushed. An existing file is replaced.
 *
 * @param path - The file; its folder must exist.
 * @param transform - One step or a chain.
 * @throws RangeError or TypeError if the transform is not valid, and the file system's errors.
 *
 * @example
 * ```ts
 * import { loadTransform, randomRotation, saveTransform } from "@lmk/index/transforms";
 *
 * await saveTransform("rotation.transform", randomRotation(16, { seed: 1 }));
 * console.log((await loadTransform("rotation.transform")).kind); // => linear
 * ```
 */
export async function saveTransform(path: string, transform: Transform): Promise<void> {
  requireTransform("saveTransform", "transform", transform);
  const steps = stepsOf(transform);
  const header = new TextEncoder().encode(
    JSON.stringify(
      steps.map((step) => ({
        ...step,
        ...("matrix" in step ? { matrix: step.matrix.length } : {}),
        ...("offset" in step ? { offset: step.offset.length } : {}),
      })),
    ),
  );
  const arrays = steps.flatMap((step) => [
    ...("matrix" in step ? [step.matrix] : []),
    ...("offset" in step ? [step.offset] : []),
  ]);
  const numbers = arrays.reduce((sum, array) => sum + array.byteLength, 0);
  const preamble = new Uint8Array(preambleBytes);
  preamble.set(new TextEncoder().encode(magic));
  const view = new DataView(preamble.buffer);
  view.setUint32(8, version, true);
  view.setUint32(12, header.length, true);
  view.setFloat64(16, preambleBytes + header.length + numbers + checksumBytes, true);

  await writeWhenComplete(path, async (file) => {
    const hash = createHash("sha256");
    for (const bytes of [preamble, header, ...arrays.map(littleEndianBytes)]) {
      hash.update(bytes);
      await file.write(bytes);
    }
    await file.write(hash.digest());
  });
}

/**
 * Reads a transform that {@link saveTransform} wrote, with the same numbers.
 *
 * @param path - The file.
 * @returns One step, or a chain where the file holds several or none.
 * @throws IndexFileError if the file is of another format or a newer version, is cut off, too long or changed; and the
 * file system's errors.
 *
 * @example
 * ```ts
 * import { loadTransform, saveTransform } from "@lmk/index/transforms";
 *
 * await saveTransform("root.transform", { kind: "power", exponent: 0.5 });
 * console.log(await loadTransform("root.transform")); // => { kind: 'power', exponent: 0.5 }
 * ```
 */
export async function loadTransform(path: string): Promise<Transform> {
  const bytes = await readWhole(path);
  const shortest = preambleBytes + checksumBytes;
  const start = new TextDecoder().decode(bytes.subarray(0, magic.length));
  if (start !== magic)
    throw fileError(path, `to start with "${magic}"`, JSON.stringify(start), "not-this-format");
  if (bytes.length < shortest) {
    throw fileError(path, `to have at least ${shortest} bytes`, `${bytes.length}`, "wrong-size");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = view.getUint32(8, true);
  if (found !== version)
    throw fileError(path, `to be of version ${version}`, `${found}`, "unsupported-version");
  const size = view.getFloat64(16, true);
  if (size !== bytes.length) throw fileError(path, `to have ${size} bytes`, `${bytes.length}`, "wrong-size");

  const body = bytes.subarray(0, bytes.length - checksumBytes);
  const written = Buffer.from(bytes.subarray(body.length)).toString("hex");
  const sum = createHash("sha256").update(body).digest("hex");
  if (sum !== written) throw fileError(path, `to have the checksum ${written}`, sum, "wrong-checksum");

  const headerEnd = preambleBytes + view.getUint32(12, true);
  const headers = parseHeader(path, body.subarray(preambleBytes, headerEnd));
  const steps = readSteps(path, headers, body.subarray(headerEnd));
  const transform: Transform = steps.length === 1 ? steps[0]! : { kind: "chain", steps };
  try {
    requireTransform("loadTransform", "transform", transform);
  } catch (cause) {
    throw fileError(path, "to hold a valid transform", (cause as Error).message, "bad-header", { cause });
  }
  return transform;
}

async function readWhole(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(size);
    await readExactly("loadTransform", { handle, path }, 0, bytes);
    return bytes;
  } finally {
    await handle.close();
  }
}

function parseHeader(path: string, bytes: Uint8Array): readonly StepHeader[] {
  const text = new TextDecoder().decode(bytes);
  let steps: unknown;
  try {
    steps = JSON.parse(text);
  } catch (cause) {
    throw fileError(path, "to have a header in JSON", text.slice(0, 80), "bad-header", { cause });
  }
  const isList = Array.isArray(steps) && steps.every((step) => typeof step === "object" && step !== null);
  if (!isList) throw fileError(path, "to have a list of steps", text.slice(0, 80), "bad-header");
  return steps as readonly StepHeader[];
}

function readSteps(path: string, headers: readonly StepHeader[], bytes: Uint8Array): TransformStep[] {
  const counts = headers.flatMap(({ matrix, offset }) => [matrix ?? 0, offset ?? 0]);
  const total = counts.reduce<number>((sum, count) => sum + (count as number), 0);
  if (
    !counts.every((count) => Number.isSafeInteger(count) && (count as number) >= 0) ||
    bytes.length !== total * 8
  ) {
    throw fileError(path, `to hold ${total} numbers`, `${bytes.length / 8}`, "bad-header");
  }
  let at = 0;
  const take = (count: unknown): Float64Array => {
    const end = at + (count as number) * 8;
    const numbers = new Float64Array(bytes.slice(at, end).buffer);
    fromLittleEndian(numbers);
    at = end;
    return numbers;
  };
  return headers.map(
    ({ matrix, offset, ...rest }) =>
      ({
        ...rest,
        ...(matrix === undefined ? {} : { matrix: take(matrix) }),
        ...(offset === undefined ? {} : { offset: take(offset) }),
      }) as TransformStep,
  );
}

function fileError(
  path: string,
  expected: string,
  got: string,
  code: IndexFileErrorCode,
  options: ErrorOptions = {},
): IndexFileError {
  return new IndexFileError(`loadTransform: expected ${path} ${expected}, got ${got}`, code, path, options);
}
