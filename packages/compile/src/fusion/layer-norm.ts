import type { GraphBuilder, GraphNode } from "../graph.ts";
import { GraphReader, otherInput } from "./graph-reader.ts";

/**
 * Writes normalizations over the last stored axis as one `LayerNormalization` node each:
 *
 * ```text
 * mean = ReduceMean(x)      centered = x − mean      variance = ReduceMean(centered²)
 * inverse = 1 / √(variance + ε)                      result = centered · inverse · scale + offset
 * ```
 *
 * where scale and offset are vectors that enter the graph or are constants. A division by the root is the same.
 * The mean and the inverse keep their names, for gradients that read them.
 */
export function fuseLayerNorm(graph: GraphBuilder): void {
  const nodes = graph.allNodes;
  const reader = new GraphReader(graph);
  const written = new Map<GraphNode, readonly GraphNode[]>();
  for (const mean of nodes) {
    if (mean.op !== "ReduceMean" || mean.attributes.keepdims !== 1) continue;
    if (reader.integers(mean.inputs[1]).join() !== "-1") continue;
    const match = findLayerNorm(reader, mean);
    if (match === undefined) continue;
    const { scale, offset, epsilon, inverse, result } = match;
    written.set(mean, [
      {
        ...result,
        op: "LayerNormalization",
        inputs: [mean.inputs[0], scale, offset],
        outputs: [result.outputs[0], mean.outputs[0], inverse?.outputs[0] ?? graph.newName()],
        attributes: { axis: -1, epsilon: { float: epsilon } },
      },
    ]);
    written.set(result, []);
    if (inverse !== undefined) written.set(inverse, []);
  }
  if (written.size > 0) graph.replaceNodes(nodes.flatMap((node) => written.get(node) ?? [node]));
}

interface Match {
  readonly scale: string;
  readonly offset: string;
  readonly epsilon: number;
  /** The node of 1 / √(variance + ε), if there is one. */
  readonly inverse: GraphNode | undefined;
  readonly result: GraphNode;
}

function findLayerNorm(reader: GraphReader, mean: GraphNode): Match | undefined {
  for (const centered of reader.readers(mean, "Sub")) {
    const [name] = centered.outputs;
    if (centered.inputs[0] !== mean.inputs[0] || centered.inputs[1] !== mean.outputs[0]) continue;
    const roots = reader
      .readers(centered, "Mul")
      .filter(({ inputs }) => inputs[0] === name && inputs[1] === name)
      .flatMap((square) => reader.readers(square, "ReduceMean"))
      .filter((node) => node.inputs[1] === mean.inputs[1] && node.attributes.keepdims === 1)
      .flatMap((variance) =>
        reader.readers(variance, "Add").flatMap((sum) => {
          const epsilon = reader.scalar(otherInput(sum, variance.outputs[0]));
          return epsilon === undefined ? [] : reader.readers(sum, "Sqrt").map((root) => ({ root, epsilon }));
        }),
      );
    for (const { root, epsilon } of roots) {
      const [inverse] = reader.readers(root, "Reciprocal");
      const normalized =
        inverse === undefined
          ? reader.readers(centered, "Div").filter(({ inputs }) => inputs[1] === root.outputs[0])
          : reader.readers(centered, "Mul").filter(({ inputs }) => inputs.includes(inverse.outputs[0]));
      for (const node of normalized) {
        const affine = affineOf(reader, node);
        if (affine !== undefined) return { ...affine, epsilon, inverse };
      }
    }
  }
  return undefined;
}

/** The first `normalized · scale + offset` with vectors that are there from the beginning. */
function affineOf(reader: GraphReader, normalized: GraphNode) {
  for (const scaled of reader.readers(normalized, "Mul")) {
    const scale = otherInput(scaled, normalized.outputs[0]);
    const length = reader.vectorLength(scale);
    if (length === undefined) continue;
    for (const result of reader.readers(scaled, "Add")) {
      const offset = otherInput(result, scaled.outputs[0]);
      if (reader.vectorLength(offset) === length) return { scale, offset, result };
    }
  }
  return undefined;
}
