import { backend_util } from "@tensorflow/tfjs-core";
import { sizeOf } from "../dtype.ts";
import type { Kernels } from "../kernel.ts";
import { permuted } from "../value.ts";
import { movementKernels, slice } from "./movement.ts";
import { channelsFirst } from "./window.ts";

const { getPermuted, getReshaped, getReshapedPermuted } = backend_util;

/** Kernels that trade an image's size for batch or channels, block by block. */
export const spaceToBatchKernels: Kernels = {
  SpaceToBatchND: (tracer, { x }, attributes) => {
    const blocks = attributes.blockShape as number[];
    const around = attributes.paddings as number[][];
    const rest = Array.from({ length: x.shape.length - 1 - blocks.length }, () => [0, 0]);
    const paddings = [[0, 0], ...around, ...rest];
    const padded = movementKernels.PadV2(tracer, { x }, { paddings, constantValue: 0 });
    if (Array.isArray(padded)) return padded;
    const split = getReshaped([...padded.shape], blocks, sizeOf(blocks), false);
    const order = getPermuted(split.length, blocks.length, false);
    const shape = getReshapedPermuted([...padded.shape], blocks, sizeOf(blocks), false);
    return tracer.reshape(permuted(tracer.reshape(padded, split), order), shape);
  },
  BatchToSpaceND: (tracer, { x }, attributes) => {
    const blocks = attributes.blockShape as number[];
    const crops = attributes.crops as number[][];
    const split = getReshaped([...x.shape], blocks, sizeOf(blocks));
    const order = getPermuted(split.length, blocks.length);
    const shape = getReshapedPermuted([...x.shape], blocks, sizeOf(blocks));
    const joined = tracer.reshape(permuted(tracer.reshape(x, split), order), shape);
    const cut = (axis: number) => crops[axis - 1] ?? [0, 0];
    return slice(
      tracer,
      joined,
      shape.map((_, axis) => cut(axis)[0]),
      shape.map((dimension, axis) => dimension - cut(axis)[0] - cut(axis)[1]),
    );
  },
  DepthToSpace: (tracer, { x }, { blockSize, dataFormat }) => {
    const order = dataFormat === "NCHW" ? [0, 1, 2, 3] : channelsFirst;
    const block = blockSize as number;
    const shape = [...x.shape];
    shape[order[1]] /= block * block;
    shape[order[2]] *= block;
    shape[order[3]] *= block;
    const floats = tracer.cast(x, "float32");
    const name = tracer.graph.node("DepthToSpace", [tracer.name(tracer.dense(floats, order))], {
      blocksize: block,
      mode: "DCR",
    });
    return tracer.value(name, shape, "float32", order);
  },
  /** The inverse of DepthToSpace, which tfjs has no kernel for. */
  DepthToSpaceGrad: (tracer, { dy }, { blockSize, dataFormat }) => {
    const order = dataFormat === "NCHW" ? [0, 1, 2, 3] : channelsFirst;
    const block = blockSize as number;
    const shape = [...dy.shape];
    shape[order[1]] *= block * block;
    shape[order[2]] /= block;
    shape[order[3]] /= block;
    const name = tracer.graph.node("SpaceToDepth", [tracer.name(tracer.dense(dy, order))], {
      blocksize: block,
    });
    return tracer.value(name, shape, "float32", order);
  },
};
