import { CompileError } from "../compile-error.ts";
import { sizeOf } from "../dtype.ts";
import type { FinishedGraph, GraphNode, Port } from "../graph.ts";
import { nodeName } from "../onnx-model.ts";
import { inferPorts } from "./infer-ports.ts";
import { replicaMeanKernel } from "./replica-mean.ts";
import { type Piece, readersOf, schedule } from "./schedule.ts";

/** One session's part of a graph. */
export interface StageGraph {
  readonly graph: FinishedGraph;
  /** How many calls of `mean` must have ended before. */
  readonly awaits: number;
  /** The calls of `mean` to ask for after it, in this order. */
  readonly calls: readonly (readonly Piece[])[];
}

/** A graph in stages. */
export interface CutGraph {
  readonly stages: readonly StageGraph[];
  /**
   * Where a tensor is kept that leaves a stage: a mean takes the place of what it is the mean of, so both have one
   * name here.
   */
  readonly placeOf: (name: string) => string;
  /** Bytes that are averaged in a run. */
  readonly replicaBytes: number;
}

/** Whether a graph has replica means. */
export function hasMeans({ nodes }: FinishedGraph): boolean {
  return nodes.some(({ op }) => op === replicaMeanKernel);
}

/** Cuts a graph at its replica means; see `schedule.ts` for where. */
export async function cutGraph(whole: FinishedGraph, bucketBytes: number): Promise<CutGraph> {
  const graph = withOwnSources(whole);
  const ports = await inferPorts(graph);
  const means = graph.nodes.filter(({ op }) => op === replicaMeanKernel);
  const meanOf = new Map(means.map(({ inputs, outputs }) => [inputs[0], outputs[0]]));
  const lengths = new Map(means.map((mean) => [mean.outputs[0], lengthOf(mean, ports)]));
  const stages = schedule(graph, (name) => lengths.get(name) as number, bucketBytes);

  const readers = readersOf(graph);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const portOf = (name: string, maker: GraphNode | undefined): Port => {
    const port = ports.get(name);
    if (port !== undefined) return port;
    throw unknownShape(name, maker);
  };
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const constants = new Map(graph.initializers.map((constant) => [constant.name, constant]));
  const cut = stages.map(({ nodes, awaits, calls }): StageGraph => {
    const inside = new Set(nodes);
    const made = new Set(nodes.flatMap((node) => node.outputs));
    const read = [...new Set(nodes.flatMap(({ inputs }) => inputs))].filter(
      (name) => name !== "" && !made.has(name),
    );
    const leaves = (name: string) =>
      outputs.has(name) || (readers.get(name) ?? []).some((reader) => !inside.has(reader));
    return {
      awaits,
      calls,
      graph: {
        nodes,
        initializers: read.flatMap((name) => constants.get(name) ?? []),
        inputs: read.filter((name) => !constants.has(name)).map((name) => portOf(name, makers.get(name))),
        outputs: [...made].filter(leaves).map((name) => portOf(name, makers.get(name))),
      },
    };
  });
  const elements = [...lengths.values()].reduce((sum, length) => sum + length, 0);
  return {
    stages: cut,
    placeOf: (name) => meanOf.get(name) ?? name,
    replicaBytes: elements * Float32Array.BYTES_PER_ELEMENT,
  };
}

/** The graph with a copy for each mean whose source something else reads, or that no node makes. */
function withOwnSources(graph: FinishedGraph): FinishedGraph {
  const readers = readersOf(graph);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const made = new Set(
    graph.nodes.filter(({ op }) => op !== replicaMeanKernel).flatMap((node) => node.outputs),
  );
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    if (node.op !== replicaMeanKernel) return [node];
    const [source] = node.inputs;
    if (made.has(source) && !outputs.has(source) && readers.get(source)?.length === 1) return [node];
    const own = `${node.outputs[0]}/own`;
    return [
      { ...node, op: "Identity", outputs: [own] },
      { ...node, inputs: [own] },
    ];
  });
  return { ...graph, nodes };
}

function lengthOf(mean: GraphNode, ports: ReadonlyMap<string, Port>): number {
  const port = ports.get(mean.outputs[0]);
  if (port === undefined) throw unknownShape(mean.outputs[0], mean);
  return sizeOf(port.dims);
}

function unknownShape(name: string, maker: GraphNode | undefined): CompileError {
  const what = maker === undefined ? name : nodeName(maker);
  return new CompileError(
    "unsupported-op",
    `compile: cannot cut the graph for \`options.replicas\` at ${what}: onnxruntime does not know its shape ahead`,
  );
}
