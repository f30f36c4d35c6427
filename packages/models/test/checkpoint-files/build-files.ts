import { deflateRawSync } from "node:zlib";
import { BinaryWriter } from "@bufbuild/protobuf/wire";

/** Bytes of several parts; a string is Latin-1. */
export function bytes(...parts: readonly (string | number | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === "number") return Buffer.of(part);
      return typeof part === "string" ? Buffer.from(part, "latin1") : part;
    }),
  );
}

/** A number in so many little-endian bytes. */
export function little(value: number | bigint, size: number): Buffer {
  const whole = Buffer.alloc(8);
  whole.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return whole.subarray(0, size);
}

/** Opcodes of pickles, as text in Latin-1. */
export const op = {
  proto2: "\x80\x02",
  proto4: "\x80\x04",
  stop: ".",
  none: "N",
  mark: "(",
  tuple: "t",
  reduce: "R",
  build: "b",
  persistentId: "Q",
  emptyDict: "}",
  emptyList: "]",
  emptyTuple: ")",
  stackGlobal: "\x93",
  memoize: "\x94",
  setItems: "u",
  newObject: "\x81",
} as const;

/** GLOBAL. */
export function global(module: string, name: string): string {
  return `c${module}\n${name}\n`;
}

/** BINUNICODE. */
export function text(value: string): Buffer {
  const content = Buffer.from(value);
  return bytes("X", little(content.length, 4), content);
}

/** BININT, or LONG1 for large numbers. */
export function integer(value: number | bigint): Buffer {
  const small = typeof value === "number" && value === (value | 0);
  return small ? bytes("J", little(value, 4)) : bytes(0x8a, 8, little(value, 8));
}

/** How a tensor of float32 is pickled, which a test may bend. */
export interface PickledTensor {
  readonly storageClass?: string;
  readonly key?: string;
  readonly kind?: string;
  readonly length?: number | bigint;
  readonly offset?: number | bigint;
  readonly shape?: readonly (number | bigint)[];
  readonly strides?: readonly (number | bigint)[];
  /** A further value in the storage's id, as the format before 1.6 has it. */
  readonly legacy?: boolean;
}

function tuple(values: readonly (number | bigint)[]): Buffer {
  return bytes(op.mark, ...values.map(integer), op.tuple);
}

/** The operations that leave a tensor on the stack. */
export function tensor(options: PickledTensor = {}): Buffer {
  const {
    storageClass = "FloatStorage",
    key = "0",
    kind = "storage",
    length = 4,
    offset = 0,
    shape = [2, 2],
    strides = [2, 1],
    legacy = false,
  } = options;
  const id = bytes(
    bytes(op.mark, text(kind), global("torch", storageClass), text(key), text("cpu"), integer(length)),
    legacy ? op.none : "",
    bytes(op.tuple, op.persistentId),
  );
  return bytes(
    bytes(
      global("torch._utils", "_rebuild_tensor_v2"),
      op.mark,
      id,
      integer(offset),
      tuple(shape),
      tuple(strides),
    ),
    bytes("\x89", global("collections", "OrderedDict"), op.emptyTuple, op.reduce, op.tuple, op.reduce),
  );
}

/** A pickle of a dictionary of values that are given as operations. */
export function pickledDict(items: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const pairs = Object.entries(items).flatMap(([name, value]) => [text(name), value]);
  return bytes(op.proto2, op.emptyDict, op.mark, ...pairs, op.setItems, op.stop);
}

/** One entry of a zip file, which a test may bend. */
export interface ZipPart {
  readonly name: string;
  readonly content: Uint8Array;
  readonly deflate?: boolean;
  readonly crc?: number;
  readonly declared?: number;
  readonly offset?: number;
  readonly localName?: string;
  readonly flags?: number;
  readonly method?: number;
}

/** A zip file of the entries. */
export function zip(parts: readonly ZipPart[]): Buffer {
  const files: Buffer[] = [];
  const records: Buffer[] = [];
  let position = 0;
  for (const part of parts) {
    const { name, content, deflate = false, flags = 0x800, localName = name } = part;
    const stored = deflate ? deflateRawSync(content) : content;
    const common = (length: number) =>
      bytes(
        bytes(little(20, 2), little(flags, 2), little(part.method ?? (deflate ? 8 : 0), 2), little(0, 4)),
        bytes(little(part.crc ?? crc32(content), 4), little(stored.length, 4)),
        bytes(little(part.declared ?? content.length, 4), little(length, 2), little(0, 2)),
      );
    const file = bytes("PK\x03\x04", common(localName.length), localName, stored);
    const offset = little(part.offset ?? position, 4);
    records.push(bytes("PK\x01\x02", little(20, 2), common(name.length), Buffer.alloc(10), offset, name));
    files.push(file);
    position += file.length;
  }
  const directory = bytes(...records);
  const count = little(parts.length, 2);
  const end = bytes(
    "PK\x05\x06",
    little(0, 4),
    count,
    count,
    little(directory.length, 4),
    little(position, 4),
  );
  return bytes(...files, directory, end, little(0, 2));
}

/** A file of `torch.save` with one storage of four float32 values. */
export function torchZip(pickle: Uint8Array, storage: Uint8Array = floats(1, 2, 3, 4)): Buffer {
  return zip([
    { name: "a/data.pkl", content: pickle },
    { name: "a/data/0", content: storage },
    { name: "a/version", content: bytes("3\n") },
  ]);
}

/** A file of `torch.save` before 1.6; storages by key, each with its length. */
export function torchLegacy(
  pickle: Uint8Array,
  keys: readonly string[] = ["0"],
  storages: Uint8Array = bytes(little(4, 8), floats(1, 2, 3, 4)),
): Buffer {
  const head = bytes(op.proto2, 0x8a, 10, Buffer.from("6cfc9c46f9206aa85019", "hex"), op.stop);
  const version = bytes(op.proto2, "M", little(1001, 2), op.stop);
  const list = bytes(op.proto2, op.emptyList, op.mark, ...keys.map(text), "e", op.stop);
  return bytes(head, version, pickledDict({ little_endian: "\x88" }), pickle, list, storages);
}

/** Float32 values. */
export function floats(...values: readonly number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}

/** A safetensors file; a header that is no string is written as JSON. */
export function safetensors(header: unknown, values: Uint8Array = floats(1, 2), declared?: bigint): Buffer {
  const content = typeof header === "string" ? bytes(header) : Buffer.from(JSON.stringify(header));
  return bytes(little(declared ?? content.length, 8), content, values);
}

/** An ONNX model with one initializer whose fields `write` adds. */
export function onnx(write: (tensor: BinaryWriter) => void): Buffer {
  const initializer = new BinaryWriter();
  write(initializer);
  const graph = new BinaryWriter().tag(5, 2).bytes(initializer.finish()).finish();
  return Buffer.from(new BinaryWriter().tag(1, 0).int64(8).tag(7, 2).bytes(graph).finish());
}

/** Sizes, type and name of an ONNX tensor. */
export function onnxHead(
  writer: BinaryWriter,
  name: string,
  dataType: number,
  ...shape: readonly (number | bigint | string)[]
): BinaryWriter {
  for (const side of shape) writer.tag(1, 0).int64(side);
  return writer.tag(2, 0).int32(dataType).tag(8, 2).string(name);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

function crc32(content: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of content) crc = crcTable[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
