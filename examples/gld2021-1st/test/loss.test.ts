import { compile } from "@lmk/compile";
import type { EmbeddingModel } from "@lmk/models";
import type { LossContext } from "@lmk/train";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { shippedConfigs } from "../src/configs.ts";
import { headMargins, trainingLoss } from "../src/head.ts";
import type { NetworkConfig } from "../src/network-config.ts";

const sines = (count: number, start: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(start + i));

/** A network whose embeddings are the parameters `embeddings`: two of three numbers. */
const model: EmbeddingModel = {
  name: "given",
  dimension: 3,
  stride: 1,
  shapes: { embeddings: [2, 3] },
  classifier: [],
  initialize: () => ({}),
  apply: (parameters) => ({ embedding: parameters.embeddings as Tensor2D, statistics: {} }),
};

/** The original's loss of two embeddings on four classes with 1, 4, 16 and 81 images. */
async function lossOf(config: NetworkConfig, labels: readonly [number, number]): Promise<number> {
  const loss = trainingLoss(model, config, headMargins(config, [1, 4, 16, 81]));
  const compiled = await compile(
    ({ embeddings, head, labels: given }) => {
      const parameters = { embeddings: embeddings!, "head.weight": head! };
      return { outputs: { loss: loss(parameters, { labels: given! }, {} as LossContext).loss } };
    },
    {
      inputs: {
        embeddings: { shape: [2, 3] },
        head: { shape: [12, 3] },
        labels: { shape: [2], dtype: "int32" },
      },
    },
    { threads: 1 },
  );
  try {
    const arrays = { embeddings: sines(6, 0.7), head: sines(36, 0.3), labels: Int32Array.from(labels) };
    return (await compiled.run(arrays)).loss!.data[0]!;
  } finally {
    await compiled.dispose();
  }
}

const { dolgB5Step3 } = shippedConfigs;

it("the loss has the original's values", async () => {
  expect(await lossOf(dolgB5Step3, [0, 3])).toBeCloseTo(19.596479, 4);
  expect(await lossOf(dolgB5Step3, [2, 1])).toBeCloseTo(24.662174, 4);
});

it("the loss with one margin has the original's values", async () => {
  expect(await lossOf({ ...dolgB5Step3, loss: "arcface" }, [0, 3])).toBeCloseTo(25.123089, 4);
});
