import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, createState } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inExecutionOrder } from "../src/execution-order.ts";
import type { FinishedGraph, GraphNode } from "../src/graph.ts";

const node = (output: string, ...inputs: string[]): GraphNode => ({
  op: "Op",
  inputs,
  outputs: [output],
  attributes: {},
});
const graphOf = (...nodes: readonly GraphNode[]): FinishedGraph => ({
  nodes,
  initializers: [],
  inputs: [],
  outputs: [],
});
const namesOf = ({ nodes }: FinishedGraph) => nodes.map(({ outputs }) => outputs[0]).join(" ");

/** A graph in which each node reads some of those before it. */
const anyGraph = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 30 })
  .map((picks) =>
    graphOf(
      ...picks.map((given, i) => node(`t${i}`, "x", ...(i === 0 ? [] : given.map((pick) => `t${pick % i}`)))),
    ),
  );

describe("the order of the nodes", () => {
  it("puts what is added to a gradient before it, so that onnxruntime, from the last input on, comes to it last", () => {
    const graph = graphOf(
      node("forward", "x", "p"),
      node("backward", "forward"),
      node("gradient", "backward"),
      node("decay", "p"),
      node("descent", "gradient", "decay"),
      node("kept", "v"),
      node("next/v", "kept", "descent"),
      node("scaled", "next/v"),
      node("next/p", "p", "scaled"),
    );
    expect(namesOf(inExecutionOrder(graph))).toBe(
      "forward decay kept backward gradient descent next/v scaled next/p",
    );
  });

  it("puts updates last, and of these the ones last that are reached soonest", () => {
    const graph = graphOf(
      node("loss", "x"),
      node("slope2", "x"),
      node("slope1", "slope2"),
      node("next/w2", "slope2"),
      node("next/w1", "slope1"),
    );
    expect(namesOf(inExecutionOrder(graph))).toBe("slope2 slope1 next/w1 next/w2 loss");
  });

  it("counts every output of a node, and no input that is left out", () => {
    const pool: GraphNode = { ...node("a", "x"), outputs: ["a", "places"] };
    const graph = graphOf(pool, node("b", "places"), node("end", "b"), node("c", ""));
    expect(namesOf(inExecutionOrder(graph))).toBe("a b end c");
  });

  it("keeps every node behind those it reads, and is the same for the same graph and for its own result", () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const ordered = inExecutionOrder(graph);
        expect(new Set(ordered.nodes)).toEqual(new Set(graph.nodes));
        expect(ordered.nodes).toHaveLength(graph.nodes.length);
        const made = new Set(["x"]);
        for (const { inputs, outputs } of ordered.nodes) {
          for (const name of inputs) expect(made).toContain(name);
          for (const name of outputs) made.add(name);
        }
        expect(inExecutionOrder(graph)).toEqual(ordered);
        expect(inExecutionOrder(ordered)).toEqual(ordered);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe("what onnxruntime makes of it", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "lmk-order-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** The names of the nodes in the order in which they ran. */
  async function nodesRun(): Promise<string[]> {
    const [file] = await readdir(folder);
    const events: { readonly name: string; readonly ts: number }[] = JSON.parse(
      await readFile(join(folder, file), "utf8"),
    );
    return events
      .filter(({ name }) => name.endsWith("_kernel_time"))
      .sort((a, b) => a.ts - b.ts)
      .map(({ name }) => name.replace("_kernel_time", ""));
  }

  it("updates each layer as soon as its gradient is known, and keeps no product with the momentum until then", async () => {
    const layers = ["w1", "w2", "w3"];
    const arrays = layers.flatMap((name) => [name, `velocity/${name}`]);
    const state = createState(
      Object.fromEntries(
        arrays.map((name) => [name, { shape: [4, 4], data: new Float32Array(16).fill(0.1) }]),
      ),
    );
    const step = await compile(
      ({ x }, given) => {
        const weights = layers.map((name) => given[name]);
        const network = (...all: tf.Tensor[]) =>
          tf.sum(
            all.reduce((y, w) => tf.sigmoid(tf.matMul(y as tf.Tensor2D, w as tf.Tensor2D)), x),
          ) as tf.Scalar;
        const { value, grads } = tf.valueAndGrads(network)(weights);
        const next = layers.flatMap((name, i) => {
          const velocity = tf.add(tf.mul(given[`velocity/${name}`], 0.9), grads[i]);
          return [
            [`velocity/${name}`, velocity],
            [name, tf.sub(weights[i], tf.mul(velocity, 0.1))],
          ];
        });
        return { outputs: { loss: value }, state: Object.fromEntries(next) };
      },
      { inputs: { x: { shape: [2, 4] } }, state },
      { threads: 1, profile: join(folder, "profile") },
    );
    await step.run({ x: new Float32Array(8).fill(1) });
    await step.dispose();

    const ran = await nodesRun();
    const places = (words: string) => ran.flatMap((name, i) => (name.includes(words) ? [i] : []));
    const [third, second, first] = ["w3", "w2", "w1"].map((name) => places(`/next/${name}`)[0]);
    expect(third).toBeLessThan(second);
    expect(second).toBeLessThan(first);
    const gradients = places("BatchMatMul.gradient/");
    // Of the first layer there is the gradient of its weights alone.
    expect(gradients).toHaveLength(5);
    expect(gradients.filter((place) => place < third)).toHaveLength(1);
    expect(gradients.filter((place) => place < second)).toHaveLength(3);
    for (const name of layers) {
      const velocity = places(`/next/velocity/${name}`)[0];
      expect(ran[velocity - 1]).toMatch(/^mul\/Mul\//);
      expect(ran[velocity - 2]).toMatch(/^BatchMatMul\.gradient\//);
    }
  });
});
