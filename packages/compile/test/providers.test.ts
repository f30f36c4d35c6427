import { availableProviders, compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";

describe("availableProviders", () => {
  it("lists every provider, with a reason in one line for each that does not run", async () => {
    const statuses = await availableProviders();
    expect(statuses.map(({ name }) => name)).toEqual(["cpu", "webgpu", "cuda"]);
    expect(statuses[0]).toEqual({ name: "cpu", available: true });
    for (const status of statuses) {
      if (status.available) continue;
      expect(status.reason).toMatch(/^\S.*; it needs .*\S$/);
      expect(status.reason).not.toContain("/onnxruntime_src/");
    }
  });

  it("says what compile does: run there, or refuse with the same reason", { timeout: 60_000 }, async () => {
    for (const status of await availableProviders()) {
      const result = await compile(
        ({ x }) => ({ outputs: { y: tf.add(x, 1) } }),
        { inputs: { x: { shape: [2] } } },
        { provider: status.name },
      ).catch((error: unknown) => error as Error);
      if (!status.available) {
        expect(result).toEqual(
          new RangeError(
            `compile: expected \`options.provider\` to be one that runs here, got "${status.name}": ${status.reason}`,
          ),
        );
        continue;
      }
      if (result instanceof Error) throw result;
      expect((await result.run({ x: Float32Array.of(1, 2) })).y.data).toEqual(Float32Array.of(2, 3));
      await result.dispose();
    }
  });
});
