import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Attribute, FinishedGraph, GraphNode, Initializer, Port } from "./graph.ts";
import { elementTypeCode } from "./tracer.ts";

/** ONNX IR version and operator set that the graphs are written for. */
const irVersion = 9;
const operatorSet = 18;

/** The output that {@link encodeModel} adds with `stopsCopies`. */
export const stopName = "stop";

/**
 * The bytes of an ONNX ModelProto. Field numbers are those of onnx.proto3; constants are written as raw
 * little-endian bytes, whole buffers at a time.
 *
 * With `stopsCopies` the first output is an empty sequence of tensors; see `run-in-place.ts`.
 */
export function encodeModel(
  graph: FinishedGraph,
  options: { readonly stopsCopies?: boolean } = {},
): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(irVersion);
  writer.tag(2, WireType.LengthDelimited).string("@lmk/compile");
  writer.tag(7, WireType.LengthDelimited).fork();
  if (options.stopsCopies === true) {
    const node = { op: "SequenceEmpty", inputs: [], outputs: [stopName], attributes: {} };
    writeNode(writer.tag(1, WireType.LengthDelimited).fork(), node).join();
  }
  for (const node of graph.nodes) writeNode(writer.tag(1, WireType.LengthDelimited).fork(), node).join();
  writer.tag(2, WireType.LengthDelimited).string("traced");
  for (const tensor of graph.initializers) {
    writeTensor(writer.tag(5, WireType.LengthDelimited).fork(), tensor).join();
  }
  for (const port of graph.inputs) writePort(writer.tag(11, WireType.LengthDelimited).fork(), port).join();
  if (options.stopsCopies === true) writeStop(writer);
  for (const port of graph.outputs) writePort(writer.tag(12, WireType.LengthDelimited).fork(), port).join();
  writer.join();
  writer.tag(8, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string("");
  writer.tag(2, WireType.Varint).int64(operatorSet);
  return writer.join().finish();
}

/** What a node is called in the model. */
export function nodeName({ op, outputs }: GraphNode): string {
  return `${op}/${outputs[0]}`;
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

function writeTensor(writer: BinaryWriter, { name, dims, type, data }: Initializer): BinaryWriter {
  for (const dimension of dims) writer.tag(1, WireType.Varint).int64(dimension);
  writer.tag(2, WireType.Varint).int32(elementTypeCode[type]);
  writer.tag(8, WireType.LengthDelimited).string(name);
  return writer
    .tag(9, WireType.LengthDelimited)
    .bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
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

function writePort(writer: BinaryWriter, { name, dims, type }: Port): BinaryWriter {
  writer.tag(1, WireType.LengthDelimited).string(name);
  writer.tag(2, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.Varint).int32(elementTypeCode[type]);
  writer.tag(2, WireType.LengthDelimited).fork();
  for (const dimension of dims) {
    writer.tag(1, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.Varint).int64(dimension);
    writer.join();
  }
  return writer.join().join().join();
}
