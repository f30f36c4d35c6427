import type { EmbeddingModel } from "@lmk/models";
import {
  adam,
  adamW,
  cosineSchedule,
  type Optimizer,
  type ParameterGroup,
  type Schedule,
  sgd,
  withWarmup,
} from "@lmk/train";
import { headName } from "./network.ts";
import type { YmlConfig } from "./yml-config.ts";

/** The keys that rates depend on. */
type SolverOf = Pick<YmlConfig, "SOLVER">;

/**
 * The learning rate of each step: a linear warm-up from a hundredth of `BASE_LR`, then a cosine down to a five-hundredth.
 *
 * The cosine does not wait for the warm-up, so that the rate falls a little where they meet. A warm-up of a
 * part of an epoch ends with a whole step.
 */
export function learningRates(config: SolverOf, stepsPerEpoch: number): Schedule {
  return ratesTo(config, config.SOLVER.BASE_LR, stepsPerEpoch);
}

/**
 * The parameters that are not trained as the others: the bias of the neck's batch norm stays; with `LARGE_FC_LR` the head
 * has ten times the rate; biases, those of batch norms too, have `BIAS_LR_FACTOR` times the rate and a weight decay of
 * their own. Only the highest rate is multiplied: the warm-up begins and the cosine ends where that of all others does.
 */
export function parameterGroups(
  config: SolverOf,
  model: Pick<EmbeddingModel, "frozen">,
  stepsPerEpoch: number,
): readonly ParameterGroup[] {
  const { BASE_LR, BIAS_LR_FACTOR, LARGE_FC_LR, WEIGHT_DECAY_BIAS } = config.SOLVER;
  const frozen = new Set(model.frozen);
  const head: ParameterGroup = {
    name: "head",
    match: (name) => name === headName,
    schedule: ratesTo(config, BASE_LR * 10, stepsPerEpoch),
  };
  return [
    { name: "frozen", match: (name) => frozen.has(name), frozen: true },
    ...(LARGE_FC_LR ? [head] : []),
    {
      name: "biases",
      match: /bias/,
      schedule: ratesTo(config, BASE_LR * BIAS_LR_FACTOR, stepsPerEpoch),
      weightDecay: WEIGHT_DECAY_BIAS,
    },
  ];
}

/** The optimizer of a config, one of those that `SOLVER.OPTIMIZER_NAME` may name. */
export function optimizerOf({ SOLVER }: SolverOf): Optimizer {
  const { OPTIMIZER_NAME, MOMENTUM, WEIGHT_DECAY: weightDecay } = SOLVER;
  if (OPTIMIZER_NAME === "SGD") return sgd({ momentum: MOMENTUM, weightDecay });
  return OPTIMIZER_NAME === "AdamW" ? adamW({ weightDecay }) : adam({ weightDecay });
}

function ratesTo({ SOLVER }: SolverOf, base: number, stepsPerEpoch: number): Schedule {
  const { BASE_LR, MAX_EPOCHS, WARMUP_EPOCHS } = SOLVER;
  const cosine = cosineSchedule({ base, minimum: 0.002 * BASE_LR, steps: MAX_EPOCHS * stepsPerEpoch });
  const steps = Math.ceil(WARMUP_EPOCHS * stepsPerEpoch);
  return withWarmup(cosine, { steps, from: 0.01 * BASE_LR, delay: false });
}
