import type { Config } from "../src/config.ts";
import type { MemberName } from "../src/ensembles.ts";
import type { NetworkSize } from "../src/network-size.ts";
import { presets, withMembers } from "../src/presets.ts";

const transformer = {
  name: "swin_base_patch4_window7_224",
  size: 16,
  window: 4,
  width: 8,
  depths: [1],
  heads: [1],
} as const;

const size: NetworkSize = { width: 0.1, depth: 0.1, channels: 8, transformer };

/** The small preset with few generated images, and networks that are as small as can be. */
export function tinyConfig(members: readonly MemberName[]): Config {
  const { embedded } = presets;
  const config = withMembers(embedded, members);
  return {
    ...config,
    landmarks: {
      landmarks: 6,
      trainImages: 48,
      indexImages: 12,
      testImages: 12,
      noiseRate: 0.1,
      distractorRate: 0.5,
      sceneDifficulty: 0.25,
      longSide: 48,
    },
    recipes: config.recipes.map(({ member, steps }) => ({
      member,
      steps: steps.map((step) => ({
        ...step,
        config: { ...step.config, img_size: [32, 32] as const, batch_size: 8 },
      })),
    })),
    sizes: { ...embedded.sizes, ...Object.fromEntries(members.map((member) => [member, size])) },
    standIn: {
      imageSize: 32,
      epochs: 1,
      batchSize: 8,
      learningRate: 1e-3,
      transformerLearningRate: 1e-3,
    },
    embedding: { batchSize: 4, imagesPerPart: 1024 },
  };
}
