import "@tensorflow/tfjs-backend-cpu";
import {
  adaCos,
  arcFaceLogits,
  batchAdaCos,
  classWeights,
  contrastive,
  crossEntropy,
  elasticFaceLogits,
  focal,
  magFaceLogits,
  subCenterArcFaceLogits,
  triplet,
} from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const wrong = "other" as never;
const beyond = '"linear" or "easy" or "hard" or "none"';
const reductions = '"mean" or "sum" or "mean-of-nonzero"';

describe("options that are one of several words", () => {
  const x = tf.tensor2d([[3, 4]]);
  const weight = tf.tensor2d([
    [1, 0],
    [0, 1],
    [-1, 0],
  ]);
  const y = tf.tensor1d([0], "int32");
  const one = tf.scalar(1);
  const calls: [caller: string, option: string, choices: string, call: () => unknown][] = [
    ["arcFaceLogits", "beyond", beyond, () => arcFaceLogits(x, weight, y, { beyond: wrong })],
    [
      "subCenterArcFaceLogits",
      "beyond",
      beyond,
      () => subCenterArcFaceLogits(x, weight, y, { beyond: wrong }),
    ],
    ["magFaceLogits", "beyond", beyond, () => magFaceLogits(x, weight, y, { beyond: wrong })],
    [
      "elasticFaceLogits",
      "form",
      '"arc" or "cos"',
      () => elasticFaceLogits(x, weight, y, tf.zeros([1]), { form: wrong }),
    ],
    ["adaCos", "medianOf", '"own" or "all"', () => adaCos(x, weight, y, one, { medianOf: wrong })],
    ["batchAdaCos", "medianOf", '"own" or "all"', () => batchAdaCos(x, weight, y, { medianOf: wrong })],
    ["crossEntropy", "mean", '"weighted" or "plain"', () => crossEntropy(x, y, { mean: wrong })],
    ["focal", "mean", '"weighted" or "plain"', () => focal(x, y, { mean: wrong })],
    ["contrastive", "cost", '"half-square" or "linear"', () => contrastive(x, y, { cost: wrong })],
    ["contrastive", "reduction", reductions, () => contrastive(x, y, { reduction: wrong })],
    ["triplet", "reduction", reductions, () => triplet(x, y, { reduction: wrong })],
    [
      "classWeights",
      "rule",
      '"inverse-log" or "inverse" or "effective-number"',
      () => classWeights([1], { rule: wrong }),
    ],
    ["classWeights", "normalize", '"classes" or "samples"', () => classWeights([1], { normalize: wrong })],
  ];

  it.each(calls)("%s refuses another %s", (caller, option, choices, call) => {
    expect(call).toThrow(new RangeError(`${caller}: expected \`${option}\` to be ${choices}, got "other"`));
  });
});
