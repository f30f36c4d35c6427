import { TextDecoder } from "node:util";
import type { ByteSource } from "./byte-source.ts";
import { shown, unexpected } from "./checkpoint-error.ts";
import { bytesPerElement, type ElementType } from "./element-types.ts";
import { bareRecord, type RawCheckpoint } from "./raw-checkpoint.ts";
import { rowMajor, type StoredArray, sizeOf, type UnreadableArray } from "./stored-array.ts";

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** The format's own limit. */
const longestHeader = 100_000_000;

/** Types of the format without a float32 form here, and their bytes; such arrays are skipped. */
const otherTypes: Readonly<Record<string, number>> = {
  U16: 2,
  U32: 4,
  U64: 8,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E4M3FNUZ: 1,
  F8_E5M2FNUZ: 1,
  F8_E8M0: 1,
  F6_E2M3: 0.75,
  F6_E3M2: 0.75,
  F4: 0.5,
  C64: 8,
};

/** Reads a `.safetensors` file's header; arrays must cover the rest of the file without gap or overlap. */
export async function readSafetensors(source: ByteSource): Promise<RawCheckpoint> {
  const { label } = source;
  const head = await source.read(0, 8, "the header's length");
  const declared = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(Math.min(longestHeader, source.size - 8))) {
    const most = Math.min(longestHeader, source.size - 8);
    throw unexpected("truncated", label, `a header of at most ${most} bytes`, declared);
  }
  const length = Number(declared);
  const { metadata, tensors } = parseHeader(label, await source.read(8, length, "the header"));
  for (const [name, entry] of tensors) requireEntry(label, name, entry);
  const checked = tensors as readonly (readonly [string, Entry])[];
  requireContiguous(label, checked, source.size - 8 - length);
  const entries = checked.map(([name, entry]) => [name, viewOf(source, name, entry, 8 + length)] as const);
  return {
    format: "safetensors",
    entries,
    metadata: bareRecord(Object.entries(metadata)),
    values: bareRecord([]),
    externalBytes: 0,
  };
}

function parseHeader(
  label: string,
  bytes: Uint8Array,
): { metadata: Record<string, string>; tensors: [string, unknown][] } {
  const text = decode(label, bytes);
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw unexpected("bad-header", label, "a header in JSON", JSON.stringify(text.slice(0, 40)), cause);
  }
  if (!isRecord(header)) throw unexpected("bad-header", label, "a JSON object as header", text.slice(0, 40));
  const metadata = Object.hasOwn(header, "__metadata__") ? header.__metadata__ : {};
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    throw unexpected("bad-header", label, "`__metadata__` to hold strings", beginning(metadata));
  }
  return {
    metadata: metadata as Record<string, string>,
    tensors: Object.entries(header).filter(([name]) => name !== "__metadata__"),
  };
}

function decode(label: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw unexpected("bad-header", label, "a header in UTF-8", "other bytes", cause);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function requireEntry(label: string, name: string, value: unknown): void {
  const where = `${label}: ${shown(name)}`;
  const { dtype, shape, data_offsets: offsets } = (isRecord(value) ? value : {}) as Partial<Entry>;
  const wellFormed =
    typeof dtype === "string" &&
    isSizes(shape) &&
    shape.length <= 16 &&
    isSizes(offsets) &&
    offsets.length === 2;
  if (!wellFormed) {
    throw unexpected("bad-header", where, "dtype, shape and data_offsets", beginning(value));
  }
  const size = Object.hasOwn(bytesPerElement, dtype)
    ? bytesPerElement[dtype as ElementType]
    : otherTypes[dtype];
  if (typeof size !== "number") {
    throw unexpected("unsupported-dtype", where, "a known dtype", shown(dtype));
  }
  const needed = sizeOf(shape) * size;
  const bytes = offsets[1]! - offsets[0]!;
  if (bytes !== needed) {
    throw unexpected("bad-header", where, `${needed} bytes for ${dtype} of shape [${shape}]`, bytes);
  }
}

/** The beginning of a value's JSON; a value may be nested too deep to be written. */
function beginning(value: unknown): string {
  try {
    return JSON.stringify(value).slice(0, 80);
  } catch {
    return "a value of great depth";
  }
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && side >= 0);
}

/** Refuses arrays that share bytes or leave some to none, as the format does. */
function requireContiguous(
  label: string,
  entries: readonly (readonly [string, Entry])[],
  size: number,
): void {
  const sorted = [...entries].sort(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  let at = 0;
  for (const [name, { data_offsets: offsets }] of sorted) {
    if (offsets[0] !== at) {
      throw unexpected("bad-header", `${label}: ${shown(name)}`, `a beginning at byte ${at}`, offsets[0]);
    }
    at = offsets[1];
  }
  if (at !== size)
    throw unexpected(at > size ? "truncated" : "bad-header", label, `${at} bytes of values`, size);
}

function viewOf(
  source: ByteSource,
  name: string,
  { dtype, shape, data_offsets: [start, end] }: Entry,
  base: number,
): StoredArray | UnreadableArray {
  if (!Object.hasOwn(bytesPerElement, dtype)) return { type: dtype };
  const storage = {
    name: shown(name),
    type: dtype as ElementType,
    length: sizeOf(shape),
    littleEndian: true,
    load: async () => ({
      bytes: await source.read(base + start, end - start, shown(name)),
      owned: source.owned,
    }),
  };
  return { storage, offset: 0, shape, strides: rowMajor(shape) };
}
