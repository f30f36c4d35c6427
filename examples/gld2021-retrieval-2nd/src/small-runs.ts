import type { Chain } from "./chains.ts";
import type { RunName, StageName } from "./published-runs.ts";
import { publishedRuns } from "./published-runs.ts";
import type { YmlConfig } from "./yml-config.ts";

/** What makes a run small; numbers of stages are by the stage of the run. */
export interface SmallRecipe {
  /** Side of the images, in pixels. */
  readonly imageSize: number;
  /** Pixels that are padded before an image is cropped back. */
  readonly padding: number;
  /** Images of a batch, on one device. */
  readonly batchSize: number;
  readonly epochs: Readonly<Record<StageName, number>>;
  readonly learningRates: Readonly<Record<StageName, number>>;
  readonly largeHeadRate: boolean;
  /** Share of images that a rectangle is erased from. */
  readonly erasing: number;
  /** Scale and margin of the head in place of published ones. */
  readonly scale: number;
  readonly margin: number;
}

/** A published run by the numbers of a recipe; of a run without margin the margin stays 0. */
export function smallRun(name: RunName, config: YmlConfig, recipe: SmallRecipe): YmlConfig {
  const { stage } = publishedRuns.find((run) => run.name === name)!;
  const { imageSize, padding, batchSize } = recipe;
  const { MODEL, INPUT, SOLVER, TEST } = config;
  const size = [imageSize, imageSize];
  return {
    ...config,
    MODEL: { ...MODEL, NUM_CLASSES: 0, DEVICE_ID: "0" },
    INPUT: { ...INPUT, SIZE_TRAIN: size, SIZE_TEST: size, PADDING: padding, RE_PROB: recipe.erasing },
    SOLVER: {
      ...SOLVER,
      MAX_EPOCHS: recipe.epochs[stage],
      BASE_LR: recipe.learningRates[stage],
      LARGE_FC_LR: recipe.largeHeadRate,
      IMS_PER_BATCH: batchSize,
      CHECKPOINT_PERIOD: 1,
      COSINE_SCALE: recipe.scale,
      COSINE_MARGIN: SOLVER.COSINE_MARGIN === 0 ? 0 : recipe.margin,
    },
    TEST: { ...TEST, IMS_PER_BATCH: batchSize },
  };
}

/** A chain whose runs begin with the last epoch of the run before. */
export function smallChain(chain: Chain, { epochs }: Pick<SmallRecipe, "epochs">): Chain {
  const epochsOf = (name: RunName): number => epochs[publishedRuns.find((run) => run.name === name)!.stage];
  return {
    ...chain,
    runs: chain.runs.map((run) =>
      run.from === undefined ? run : { ...run, from: { ...run.from, epoch: epochsOf(run.from.run) } },
    ),
  };
}
