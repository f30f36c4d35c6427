import { type FileHandle, open, rename, rm } from "node:fs/promises";
import type { NamedArray, NamedArrays } from "./parameters.ts";
import { TrainingError } from "./training-error.ts";

/** A weights file as read. */
export interface SafetensorsFile {
  /** Every tensor, as float32. */
  readonly arrays: NamedArrays;
  /** The file's own notes. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Options of {@link writeSafetensors}. */
export interface WriteSafetensorsOptions {
  /**
   * Notes kept in the file's header.
   *
   * @defaultValue none
   */
  readonly metadata?: Readonly<Record<string, string>>;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const bytesPerValue: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4 };

/**
 * Writes float32 arrays as a `.safetensors` file, so that a reader sees the whole file or none.
 *
 * The file is written beside its destination, flushed to the disk and renamed.
 *
 * @param path - Where the file shall be; an existing one is replaced.
 * @throws RangeError if a shape and its data differ in size, or a name is `__metadata__`.
 *
 * @see {@link https://huggingface.co/docs/safetensors | The format}: an 8-byte little-endian header length, a JSON header,
 * the values
 */
export async function writeSafetensors(
  path: string,
  arrays: NamedArrays,
  options: WriteSafetensorsOptions = {},
): Promise<void> {
  const header = headerOf(arrays, options.metadata ?? {});
  const part = `${path}.part`;
  const file = await open(part, "w");
  try {
    await file.writeFile(header);
    for (const { data } of Object.values(arrays)) {
      await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(part, { force: true });
    throw error;
  }
  await file.close();
  await rename(part, path);
}

function headerOf(arrays: NamedArrays, metadata: Readonly<Record<string, string>>): Uint8Array {
  const entries: Record<string, unknown> =
    Object.keys(metadata).length === 0 ? {} : { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    if (name === "__metadata__")
      throw new RangeError("writeSafetensors: expected `arrays` without the name __metadata__, got it");
    if (sizeOf(shape) !== data.length) {
      throw new RangeError(
        `writeSafetensors: expected \`${name}\` of shape [${shape}] to have ${sizeOf(shape)} values, got ${data.length}`,
      );
    }
    entries[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(entries));
  const padded = Math.ceil(json.length / 8) * 8;
  const header = Buffer.alloc(8 + padded, " ");
  header.writeBigUInt64LE(BigInt(padded), 0);
  json.copy(header, 8);
  return header;
}

/**
 * Reads a `.safetensors` file.
 *
 * F16, BF16 and F64 become float32. I32 and I64 do too where float32 holds them exactly, so that PyTorch's
 * `num_batches_tracked` does not stand in the way.
 *
 * @throws TrainingError `truncated` if the file is shorter or longer than its header says, `bad-header` if the header is
 * no valid JSON of tensors, `unsupported-dtype` for another type or an integer beyond 2²⁴.
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size < 8) throw new TrainingError("truncated", `${path}: expected at least 8 bytes, got ${size}`);
    const headerLength = Number((await bytesAt(path, file, 0, 8)).readBigUInt64LE());
    if (headerLength > size - 8) {
      throw new TrainingError(
        "truncated",
        `${path}: expected a header of ${headerLength} bytes, got ${size - 8}`,
      );
    }
    const start = 8 + headerLength;
    const header = await bytesAt(path, file, 8, headerLength);
    const { entries, metadata } = parseHeader(path, header.toString("utf8"));
    const end = entries.reduce((most, [, entry]) => Math.max(most, entry.data_offsets[1]), 0);
    if (end !== size - start) {
      throw new TrainingError("truncated", `${path}: expected ${end} bytes of values, got ${size - start}`);
    }
    requireContiguous(path, entries);
    const arrays: [string, NamedArray][] = [];
    for (const [name, { shape, dtype, data_offsets: offsets }] of entries) {
      const bytes = await bytesAt(path, file, start + offsets[0], offsets[1] - offsets[0]);
      arrays.push([name, { shape, data: toFloat32(path, name, dtype, bytes.buffer) }]);
    }
    return { arrays: Object.fromEntries(arrays), metadata };
  } finally {
    await file.close();
  }
}

/** Bytes of a file in a buffer of their own; one read takes less than 2 GiB. */
async function bytesAt(
  path: string,
  file: FileHandle,
  from: number,
  length: number,
): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.from(new ArrayBuffer(length));
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, Math.min(length - at, 2 ** 30), from + at);
    if (bytesRead === 0)
      throw new TrainingError("truncated", `${path}: expected ${from + length} bytes, got ${from + at}`);
    at += bytesRead;
  }
  return bytes;
}

function parseHeader(
  path: string,
  text: string,
): { entries: [string, Entry][]; metadata: Record<string, string> } {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new TrainingError(
      "bad-header",
      `${path}: expected a JSON header, got ${JSON.stringify(text.slice(0, 40))}`,
      { cause },
    );
  }
  if (!isRecord(header))
    throw new TrainingError(
      "bad-header",
      `${path}: expected a JSON object as header, got ${text.slice(0, 40)}`,
    );
  const { __metadata__: metadata = {}, ...tensors } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    throw new TrainingError(
      "bad-header",
      `${path}: expected \`__metadata__\` to hold strings, got ${JSON.stringify(metadata)}`,
    );
  }
  for (const [name, value] of Object.entries(tensors)) requireEntry(path, name, value);
  return {
    entries: Object.entries(tensors) as [string, Entry][],
    metadata: metadata as Record<string, string>,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Refuses tensors that share bytes or leave some to none, as the format does. */
function requireContiguous(path: string, entries: readonly [string, Entry][]): void {
  const sorted = [...entries].sort(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  let at = 0;
  for (const [name, { data_offsets: offsets }] of sorted) {
    if (offsets[0] !== at) {
      throw new TrainingError(
        "bad-header",
        `${path}: expected \`${name}\` to begin at byte ${at}, got ${offsets[0]}`,
      );
    }
    at = offsets[1];
  }
}

function requireEntry(path: string, name: string, value: unknown): void {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<Entry>;
  const wellFormed =
    typeof dtype === "string" &&
    Array.isArray(shape) &&
    shape.every((side) => Number.isInteger(side) && side >= 0) &&
    Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every((offset) => Number.isInteger(offset) && offset >= 0);
  if (!wellFormed) {
    throw new TrainingError(
      "bad-header",
      `${path}: expected \`${name}\` to have dtype, shape and data_offsets, got ${JSON.stringify(value)}`,
    );
  }
  const size = bytesPerValue[dtype];
  if (size === undefined) {
    throw new TrainingError(
      "unsupported-dtype",
      `${path}: expected \`${name}\` to be one of ${Object.keys(bytesPerValue).join(", ")}, got ${dtype}`,
    );
  }
  const bytes = offsets[1]! - offsets[0]!;
  if (bytes !== sizeOf(shape) * size) {
    throw new TrainingError(
      "bad-header",
      `${path}: expected \`${name}\` of shape [${shape}] to take ${sizeOf(shape) * size} bytes, got ${bytes}`,
    );
  }
}

function toFloat32(path: string, name: string, dtype: string, bytes: ArrayBuffer): Float32Array {
  if (dtype === "F32") return new Float32Array(bytes);
  if (dtype === "F64") return Float32Array.from(new Float64Array(bytes));
  if (dtype === "F16") return Float32Array.from(new Uint16Array(bytes), halfToNumber);
  if (dtype === "BF16")
    return new Float32Array(Uint32Array.from(new Uint16Array(bytes), (bits) => bits << 16).buffer);
  const integers =
    dtype === "I64" ? Array.from(new BigInt64Array(bytes), Number) : Array.from(new Int32Array(bytes));
  if (integers.some((value) => Math.abs(value) > 2 ** 24)) {
    throw new TrainingError(
      "unsupported-dtype",
      `${path}: expected the integers of \`${name}\` to be at most 2^24, got larger ones`,
    );
  }
  return Float32Array.from(integers);
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
