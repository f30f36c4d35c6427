import type { SolverKeys } from "../yml-config.ts";
import type { KeyRows } from "./key-row.ts";

const onlySteps = "Of a schedule by steps, which the original's training refuses to run with.";

/** Keys of the optimizer and the learning rates. */
export const solverKeys: KeyRows<SolverKeys> = {
  OPTIMIZER_NAME: { default: "Adam", values: ["SGD", "Adam", "AdamW"], does: "The optimizer." },
  MAX_EPOCHS: { default: 100, does: "Epochs of the cosine, which are all trained." },
  BASE_LR: { default: 3e-4, does: "Highest learning rate." },
  LARGE_FC_LR: { default: false, does: "Ten times the learning rate for the head." },
  BIAS_LR_FACTOR: {
    default: 1,
    does: "Factor on the highest learning rate of biases; warm-up and floor do not have it.",
  },
  SEED: { default: 1234, reason: "The original seeds nothing with it; the seed is an option of the run." },
  MOMENTUM: { default: 0.9, does: "Momentum of SGD." },
  MARGIN: { default: 0.3, does: "Margin of the triplet loss." },
  CENTER_LR: { default: 0.5, reason: "The original never reads it." },
  CENTER_LOSS_WEIGHT: { default: 0.0005, reason: "The original never reads it." },
  WEIGHT_DECAY: { default: 0.0005, does: "Weight decay." },
  WEIGHT_DECAY_BIAS: { default: 0.0005, does: "Weight decay of biases." },
  GAMMA: { default: 0.1, reason: onlySteps },
  STEPS: { default: [40, 70], reason: onlySteps },
  WARMUP_FACTOR: { default: 0.01, reason: onlySteps },
  WARMUP_EPOCHS: { default: 5, does: "Epochs of the warm-up." },
  WARMUP_METHOD: {
    default: "linear",
    values: ["cosine"],
    does: "The schedule: `cosine` is the only one that the original's training runs with, and is not the default.",
  },
  COSINE_MARGIN: { default: 0.5, does: "Margin of the head, an angle in radians with `arcface`." },
  COSINE_SCALE: { default: 30, does: "Scale of the head's cosines." },
  CHECKPOINT_PERIOD: { default: 10, does: "Epochs from one checkpoint that is kept to the next." },
  LOG_PERIOD: { default: 100, reason: "Every step is in the run's history." },
  EVAL_PERIOD: {
    default: 10,
    reason: "A run is validated by the stage after it; in the published runs it is never reached.",
  },
  IMS_PER_BATCH: { default: 64, does: "Images of a batch on one device." },
  FP16_ENABLED: { default: false, reason: "Training is in single precision." },
};
