import { createSizeTemplate, type Split } from "@lmk/data";
import { type CompletedStage, embedSplit, groupsOf, type PreparedData } from "@lmk-example/kit";
import type { SystemContext } from "../context.ts";
import { createNetwork } from "../network.ts";
import { readWeights } from "./train.ts";

/** Embeds the images of a split. */
export function embed(
  context: SystemContext,
  prepared: PreparedData,
  trained: CompletedStage,
  split: Split,
): Promise<CompletedStage> {
  const { imageSize, batchSize } = context.config.embedding;
  const template = createSizeTemplate([], [{ width: imageSize, height: imageSize }]);
  return embedSplit(context, {
    name: `embed/${split}`,
    prepared,
    split,
    settings: { imageSize },
    after: [trained],
    template,
    groups: groupsOf(prepared, split, template),
    batchSize,
    openNetwork: async () => ({ model: createNetwork(context.config), weights: await readWeights(trained) }),
  });
}
