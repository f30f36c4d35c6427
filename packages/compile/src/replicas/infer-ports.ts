import { InferenceSession } from "onnxruntime-node";
import type { ElementType, FinishedGraph, GraphNode, Initializer, Port } from "../graph.ts";
import { encodeModel } from "../onnx-model.ts";
import { replicaMeanKernel } from "./replica-mean.ts";

/** Constants of more elements have no say in shapes. */
const shapeLimit = 4096;

/** The graph as one replica alone computes it. */
export function withoutReplicas(graph: FinishedGraph): FinishedGraph {
  const nodes = graph.nodes.map((node): GraphNode => {
    return node.op === replicaMeanKernel ? { ...node, op: "Identity" } : node;
  });
  return { ...graph, nodes };
}

/** Type and dimensions of what every node makes, as onnxruntime infers them; those it cannot tell are missing. */
export async function inferPorts(graph: FinishedGraph): Promise<ReadonlyMap<string, Port>> {
  const outputs = graph.nodes.flatMap((node) => node.outputs).filter((name) => name !== "");
  const isLarge = ({ data, type }: Initializer) => data.length > shapeLimit && type !== "int64";
  const model = encodeModel(
    {
      nodes: withoutReplicas(graph).nodes,
      initializers: graph.initializers.filter((constant) => !isLarge(constant)),
      inputs: [...graph.inputs, ...(graph.initializers.filter(isLarge) as Port[])],
      outputs: [],
    },
    { untypedOutputs: outputs },
  );
  const session = await InferenceSession.create(model, { graphOptimizationLevel: "disabled" });
  const ports = new Map<string, Port>([...graph.inputs, ...graph.outputs].map((port) => [port.name, port]));
  for (const output of session.outputMetadata) {
    if (!output.isTensor || !output.shape.every((dimension) => typeof dimension === "number")) continue;
    const { name, type, shape } = output;
    if (!ports.has(name)) ports.set(name, { name, type: type as ElementType, dims: shape as number[] });
  }
  await session.release();
  return ports;
}
