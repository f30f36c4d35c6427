import { Tensor } from "onnxruntime-node";
import { sizeOf } from "../dtype.ts";
import type { Port } from "../graph.ts";
import type { CutGraph } from "./cut.ts";

/** An array that leaves a stage, and the tensor over it. */
export interface Buffer {
  readonly data: Float32Array | Int32Array | BigInt64Array | Uint8Array;
  readonly tensor: Tensor;
}

const arrays = {
  float32: Float32Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

/**
 * Memory for what passes from stage to stage, by its place. Tensors that are never needed at the same time share an
 * array.
 *
 * @param isElsewhere - Whether a place is an array of the caller's.
 */
export function makeBuffers(
  { stages, placeOf }: CutGraph,
  isElsewhere: (place: string) => boolean,
): ReadonlyMap<string, Buffer> {
  const lastUse = new Map<string, number>();
  for (const [i, { graph }] of stages.entries()) {
    for (const { name } of [...graph.inputs, ...graph.outputs]) lastUse.set(placeOf(name), i);
  }
  const buffers = new Map<string, Buffer>();
  const free = new Map<string, Buffer["data"][]>();
  const kindOf = ({ type, dims }: Port) => `${type} ${sizeOf(dims)}`;
  for (const [i, { graph }] of stages.entries()) {
    for (const port of graph.outputs) {
      const place = placeOf(port.name);
      if (isElsewhere(place)) continue;
      const data = free.get(kindOf(port))?.pop() ?? new arrays[port.type](sizeOf(port.dims));
      buffers.set(place, { data, tensor: new Tensor(port.type, data as Float32Array, port.dims) });
    }
    for (const port of [...graph.inputs, ...graph.outputs]) {
      const place = placeOf(port.name);
      const buffer = buffers.get(place);
      if (buffer === undefined || lastUse.get(place) !== i) continue;
      lastUse.delete(place);
      const known = free.get(kindOf(port));
      if (known === undefined) free.set(kindOf(port), [buffer.data]);
      else known.push(buffer.data);
    }
  }
  return buffers;
}
