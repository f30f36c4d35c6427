import { expect, it } from "vitest";
import type { FinishedGraph } from "../src/graph.ts";
import { openSession } from "../src/session.ts";

it("a graph that onnxruntime refuses is traced back to the op", async () => {
  const graph: FinishedGraph = {
    nodes: [
      { op: "Relu", inputs: ["a"], outputs: ["t1"], attributes: {}, origin: "relu" },
      { op: "Gemm", inputs: ["t1", "b"], outputs: ["t12"], attributes: {}, origin: "BatchMatMul.gradient" },
    ],
    initializers: [],
    inputs: [
      { name: "a", dims: [2, 3], type: "float32" },
      { name: "b", dims: [4, 5], type: "float32" },
    ],
    outputs: [{ name: "t12", dims: [2, 5], type: "float32" }],
  };
  const settings = { provider: "cpu", threads: 1, profile: undefined, cache: undefined } as const;
  const error = await openSession(graph, settings).catch((reason) => reason);
  expect(error).toMatchObject({ name: "CompileError", code: "unsupported-op" });
  expect(error.message).toMatch(
    /^compile: onnxruntime refused a node of the gradient of BatchMatMul: .*\(BatchMatMul\.gradient\/Gemm\/t12\)/,
  );
});
