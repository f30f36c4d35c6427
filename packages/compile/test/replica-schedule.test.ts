import { describe, expect, it } from "vitest";
import type { FinishedGraph, GraphNode } from "../src/graph.ts";
import { cutGraph } from "../src/replicas/cut.ts";
import { schedule } from "../src/replicas/schedule.ts";

/** Nodes written `output = op inputs…`. */
function graphOf(
  lines: readonly string[],
  inputs: readonly string[],
  outputs: readonly string[],
): FinishedGraph {
  const nodes = lines.map((line): GraphNode => {
    const [output, , op, ...from] = line.split(" ");
    return { op: op!, inputs: from, outputs: [output!], attributes: {} };
  });
  const portOf = (name: string) => ({ name, dims: [4, 4], type: "float32" as const });
  return { nodes, initializers: [], inputs: inputs.map(portOf), outputs: outputs.map(portOf) };
}

/** Each stage in words: what it makes, after how many means, and what is averaged then. */
function stagesOf(graph: FinishedGraph, bucketBytes = 1000) {
  return schedule(graph, () => 16, bucketBytes).map(({ nodes, awaits, calls }) => ({
    makes: nodes.map(({ outputs }) => outputs[0]).join(" "),
    awaits,
    calls: calls.map((call) =>
      call.map(({ name, offset, length }) => `${name} ${offset}+${length}`).join(", "),
    ),
  }));
}

describe("the schedule of a graph with means", () => {
  it("ends a level where others wait for a mean, and averages gradients at the end", () => {
    const graph = graphOf(
      [
        "a = MatMul x w",
        "s = Neg a",
        "S = ReplicaMean s",
        "b = Sub a S",
        "g = MatMul b x",
        "G = ReplicaMean g",
        "next/w = Sub w G",
      ],
      ["x", "w"],
      ["next/w"],
    );
    expect(stagesOf(graph)).toEqual([
      { makes: "a s", awaits: 0, calls: ["S 0+16"] },
      { makes: "b g", awaits: 1, calls: ["G 0+16"] },
      { makes: "next/w", awaits: 2, calls: [] },
    ]);
  });

  it("ends a stage at a full bucket while there is much to compute, and shares tensors out between calls", () => {
    const graph = graphOf(
      [
        "g1 = MatMul x w",
        "G1 = ReplicaMean g1",
        "g2 = MatMul g1x w",
        "G2 = ReplicaMean g2",
        "g3 = MatMul g2x w",
        "G3 = ReplicaMean g3",
        "rest = Neg g2x",
        "n1 = Sub w G1",
        "n2 = Sub w G2",
        "n3 = Sub w G3",
      ],
      ["x", "w", "g1x", "g2x"],
      ["n1", "n2", "n3", "rest"],
    );
    expect(stagesOf(graph, 4 * 24)).toEqual([
      { makes: "g1 g2", awaits: 0, calls: ["G1 0+16, G2 0+8"] },
      { makes: "g3 rest", awaits: 0, calls: ["G2 8+8, G3 0+16"] },
      { makes: "n1 n2 n3", awaits: 2, calls: [] },
    ]);
    expect(stagesOf(graph, 4 * 16).map(({ makes }) => makes)).toEqual(["g1", "g2", "g3 rest", "n1 n2 n3"]);
  });

  it("computes late what is needed late, unless more tensors would be kept for it", () => {
    const graph = graphOf(
      [
        "turned = Transpose w",
        "a = MatMul x w",
        "s = Neg a",
        "mask = Sign a",
        "small = ReduceSum x2",
        "hard = MatMul x2 w",
        "root = Sqrt hard",
        "S = ReplicaMean s",
        "b = Mul S mask",
        "c = Mul b a",
        "d = Mul c turned",
        "y = Mul d root",
      ],
      ["x", "w", "x2"],
      ["y", "small"],
    );
    // `a` passes anyway, and so do the inputs; `root` would need `hard` to.
    expect(stagesOf(graph).map(({ makes }) => makes)).toEqual(["a s small hard root", "turned mask b c d y"]);
  });

  it("gives a mean a copy of what something else reads, too", async () => {
    const graph = graphOf(["a = Neg x", "A = ReplicaMean a", "y = Add a A"], ["x"], ["y"]);
    const { stages, placeOf, replicaBytes } = await cutGraph(graph, 1000);
    expect(stages.map((stage) => stage.graph.outputs.map(({ name }) => name))).toEqual([
      ["a", "A/own"],
      ["y"],
    ]);
    expect(placeOf("A/own")).toBe("A");
    expect(replicaBytes).toBe(64);
  });

  it("refuses a graph whose shapes onnxruntime does not know ahead", async () => {
    const graph = graphOf(["a = NonZero x", "f = Cast a", "A = ReplicaMean f", "y = Neg A"], ["x"], ["y"]);
    const cast = graph.nodes.map((node) => (node.op === "Cast" ? { ...node, attributes: { to: 1 } } : node));
    await expect(cutGraph({ ...graph, nodes: cast }, 1000)).rejects.toThrow(
      "compile: cannot cut the graph for `options.replicas` at ReplicaMean/A: onnxruntime does not know its shape ahead",
    );
  });
});
