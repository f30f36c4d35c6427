import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FinishedGraph } from "../src/graph.ts";
import { openSession } from "../src/session.ts";

const settings = { provider: "cpu", threads: 1, profile: undefined, cache: undefined } as const;

/** A product that fits if `inner` is 3. */
const product = (inner: number, origin: string): FinishedGraph => ({
  nodes: [
    { op: "Relu", inputs: ["a"], outputs: ["t1"], attributes: {}, origin: "relu" },
    { op: "Gemm", inputs: ["t1", "b"], outputs: ["t12"], attributes: {}, origin },
  ],
  initializers: [],
  inputs: [
    { name: "a", dims: [2, 3], type: "float32" },
    { name: "b", dims: [inner, 5], type: "float32" },
  ],
  outputs: [{ name: "t12", dims: [2, 5], type: "float32" }],
});

describe("a graph that onnxruntime refuses", () => {
  it("is traced back to the op", async () => {
    const cases = [
      ["BatchMatMul.gradient", "the gradient of BatchMatMul", undefined, undefined],
      ["matMul.gradient", "tf.matMul of a gradient", "tf.matMul", undefined],
      ["matMul", "tf.matMul", "tf.matMul", undefined],
      ["BatchMatMul", "the kernel BatchMatMul", undefined, "BatchMatMul"],
    ] as const;
    for (const [origin, words, op, kernel] of cases) {
      const error = await openSession(product(4, origin), settings).catch((reason) => reason);
      expect(error).toMatchObject({ name: "CompileError", code: "unsupported-op", op, kernel });
      const prefix = `compile: onnxruntime refused a node of ${words}: `;
      expect(error.message.startsWith(prefix)).toBe(true);
      expect(error.message).toContain(`(${origin}/Gemm/t12)`);
      expect(error.cause).toBeInstanceOf(Error);
    }
  });

  it("is refused with onnxruntime's words where they name no op", async () => {
    const graph = {
      ...product(3, "matMul"),
      outputs: [{ name: "absent", dims: [2], type: "float32" }],
    } as const;
    const error = await openSession(graph, settings).catch((reason) => reason);
    expect(error).toMatchObject({ name: "CompileError", code: "load-failed", op: undefined });
    expect(error.message).toMatch(/^compile: cannot load the graph: .*absent/);
  });
});

describe("the cache", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "lmk-session-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const use = async (more: object) => {
    const { session, cache } = await openSession(product(3, "matMul"), { ...settings, ...more });
    await session.release();
    return cache;
  };

  it("leaves out models beyond its limit", async () => {
    expect(await use({ cache: folder, cacheLimit: 50 })).toBe("off");
    expect(await readdir(folder)).toEqual([]);
    expect(await use({ cache: folder, cacheLimit: 5000 })).toBe("miss");
  });

  it("is done without where the entry cannot be written", async () => {
    expect(await use({ cache: join(folder, "absent") })).toBe("off");
    expect(await readdir(folder)).toEqual([]);
  });

  it("does not hide that the model is at fault", async () => {
    const error = await openSession(product(4, "matMul"), { ...settings, cache: folder }).catch((e) => e);
    expect(error).toMatchObject({ name: "CompileError", code: "unsupported-op", op: "tf.matMul" });
    expect(await readdir(folder)).toEqual([]);
  });
});
