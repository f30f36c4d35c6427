import { sizeOf } from "../dtype.ts";
import type { Attributes } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { constantValue, permuted, type Value } from "../value.ts";
import { add, multiply, select, subtract } from "./element-wise.ts";
import { segmentSum } from "./indexing.ts";
import { matrixProduct } from "./matrix-product.ts";
import { slice } from "./movement.ts";
import { channelsFirst } from "./window.ts";

interface Sampling {
  /** For each box and place of its crop, the weight of each row or column of the image. */
  readonly weights: Value;
  /** Whether the place lies inside the image; boxes by places. */
  readonly inside: Value;
}

/** Where the crops' rows (columns) fall between two edges of the boxes, and what they take from the image. */
function sampling(
  tracer: Tracer,
  boxes: Value,
  edges: readonly [number, number],
  length: number,
  places: number,
  method: string,
): Sampling {
  const count = boxes.shape[0];
  const edge = (column: number) => {
    const cut = slice(tracer, boxes, [0, column], [count, 1]);
    return multiply(tracer, cut, tracer.scalar(length - 1));
  };
  const along = Float32Array.from({ length: places }, (_, i) => (places === 1 ? 0.5 : i / (places - 1)));
  const share = (data: Float32Array) => constantValue(data, [1, places], "float32");
  const at = add(
    tracer,
    multiply(tracer, edge(edges[0]), share(along.map((value) => 1 - value))),
    multiply(tracer, edge(edges[1]), share(along)),
  );
  const compare = (op: string, bound: number) => tracer.elementwise(op, [at, tracer.scalar(bound)], "bool");
  const inside = tracer.elementwise(
    "And",
    [compare("GreaterOrEqual", 0), compare("LessOrEqual", length - 1)],
    "bool",
  );
  const spread = (value: Value) => tracer.reshape(value, [count, places, 1]);
  const positions = constantValue(
    Float32Array.from({ length }, (_, i) => i),
    [1, 1, length],
    "float32",
  );
  const zero = tracer.scalar(0);
  const one = tracer.scalar(1);
  const shares = () => {
    if (method === "nearest") {
      const nearest = tracer.follow("Floor", add(tracer, at, tracer.scalar(0.5)));
      return tracer.cast(tracer.elementwise("Equal", [spread(nearest), positions], "bool"), "float32");
    }
    const distance = tracer.follow("Abs", subtract(tracer, spread(at), positions));
    return tracer.elementwise("Max", [subtract(tracer, one, distance), zero], "float32");
  };
  return { weights: select(tracer, spread(inside), shares(), zero), inside };
}

function samplings(tracer: Tracer, boxes: Value, shape: readonly number[], attributes: Attributes) {
  const [rows, columns] = attributes.cropSize as [number, number];
  const method = attributes.method as string;
  const [, height, width] = shape;
  return {
    vertical: sampling(tracer, boxes, [0, 2], height, rows, method),
    horizontal: sampling(tracer, boxes, [1, 3], width, columns, method),
  };
}

/** Matrices with an axis of length 1 for the channels, so that they meet images stored channels first. */
function perChannel(tracer: Tracer, { weights }: Sampling): Value {
  return tracer.reshape(weights, [weights.shape[0], 1, weights.shape[1], weights.shape[2]]);
}

const turned = (value: Value) => permuted(value, [0, 1, 3, 2]);
const channelsLast = (value: Value) => permuted(value, [0, 2, 3, 1]);

/** Crops as products of each box's image with its vertical and horizontal weights. */
export function cropAndResize(
  tracer: Tracer,
  image: Value,
  boxes: Value,
  boxIndices: Value,
  attributes: Attributes,
): Value {
  const count = boxes.shape[0];
  const { vertical, horizontal } = samplings(tracer, boxes, image.shape, attributes);
  const ids = tracer.cast(boxIndices, "int32");
  const known = tracer.elementwise("Less", [ids, tracer.scalar(image.shape[0], "int32")], "bool");
  const safe = select(tracer, known, ids, tracer.scalar(0, "int32"));
  const images = permuted(image, channelsFirst);
  const picked = tracer.graph.node(
    "Gather",
    [images, safe].map((value) => tracer.name(tracer.dense(value))),
    { axis: 0 },
  );
  const boxed = tracer.value(picked, [count, ...images.shape.slice(1)], "float32");
  const wide = matrixProduct(tracer, boxed, turned(perChannel(tracer, horizontal)));
  const crops = channelsLast(matrixProduct(tracer, perChannel(tracer, vertical), wide));
  const [rows, columns] = attributes.cropSize as [number, number];
  const inside = tracer.elementwise(
    "And",
    [
      tracer.reshape(vertical.inside, [count, rows, 1, 1]),
      tracer.reshape(horizontal.inside, [count, 1, columns, 1]),
    ],
    "bool",
  );
  const fill = tracer.scalar(attributes.extrapolationValue as number);
  const filled = select(tracer, inside, crops, fill);
  return select(tracer, tracer.reshape(known, [count, 1, 1, 1]), filled, tracer.scalar(0));
}

/** The gradient with respect to the image: the transposed products, added up over the boxes of each image. */
export function cropAndResizeGradient(
  tracer: Tracer,
  dy: Value,
  shape: readonly number[],
  boxes: Value,
  boxIndices: Value,
  attributes: Attributes,
): Value {
  const { vertical, horizontal } = samplings(tracer, boxes, shape, attributes);
  const [batch, ...inner] = channelsFirst.map((axis) => shape[axis]);
  const wide = matrixProduct(tracer, permuted(dy, channelsFirst), perChannel(tracer, horizontal));
  const images = matrixProduct(tracer, turned(perChannel(tracer, vertical)), wide);
  const flat = tracer.reshape(images, [dy.shape[0], sizeOf(inner)]);
  const summed = segmentSum(tracer, flat, tracer.cast(boxIndices, "int32"), batch);
  return channelsLast(tracer.reshape(summed, [batch, ...inner]));
}
