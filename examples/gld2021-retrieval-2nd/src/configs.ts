import { baseConfig } from "./base-config.ts";
import { type PublishedRun, publishedRuns, type RunName, type StageName } from "./published-runs.ts";
import type { YmlConfig } from "./yml-config.ts";

/** What the runs of a stage share. */
const stages: Readonly<
  Record<StageName, { readonly list: string; readonly rate: number; readonly decay: number }>
> = {
  clean: { list: "cache_clean_list.pkl", rate: 0.08, decay: 5e-4 },
  c2x: { list: "cache_c2f_list.pkl", rate: 0.008, decay: 5e-4 },
  full: { list: "cache_full_list.pkl", rate: 8e-4, decay: 1e-5 },
  all: { list: "cache_all_list.pkl", rate: 8e-4, decay: 1e-5 },
};

const paddings = { 256: 10, 384: 15, 448: 18, 512: 20 } as const;

/** The eighteen published runs, each as its yml file, read over the file of their `BASE`. */
export const configs: Readonly<Record<RunName, YmlConfig>> = Object.fromEntries(
  publishedRuns.map((run) => [run.name, configOf(run)]),
) as Record<RunName, YmlConfig>;

function configOf(run: PublishedRun): YmlConfig {
  const { name, backbone, stage, size, batch, epochs, start, output = name } = run;
  const { list, rate, decay } = stages[stage];
  const { MODEL, INPUT, DATALOADER, SOLVER, TEST } = baseConfig;
  const first = stage === "clean";
  // The last two runs of ResNeSt-269 have a softmax of cosines, on all classes.
  const large = name.startsWith("ResNeSt269_512");
  const small = name === "R50_256_finetune";
  const weightDecay = large || small ? 5e-4 : decay;
  return {
    ...baseConfig,
    BASE: "configs/GLDv2/GLDv2_base.yml",
    MODEL: {
      ...MODEL,
      ...(large ? { NUM_CLASSES: 203_094 } : {}),
      PRETRAIN_CHOICE: first ? "imagenet" : "self",
      PRETRAIN_PATH: start,
      NAME: backbone,
    },
    INPUT: { ...INPUT, SIZE_TRAIN: [size, size], SIZE_TEST: [size, size], PADDING: paddings[size] },
    DATALOADER: { ...DATALOADER, CACHE_LIST: list, SAMPLER: stage === "all" ? "gld" : "softmax" },
    SOLVER: {
      ...SOLVER,
      OPTIMIZER_NAME: "SGD",
      MAX_EPOCHS: epochs,
      BASE_LR: small ? 0.008 : rate,
      IMS_PER_BATCH: batch,
      CHECKPOINT_PERIOD: large ? 1 : 2,
      EVAL_PERIOD: 20,
      WEIGHT_DECAY: weightDecay,
      WEIGHT_DECAY_BIAS: weightDecay,
      WARMUP_EPOCHS: first ? 1 : 0,
      COSINE_MARGIN: large ? 0 : 0.3,
      COSINE_SCALE: large ? 60 : 30,
    },
    TEST: { ...TEST, IMS_PER_BATCH: large ? 16 : batch },
    OUTPUT_DIR: `logs/GLDv2clean/${output}`,
  };
}
