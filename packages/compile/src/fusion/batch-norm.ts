import type { GraphBuilder, GraphNode } from "../graph.ts";
import { GraphReader, otherInput } from "./graph-reader.ts";

/** Past the end of any axis. */
const end = 2 ** 31;

/** `centered · slope + offset` per channel, written in two nodes. */
interface Affine {
  readonly slope: string;
  readonly offset: string;
  readonly result: GraphNode;
}

/** A batch normalization written in several nodes. */
interface Match {
  readonly x: string;
  readonly channels: number;
  readonly epsilon: number;
  readonly scale: string;
  /** The nodes whose outputs the fused node gives. */
  readonly normalized: Affine;
  readonly mean: GraphNode;
  readonly variance: GraphNode;
  /** What else is made of the centered images, such as a part of the gradient. */
  readonly others: readonly Affine[];
}

/**
 * Writes batch normalizations with the statistics of the batch as one `BatchNormalization` node each:
 *
 * ```text
 * mean = ReduceMean(x)      centered = x − mean      variance = ReduceMean(centered²)
 * normalized = centered · (scale · 1 / √(variance + ε)) + offset
 * ```
 *
 * over images stored channels first, with a scale and an offset that enter the graph or are constants. One node
 * reads the images twice where those written out read or write them ten times. With momentum 0 its running
 * statistics are those of the batch, whatever they were before; they keep the names of the mean and the variance,
 * so that gradients and running averages go on reading them. Another `centered · a + b`, which the gradient has,
 * becomes a `BatchNormalization` with given statistics.
 */
export function fuseBatchNorm(graph: GraphBuilder): void {
  const nodes = graph.allNodes;
  const reader = new GraphReader(graph);
  const written = new Map<GraphNode, readonly GraphNode[]>();
  for (const mean of nodes) {
    const match = findBatchNorm(reader, mean);
    if (match === undefined) continue;
    for (const [node, replacement] of replacements(graph, match)) written.set(node, replacement);
  }
  if (written.size > 0) graph.replaceNodes(nodes.flatMap((node) => written.get(node) ?? [node]));
}

function findBatchNorm(reader: GraphReader, mean: GraphNode): Match | undefined {
  if (mean.op !== "ReduceMean" || mean.attributes.keepdims === 1) return undefined;
  if (reader.integers(mean.inputs[1]).join() !== "0,2,3") return undefined;
  const [x] = mean.inputs;
  for (const pixel of reader.readers(mean, "Reshape")) {
    for (const centered of reader.readers(pixel, "Sub")) {
      if (centered.inputs[0] !== x || centered.inputs[1] !== pixel.outputs[0]) continue;
      const variance = varianceOf(reader, centered, mean);
      if (variance === undefined) continue;
      const affine = affineOf(reader, centered);
      for (const normalized of affine) {
        const factors = factorsOf(reader, normalized.slope, variance);
        const channels = reader.channelsOf(normalized.result);
        if (factors === undefined || channels === undefined) continue;
        if (![factors.scale, normalized.offset].every((name) => reader.vectorLength(name) === channels))
          continue;
        const others = affine.filter((one) => one !== normalized);
        return { x, channels, mean, variance, normalized, others, ...factors };
      }
    }
  }
  return undefined;
}

/** The mean of squares of `centered`, over the axes of `mean`. */
function varianceOf(reader: GraphReader, centered: GraphNode, mean: GraphNode): GraphNode | undefined {
  const [name] = centered.outputs;
  return reader
    .readers(centered, "Mul")
    .filter(({ inputs }) => inputs[0] === name && inputs[1] === name)
    .flatMap((square) => reader.readers(square, "ReduceMean"))
    .find(
      (node) => node.inputs[1] === mean.inputs[1] && node.attributes.keepdims === mean.attributes.keepdims,
    );
}

/** Every `centered · slope + offset` whose slope and offset are vectors of one number per channel. */
function affineOf(reader: GraphReader, centered: GraphNode): Affine[] {
  const [name] = centered.outputs;
  return reader.readers(centered, "Mul").flatMap((scaled) => {
    const slope = reader.perChannel(otherInput(scaled, name));
    if (slope === undefined) return [];
    return reader.readers(scaled, "Add").flatMap((result) => {
      const offset = reader.perChannel(otherInput(result, scaled.outputs[0]));
      return offset === undefined ? [] : [{ slope, offset, result }];
    });
  });
}

/** `scale` and ε of a slope `scale · 1 / √(variance + ε)`. */
function factorsOf(
  reader: GraphReader,
  slope: string,
  variance: GraphNode,
): { scale: string; epsilon: number } | undefined {
  const product = reader.maker(slope, "Mul");
  if (product === undefined) return undefined;
  for (const [inverse, scale] of [product.inputs, product.inputs.toReversed()]) {
    const reciprocal = reader.maker(inverse, "Reciprocal");
    const root = reciprocal && reader.maker(reciprocal.inputs[0], "Sqrt");
    const sum = root && reader.maker(root.inputs[0], "Add");
    if (sum === undefined || !sum.inputs.includes(variance.outputs[0])) continue;
    const epsilon = reader.scalar(otherInput(sum, variance.outputs[0]));
    if (epsilon !== undefined) return { scale, epsilon };
  }
  return undefined;
}

/** What stands in the place of each node of a match. */
function replacements(graph: GraphBuilder, match: Match): [GraphNode, readonly GraphNode[]][] {
  const { x, scale, epsilon, channels, normalized, mean, variance, others } = match;
  const ones = graph.constant(new Float32Array(channels).fill(1), [channels], "float32");
  const corners = [false, true].map((last) => cornerPixel(graph, normalized.result, match, last));
  const fused: GraphNode = {
    ...normalized.result,
    op: "BatchNormalization",
    inputs: [x, scale, normalized.offset, ...corners.map((nodes) => nodes[1].outputs[0])],
    outputs: [...normalized.result.outputs, ...mean.outputs, ...variance.outputs],
    attributes: { epsilon: { float: epsilon }, momentum: { float: 0 }, training_mode: 1 },
  };
  return [
    [mean, [...corners.flat(), fused]],
    [variance, []],
    [normalized.result, []],
    ...others.map(({ slope, offset, result }): [GraphNode, GraphNode[]] => {
      const vectors = [slope, offset].map((from) => asVector(graph, result, from, channels));
      const given: GraphNode = {
        ...result,
        op: "BatchNormalization",
        inputs: [x, ...vectors.map(({ outputs }) => outputs[0]), mean.outputs[0], ones],
        attributes: { epsilon: { float: 0 } },
      };
      return [result, [...vectors, given]];
    }),
  ];
}

/**
 * One pixel of the images as a vector, for the running statistics that momentum 0 forgets. onnxruntime writes the
 * new ones in their place, constants included, so they must be two tensors that nothing else reads.
 */
function cornerPixel(graph: GraphBuilder, from: GraphNode, match: Match, last: boolean): GraphNode[] {
  const pixel = graph.newName();
  const [starts, ends, axes] = [
    last ? [-1, -1, -1] : [0, 0, 0],
    last ? [end, end, end] : [1, 1, 1],
    [0, 2, 3],
  ].map((list) => graph.integers(list));
  const slice = {
    ...from,
    op: "Slice",
    inputs: [match.x, starts, ends, axes],
    outputs: [pixel],
    attributes: {},
  };
  return [slice, asVector(graph, from, pixel, match.channels)];
}

function asVector(graph: GraphBuilder, from: GraphNode, name: string, length: number): GraphNode {
  const inputs = [name, graph.integers([length])];
  return { ...from, op: "Reshape", inputs, outputs: [graph.newName()], attributes: {} };
}
