import { engine, keep, type Tensor } from "@tensorflow/tfjs-core";
import { mapValues } from "./map-values.ts";
import { isBatchNormStatistic } from "./parameter-names.ts";
import type { Parameters } from "./parameters.ts";
import type { LossContext, LossResult, TrainStepOptions } from "./train-step-options.ts";

/** Gradients by the names of their parameters. */
export type Gradients = Readonly<Record<string, Tensor>>;

/** What one batch gives. */
export interface Differentiated {
  readonly loss: Tensor;
  readonly gradients: Gradients;
  readonly statistics: Parameters;
  readonly metrics: Parameters;
}

/** The loss of one batch, its gradients, and what it gives beside. To be called inside `tidy`. */
export function differentiate(
  options: TrainStepOptions,
  trainable: readonly string[],
  batch: Readonly<Record<string, Tensor>>,
  seed: Tensor,
  state: Readonly<Record<string, Tensor>>,
): Differentiated {
  const { loss, frozenBatchNorm = false, replicas, synchronizedBatchNorm = false } = options;
  // The state holds slots and averages, too, which are not the loss's to see.
  const parameters = Object.fromEntries(Object.keys(options.parameters).map((name) => [name, state[name]!]));
  const context: LossContext = {
    training: true,
    batchNorm: frozenBatchNorm ? "running" : "batch",
    seed,
    ...(replicas && synchronizedBatchNorm ? { replicas } : {}),
  };
  // The tape's own scope would free what is not the loss.
  const kept: Tensor[] = [];
  const keepAll = (tensors: Parameters = {}): Parameters =>
    mapValues(tensors, (tensor) => {
      kept.push(keep(tensor.clone()));
      return kept.at(-1)!;
    });
  let beside: Pick<Differentiated, "statistics" | "metrics"> = { statistics: {}, metrics: {} };
  const places = trainable.map((name) => state[name]!);
  const forward = (): Tensor => {
    const result = loss(parameters, batch, context);
    requireResult(result, trainable);
    beside = { statistics: keepAll(result.statistics), metrics: keepAll(result.metrics) };
    return result.loss;
  };
  try {
    const { value, grads } = engine().gradients(forward, places, undefined, true);
    const used = Object.entries(beside.statistics).filter(
      ([name]) => !(frozenBatchNorm && isBatchNormStatistic(name)),
    );
    return {
      loss: value,
      gradients: Object.fromEntries(trainable.map((name, i) => [name, requireGradient(grads[i], name)])),
      // Clones belong to the scope around, and share the values of those that were kept.
      statistics: mapValues(Object.fromEntries(used), (tensor) => tensor.clone()),
      metrics: mapValues(beside.metrics, (tensor) => tensor.clone()),
    };
  } finally {
    for (const tensor of kept) tensor.dispose();
  }
}

function requireResult(
  { loss, statistics = {}, metrics = {} }: LossResult,
  trainable: readonly string[],
): void {
  if (loss.rank !== 0)
    throw new RangeError(`createTrainStep: expected the loss to be a scalar, got shape [${loss.shape}]`);
  const moved = trainable.find((name) => name in statistics);
  if (moved !== undefined) {
    throw new RangeError(
      `createTrainStep: expected \`statistics\` to be of parameters that no gradient moves, got ${moved}`,
    );
  }
  if ("loss" in metrics) throw new RangeError("createTrainStep: expected no metric named loss, got one");
}

function requireGradient(gradient: Tensor | null | undefined, name: string): Tensor {
  if (gradient) return gradient;
  throw new RangeError(
    `createTrainStep: expected the loss to use every parameter that is not frozen, got one that it does not: ${name}`,
  );
}
