import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { ByteSource } from "./byte-source.ts";
import { CheckpointError, shown, unexpected } from "./checkpoint-error.ts";
import { bytesPerElement, type ElementType } from "./element-types.ts";
import { type ExternalFiles, openExternalFiles } from "./onnx-external.ts";
import { OnnxTypedData } from "./onnx-typed-data.ts";
import { bareRecord, type RawCheckpoint } from "./raw-checkpoint.ts";
import { rowMajor, type StoredArray, sizeOf, type UnreadableArray } from "./stored-array.ts";

/** `TensorProto.DataType`. */
const dataTypes: Readonly<Record<number, ElementType>> = {
  1: "F32",
  2: "U8",
  3: "I8",
  5: "I16",
  6: "I32",
  7: "I64",
  9: "BOOL",
  10: "F16",
  11: "F64",
  16: "BF16",
};

/** A `TensorProto`, of which only what is needed. */
interface Tensor {
  name: string;
  dataType: number;
  readonly shape: number[];
  raw: Uint8Array | undefined;
  /** The typed fields. */
  readonly typed: OnnxTypedData;
  external: boolean;
  readonly location: Map<string, string>;
}

/**
 * Reads the initializers of an ONNX model's graph; names and shapes are the exporter's.
 *
 * External data is looked for beside the file.
 */
export async function readOnnx(source: ByteSource): Promise<RawCheckpoint> {
  const { label } = source;
  const bytes = await source.read(0, source.size, "a model");
  const { tensors, metadata } = parse(label, () => readModel(bytes));
  const files = openExternalFiles(source);
  const entries: (readonly [string, StoredArray | UnreadableArray])[] = [];
  const names = new Set<string>();
  for (const tensor of tensors) {
    if (names.has(tensor.name))
      throw unexpected("bad-onnx", label, "each initializer once", `${shown(tensor.name)} twice`);
    names.add(tensor.name);
    entries.push([tensor.name, await arrayOf(label, tensor, files)]);
  }
  return {
    format: "onnx",
    entries,
    metadata: bareRecord(metadata),
    values: bareRecord([]),
    externalBytes: files.bytes(),
  };
}

/** Whether the bytes begin as a model does: its first field is the version of the format, or a string. */
export function looksLikeOnnx(start: Uint8Array): boolean {
  return start[0] === 0x08 && start[1] !== undefined && start[1] > 0 && start[1] < 0x20;
}

function parse<T>(label: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause;
    throw unexpected("bad-onnx", label, "a whole ONNX model", (cause as Error).message, cause);
  }
}

function readModel(bytes: Uint8Array): { tensors: Tensor[]; metadata: Map<string, string> } {
  const tensors: Tensor[] = [];
  const metadata = new Map<string, string>();
  eachField(bytes, (reader, field) => {
    if (field === 7) eachField(reader.bytes(), (graph, inner) => readGraphField(graph, inner, tensors));
    else if (field === 14) metadata.set(...readPair(reader.bytes()));
    else return false;
    return true;
  });
  return { tensors, metadata };
}

function readGraphField(graph: BinaryReader, field: number, tensors: Tensor[]): boolean {
  if (field !== 5) return false;
  tensors.push(readTensor(graph.bytes()));
  return true;
}

/** Calls `read` at each field; one that it does not read is passed over. */
function eachField(
  bytes: Uint8Array,
  read: (reader: BinaryReader, field: number, wire: WireType) => boolean,
): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (!read(reader, field, wire)) reader.skip(wire, field);
  }
}

function readPair(bytes: Uint8Array): [string, string] {
  let key = "";
  let value = "";
  eachField(bytes, (reader, field) => {
    if (field === 1) key = reader.string(true);
    else if (field === 2) value = reader.string(true);
    else return false;
    return true;
  });
  return [key, value];
}

function readTensor(bytes: Uint8Array): Tensor {
  const tensor: Tensor = {
    name: "",
    dataType: 0,
    shape: [],
    raw: undefined,
    typed: new OnnxTypedData(),
    external: false,
    location: new Map(),
  };
  eachField(bytes, (reader, field, wire) => readTensorField(tensor, reader, field, wire));
  return tensor;
}

function readTensorField(tensor: Tensor, reader: BinaryReader, field: number, wire: WireType): boolean {
  switch (field) {
    case 1:
      eachVarint(reader, wire, (value) => tensor.shape.push(Number(value)));
      return true;
    case 2:
      tensor.dataType = reader.int32();
      return true;
    case 4:
    case 10:
      tensor.typed.addBytes(
        field,
        wire === WireType.LengthDelimited ? reader.bytes() : reader.skip(wire, field),
      );
      return true;
    case 5:
    case 7:
      eachVarint(reader, wire, (value) =>
        tensor.typed.addInteger(field, value, elementType(tensor.dataType)),
      );
      return true;
    case 8:
      tensor.name = reader.string(true);
      return true;
    case 9:
      tensor.raw = reader.bytes();
      return true;
    case 13:
      tensor.location.set(...readPair(reader.bytes()));
      return true;
    case 14:
      tensor.external = reader.int32() === 1;
      return true;
    default:
      return false;
  }
}

/** A repeated integer, packed or not. */
function eachVarint(reader: BinaryReader, wire: WireType, take: (value: bigint) => void): void {
  if (wire !== WireType.LengthDelimited) {
    take(BigInt(reader.int64()));
    return;
  }
  const packed = new BinaryReader(reader.bytes());
  while (packed.pos < packed.len) take(BigInt(packed.int64()));
}

function elementType(dataType: number): ElementType | undefined {
  return Object.hasOwn(dataTypes, dataType) ? dataTypes[dataType] : undefined;
}

async function arrayOf(
  label: string,
  tensor: Tensor,
  files: ExternalFiles,
): Promise<StoredArray | UnreadableArray> {
  const { shape, dataType } = tensor;
  const where = `${label}: ${shown(tensor.name)}`;
  const type = elementType(dataType);
  if (type === undefined) return { type: `ONNX type ${dataType}` };
  const bytes = sizeOf(shape) * bytesPerElement[type];
  if (shape.length > 16 || !shape.every((side) => Number.isSafeInteger(side) && side >= 0)) {
    throw unexpected("bad-tensor", where, "at most 16 sizes from 0", `[${shape.slice(0, 17)}]`);
  }
  const storage = { name: shown(tensor.name), type, length: sizeOf(shape), littleEndian: true };
  const view = { offset: 0, shape, strides: rowMajor(shape) };
  if (tensor.external) {
    const load = await files.locate(where, tensor.location, bytes);
    return { ...view, storage: { ...storage, load } };
  }
  if (tensor.raw === undefined && !tensor.typed.fits(type)) {
    throw unexpected("bad-tensor", where, `values of ${type} in their own field`, "values in another");
  }
  const content = tensor.raw ?? tensor.typed.bytes;
  if (content.length !== bytes) {
    throw unexpected("bad-tensor", where, `${bytes} bytes for ${type} of shape [${shape}]`, content.length);
  }
  return { ...view, storage: { ...storage, load: async () => ({ bytes: content, owned: false }) } };
}
