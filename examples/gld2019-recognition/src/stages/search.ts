import {
  type EmbeddingRows,
  type Ensemble,
  type NamedMembers,
  rowsOf,
  searchRows,
  verifyLists,
} from "@lmk-example/gld2019-kit";
import type { CompletedStage } from "@lmk-example/kit";
import type { Config, Embeddings, RecognitionConfig } from "../config.ts";
import { once, type RecognitionContext } from "../context.ts";
import type { Method } from "../methods.ts";
import { augment, searchClean } from "./augment.ts";

/** The networks whose embeddings are compared, and what their stages are called. */
function networksOf({ members, ablations }: Config, embeddings: Embeddings): NamedMembers {
  if (embeddings === "ensemble" || members.length === 1) return { name: "ensemble", members };
  return { name: ablations.network, members: [{ job: ablations.network, weight: 1 }] };
}

/** The embeddings of the test images, and of the train images as they vote. */
export async function comparedRows(
  context: RecognitionContext,
  ensemble: Ensemble,
  { embeddings, augmentation }: Pick<RecognitionConfig, "embeddings" | "augmentation">,
): Promise<{ readonly test: EmbeddingRows; readonly train: EmbeddingRows }> {
  const { name, members } = networksOf(context.config, embeddings);
  const train = rowsOf(ensemble, members, "train");
  return {
    test: rowsOf(ensemble, members, "test"),
    train: augmentation === "none" ? train : await augment(context, ensemble, train, name, augmentation),
  };
}

/** Finds each test image's nearest train images. With averaged train images that is a part of the ablations. */
export async function searchNeighbors(
  context: RecognitionContext,
  ensemble: Ensemble,
  recognition: Pick<RecognitionConfig, "embeddings" | "augmentation">,
): Promise<CompletedStage> {
  const { embeddings, augmentation } = recognition;
  const { test, train } = await comparedRows(context, ensemble, recognition);
  const { name } = networksOf(context.config, embeddings);
  const place = augmentation === "none" ? `search/${name}` : `ablate/${augmentation}/${name}`;
  const k = context.config.search.depth;
  return once(context, `${place}/test-train`, (list) =>
    searchRows(context, { name: list, queries: test, database: train, k }),
  );
}

/** The searches that the methods begin with. */
export async function searchAll(
  context: RecognitionContext,
  ensemble: Ensemble,
  methods: readonly Method[],
): Promise<void> {
  const compared = new Set(methods.map(({ recognition }) => recognition.embeddings));
  for (const embeddings of compared) {
    await searchNeighbors(context, ensemble, { embeddings, augmentation: "none" });
  }
  const averaged = methods.filter(({ recognition }) => recognition.augmentation !== "none");
  for (const embeddings of new Set(averaged.map(({ recognition }) => recognition.embeddings))) {
    const { name, members } = networksOf(context.config, embeddings);
    await searchClean(context, ensemble, rowsOf(ensemble, members, "train"), name);
  }
}

/** Counts the places that agree with each test image's nearest train images, where the system asks for it. */
export async function verifyNeighbors(
  context: RecognitionContext,
  ensemble: Ensemble,
): Promise<CompletedStage | undefined> {
  const { embeddings, inlierCap } = context.config.recognition;
  if (inlierCap === 0) return undefined;
  const found = await searchNeighbors(context, ensemble, { embeddings, augmentation: "none" });
  return (await verifyLists(context, ensemble, { "test-train": found }))["test-train"];
}

/** Averages the clean train images with their neighbors in the ways of the methods. */
export async function augmentAll(
  context: RecognitionContext,
  ensemble: Ensemble,
  methods: readonly Method[],
): Promise<void> {
  for (const { recognition } of methods) await comparedRows(context, ensemble, recognition);
}
