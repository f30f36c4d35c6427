import { compile } from "@lmk/compile";
import type { EmbeddingModel } from "@lmk/models";
import { mean, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { configs } from "../src/configs.ts";
import { headName } from "../src/network.ts";
import { trainingLoss } from "../src/training-loss.ts";
import type { YmlConfig } from "../src/yml-config.ts";

const { R50_256, ResNeSt269_512_all } = configs;

/** A network whose embeddings are the means of the images' pixels, `[N, 2]`. */
const model = {
  apply: (_parameters: unknown, images: Tensor4D) => ({
    embedding: mean<Tensor2D>(images, [1, 2]),
    statistics: {},
  }),
} as unknown as EmbeddingModel;

/** Embeddings one after another, and their classes, whose rows are (1, 0) and (0, 1). */
const two = { embeddings: [3, 4, 1, 0], labels: [1, 0] };
const three = { embeddings: [3, 4, 1, 0, 0, 2], labels: [1, 0, 1] };

async function lossOf(
  { MODEL, SOLVER }: YmlConfig,
  model_: Partial<YmlConfig["MODEL"]> = {},
  solver: Partial<YmlConfig["SOLVER"]> = {},
  { seed = 1, batch = two } = {},
): Promise<number> {
  const loss = trainingLoss(model, { MODEL: { ...MODEL, ...model_ }, SOLVER: { ...SOLVER, ...solver } });
  const run = await compile(
    ({ images, labels, seed: at, rows }) => {
      const context = { training: true, batchNorm: "batch", seed: at! } as const;
      return {
        outputs: { loss: loss({ [headName]: rows! }, { images: images!, labels: labels! }, context).loss },
      };
    },
    {
      inputs: {
        images: { shape: [batch.labels.length, 1, 1, 2] },
        labels: { shape: [batch.labels.length], dtype: "int32" },
        seed: { shape: [], dtype: "int32" },
        rows: { shape: [2, 2] },
      },
    },
  );
  const outputs = await run.run({
    images: Float32Array.from(batch.embeddings),
    labels: Int32Array.from(batch.labels),
    seed: Int32Array.of(seed),
    rows: Float32Array.of(1, 0, 0, 1),
  });
  await run.dispose();
  return outputs.loss!.data[0]!;
}

/** The mean cross entropy of two classes, by how much the right logit is above the other. */
function entropy(...above: readonly number[]): number {
  return above.reduce((sum, one) => sum + Math.log1p(Math.exp(-one)), 0) / above.length;
}

describe("trainingLoss", () => {
  const widened = 0.8 * Math.cos(0.3) - 0.6 * Math.sin(0.3);

  it("is ArcFace with the scale and the margin of the config", async () => {
    expect(await lossOf(R50_256)).toBeCloseTo(entropy(30 * (widened - 0.6), 30 * Math.cos(0.3)), 4);
    const small = { COSINE_SCALE: 4, COSINE_MARGIN: 0.3 };
    expect(await lossOf(R50_256, {}, small)).toBeCloseTo(entropy(4 * (widened - 0.6), 4 * Math.cos(0.3)), 5);
  });

  it("is a softmax of cosines at the end of ResNeSt-269", async () => {
    expect(await lossOf(ResNeSt269_512_all)).toBeCloseTo(entropy(60 * 0.2, 60), 6);
    expect(await lossOf(ResNeSt269_512_all, {}, { COSINE_SCALE: 2 })).toBeCloseTo(entropy(0.4, 2), 5);
  });

  it("can be CosFace or a plain softmax, and have smoothed labels", async () => {
    const at = { COSINE_SCALE: 2, COSINE_MARGIN: 0.1 };
    const cosFace = entropy(2 * (0.8 - 0.1 - 0.6), 2 * 0.9);
    expect(await lossOf(R50_256, { ID_LOSS_TYPE: "cosface" }, at)).toBeCloseTo(cosFace, 5);
    expect(await lossOf(R50_256, { ID_LOSS_TYPE: "amsoftmax" }, at)).toBeCloseTo(cosFace, 5);
    const plain = { ID_LOSS_TYPE: "softmax" };
    expect(await lossOf(R50_256, plain)).toBeCloseTo(entropy(1, 1), 5);
    // Two classes: a twentieth of the logits' difference is added.
    const smoothed = await lossOf(R50_256, { ...plain, IF_LABELSMOOTH: "on" });
    expect(smoothed).toBeCloseTo(entropy(1, 1) + 0.05, 5);
  });

  it("adds the triplet loss where it is asked for", async () => {
    const weights = { ID_LOSS_WEIGHT: 0.5, TRIPLET_LOSS_WEIGHT: 2 };
    const both = { METRIC_LOSS_TYPE: "softmax_triplet", ID_LOSS_TYPE: "softmax", ...weights };
    const ofHead = 0.5 * entropy(1, 1, 2);
    // Of the normalized embeddings, whose first and third are of one class.
    const [positive, near, far] = [Math.sqrt(0.4), Math.sqrt(0.8), Math.SQRT2];
    const hinge = await lossOf(R50_256, both, { MARGIN: 0.3 }, { batch: three });
    expect(hinge).toBeCloseTo(ofHead + (2 * (positive - near + 0.3)) / 2, 4);
    const soft = await lossOf(R50_256, { ...both, NO_MARGIN: true }, {}, { batch: three });
    expect(soft).toBeCloseTo(ofHead + 2 * entropy(near - positive, far - positive), 4);
    const config = { ...R50_256, MODEL: { ...R50_256.MODEL, METRIC_LOSS_TYPE: "triplet", NECK_DIM: 0 } };
    expect(() => trainingLoss(model, config)).toThrow(
      "MODEL.METRIC_LOSS_TYPE: expected a linear layer before a triplet loss, got MODEL.NECK_DIM 0; set it above 0",
    );
  });

  it("drops numbers of embeddings, others for another seed", async () => {
    const dropped = { ID_LOSS_TYPE: "softmax", CNN_DROPOUT: 0.5 };
    const losses = new Set<number>();
    for (const seed of [1, 2, 3, 4, 5, 6]) losses.add(await lossOf(R50_256, dropped, {}, { seed }));
    expect(losses.size).toBeGreaterThan(1);
    expect(await lossOf(R50_256, { ...dropped, NECK_DIM: 0 })).toBeCloseTo(entropy(1, 1), 5);
  });
});
