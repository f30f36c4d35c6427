import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { bytesOf, type ExternalLayout } from "./external-data.ts";
import {
  type Attribute,
  elementTypeCode,
  type FinishedGraph,
  type GraphNode,
  type Initializer,
  type Port,
} from "./graph.ts";
import { packageVersion } from "./package-version.ts";

/** ONNX IR version and operator set that the graphs are written for. */
const irVersion = 9;
const operatorSet = 18;

/** The output that {@link encodeModel} adds with `stopsCopies`. */
export const stopName = "stop";

/** How a model is written. */
export interface ModelFormat {
  /** Makes an empty sequence the first output; see `run-in-place.ts`. */
  readonly stopsCopies?: boolean;
  /** Where constants are that are not in the model itself. */
  readonly external?: ExternalLayout;
  /** Key-value pairs of the model. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What the model is, for people. */
  readonly documentation?: string;
  /** Further outputs, whose types and dimensions onnxruntime infers. */
  readonly untypedOutputs?: readonly string[];
}

/**
 * The bytes of an ONNX ModelProto. Field numbers are those of onnx.proto3; constants are written as raw
 * little-endian bytes, whole buffers at a time.
 */
export function encodeModel(graph: FinishedGraph, format: ModelFormat = {}): Uint8Array {
  const { stopsCopies = false, external, metadata = {}, documentation, untypedOutputs = [] } = format;
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(irVersion);
  writer.tag(2, WireType.LengthDelimited).string("@lmk/compile");
  writer.tag(3, WireType.LengthDelimited).string(packageVersion());
  if (documentation !== undefined) writer.tag(6, WireType.LengthDelimited).string(documentation);
  writer.tag(7, WireType.LengthDelimited).fork();
  if (stopsCopies) {
    const node = { op: "SequenceEmpty", inputs: [], outputs: [stopName], attributes: {} };
    writeNode(writer.tag(1, WireType.LengthDelimited).fork(), node).join();
  }
  for (const node of graph.nodes) writeNode(writer.tag(1, WireType.LengthDelimited).fork(), node).join();
  writer.tag(2, WireType.LengthDelimited).string("traced");
  for (const tensor of graph.initializers) {
    writeTensor(writer.tag(5, WireType.LengthDelimited).fork(), tensor, external).join();
  }
  for (const port of graph.inputs) writePort(writer.tag(11, WireType.LengthDelimited).fork(), port).join();
  if (stopsCopies) writeStop(writer);
  for (const port of graph.outputs) writePort(writer.tag(12, WireType.LengthDelimited).fork(), port).join();
  for (const name of untypedOutputs) {
    writer.tag(12, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(name).join();
  }
  writer.join();
  writer.tag(8, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string("");
  writer.tag(2, WireType.Varint).int64(operatorSet);
  writer.join();
  for (const [key, value] of Object.entries(metadata)) writePair(writer, 14, key, value);
  return writer.finish();
}

/** What a node is called in the model: the tfjs op it is for, its operator, its first output. */
export function nodeName({ origin, op, outputs }: GraphNode): string {
  return origin === undefined || origin === "" ? `${op}/${outputs[0]}` : `${origin}/${op}/${outputs[0]}`;
}

function writeNode(writer: BinaryWriter, node: GraphNode): BinaryWriter {
  for (const input of node.inputs) writer.tag(1, WireType.LengthDelimited).string(input);
  for (const output of node.outputs) writer.tag(2, WireType.LengthDelimited).string(output);
  writer.tag(3, WireType.LengthDelimited).string(nodeName(node));
  writer.tag(4, WireType.LengthDelimited).string(node.op);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    writer.tag(5, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(name);
    writeAttribute(writer, attribute).join();
  }
  return writer;
}

function writeAttribute(writer: BinaryWriter, attribute: Attribute): BinaryWriter {
  const type = (code: number) => writer.tag(20, WireType.Varint).int32(code);
  if (typeof attribute === "number") {
    writer.tag(3, WireType.Varint).int64(attribute);
    return type(2);
  }
  if (typeof attribute === "string") {
    writer.tag(4, WireType.LengthDelimited).string(attribute);
    return type(3);
  }
  if ("float" in attribute) {
    writer.tag(2, WireType.Bit32).float(attribute.float);
    return type(1);
  }
  for (const integer of attribute) writer.tag(8, WireType.Varint).int64(integer);
  return type(7);
}

function writeTensor(
  writer: BinaryWriter,
  { name, dims, type, data }: Initializer,
  external: ExternalLayout | undefined,
): BinaryWriter {
  for (const dimension of dims) writer.tag(1, WireType.Varint).int64(dimension);
  writer.tag(2, WireType.Varint).int32(elementTypeCode[type]);
  writer.tag(8, WireType.LengthDelimited).string(name);
  const offset = external?.offsets.get(name);
  if (external === undefined || offset === undefined) {
    return writer.tag(9, WireType.LengthDelimited).bytes(bytesOf(data));
  }
  writePair(writer, 13, "location", external.location);
  writePair(writer, 13, "offset", String(offset));
  writePair(writer, 13, "length", String(data.byteLength));
  return writer.tag(14, WireType.Varint).int32(1);
}

/** A StringStringEntryProto. */
function writePair(writer: BinaryWriter, field: number, key: string, value: string): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(key);
  writer.tag(2, WireType.LengthDelimited).string(value).join();
}

/** Declares the output `stopName`, a sequence of float32 tensors. */
function writeStop(writer: BinaryWriter): void {
  writer.tag(12, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(stopName);
  writer.tag(2, WireType.LengthDelimited).fork();
  writer.tag(4, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.Varint).int32(elementTypeCode.float32);
  for (let depth = 0; depth < 5; depth++) writer.join();
}

/** A dimension below zero is one of any length. */
function writePort(writer: BinaryWriter, { name, dims, type, symbols }: Port): BinaryWriter {
  writer.tag(1, WireType.LengthDelimited).string(name);
  writer.tag(2, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.Varint).int32(elementTypeCode[type]);
  writer.tag(2, WireType.LengthDelimited).fork();
  for (const [axis, dimension] of dims.entries()) {
    writer.tag(1, WireType.LengthDelimited).fork();
    const symbol = symbols?.[axis];
    if (symbol !== undefined) writer.tag(2, WireType.LengthDelimited).string(symbol);
    else if (dimension < 0) writer.tag(2, WireType.LengthDelimited).string("length");
    else writer.tag(1, WireType.Varint).int64(dimension);
    writer.join();
  }
  return writer.join().join().join();
}
