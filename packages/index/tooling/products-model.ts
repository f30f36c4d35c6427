// The ONNX graph with which onnxruntime multiplies: products[q, x] = sum over d of queries[q, d] rows[x, d].
// It never changes, so its few protobuf fields are written out here; their numbers are those of onnx.proto.

const float32 = 1;
const intAttribute = 2;

/** The bytes of the graph: opset 13, one node `Gemm` whose second factor is transposed. */
export function productsModel(): Uint8Array {
  const node = [
    ...bytes(1, "queries"),
    ...bytes(1, "rows"),
    ...bytes(2, "products"),
    ...bytes(4, "Gemm"),
    ...bytes(5, [...bytes(1, "transB"), ...integer(3, 1), ...integer(20, intAttribute)]),
  ];
  const graph = [
    ...bytes(1, node),
    ...bytes(2, "products"),
    ...bytes(11, matrix("queries", "query", "column")),
    ...bytes(11, matrix("rows", "row", "column")),
    ...bytes(12, matrix("products", "query", "row")),
  ];
  return Uint8Array.from([...integer(1, 8), ...bytes(8, integer(2, 13)), ...bytes(7, graph)]);
}

/** A `ValueInfoProto` of a float32 matrix whose sizes are left open, by name. */
function matrix(name: string, rows: string, columns: string): number[] {
  const shape = [...bytes(1, bytes(2, rows)), ...bytes(1, bytes(2, columns))];
  const tensor = [...integer(1, float32), ...bytes(2, shape)];
  return [...bytes(1, name), ...bytes(2, bytes(1, tensor))];
}

function integer(field: number, value: number): number[] {
  return [...varint(field << 3), ...varint(value)];
}

function bytes(field: number, content: string | readonly number[]): number[] {
  const encoded = typeof content === "string" ? [...new TextEncoder().encode(content)] : content;
  return [...varint((field << 3) | 2), ...varint(encoded.length), ...encoded];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}
