// The trainings of 2019. [C], [P] and [H] name revisions of the authors' repository,
// github.com/lyakaap/Landmark2019-1st-and-3rd-Place-Solution: [C] of the contest (215d4ad, 6739bf8), [P] the most complete
// one (98a83b4), [H] the refactored one (3fee857). Script vN is experiments/vN.py of [P], v2clean exp/v2clean.py of [H].

import type { Job, LossConfig, NetworkConfig, TrainingData } from "./config.ts";

const arcface: LossConfig = { kind: "arcface", scale: 30, margin: 0.3 }; // [H] exp/v2clean.py:41-43
const cosface: LossConfig = { kind: "cosface", scale: 30, margin: 0.3 }; // [P] v19.py, v24.py: the same s and m
const softmax: LossConfig = { kind: "softmax" };

const resnet101: NetworkConfig = {
  backbone: "resnet101", // [H] exp/v2clean.py:38
  pooling: "G",
  poolingPower: 3, // [P] cirtorch/layers/pooling.py:52
  poolingPowerLearnable: false, // frozen in [P]; [H] learns it, the published results do not
  dimension: 512, // [H] exp/v2clean.py:45
};
const resnet50: NetworkConfig = { ...resnet101, backbone: "resnet50" };
const seResNext101: NetworkConfig = { ...resnet101, backbone: "se_resnext101_32x4d" };
const fishnet150: NetworkConfig = { ...resnet101, backbone: "fishnet150", pooling: "G,G,G,G" };

const v1: TrainingData = { set: "v1" };
const v2: TrainingData = { set: "v2" };
const clean30by3: TrainingData = { set: "v2-clean", minInliers: 30, minVerified: 3 };
const clean30by2: TrainingData = { set: "v2-clean", minInliers: 30, minVerified: 2 };

/** What all scripts have in common. */
const base: Omit<Job, "name" | "network"> = {
  from: "imagenet",
  data: v1,
  classTopK: 0,
  holdOut: 0,
  loss: arcface,
  augmentation: "soft",
  batchSize: 32, // [H] exp/v2clean.py:32
  epochs: 5, // [H] exp/v2clean.py:35
  templates: "S2",
  learningRate: 1e-3, // [H] exp/v2clean.py:31
  minimumLearningRate: 3e-6, // [H] exp/v2clean.py:143, stepped every iteration
};

/** On Google Landmarks v1, whose rarest class is left out. */
const onV1: Omit<Job, "name" | "network"> = { ...base, classTopK: 14_950 };

/** On cleaned v2, from a job on v1. */
function onClean(job: string, data: TrainingData): Omit<Job, "name" | "network"> {
  return { ...base, from: { job }, data };
}

/** Every training of the published system, with its settings. */
export const publishedJobs: readonly Job[] = [
  // The descriptor of the cleaning: 14,951 classes, mirrored images, a tenth held out.
  {
    ...base,
    name: "v7",
    network: fishnet150,
    classTopK: 14_951,
    holdOut: 0.1,
    augmentation: "gld2019V7",
    templates: "S",
    minimumLearningRate: 1e-6,
  },

  // The ensemble: first on v1, then on cleaned v2, of which some see larger images in the last epoch.
  { ...onV1, name: "v19", network: fishnet150, loss: cosface, templates: "S" },
  { ...onClean("v19", clean30by2), name: "v19c", network: fishnet150, loss: cosface, scaleUp: "M2" },
  { ...onV1, name: "v20", network: seResNext101, epochs: 7, templates: "S", augmentation: "middle" },
  {
    ...onClean("v20", clean30by3),
    name: "v20c",
    network: seResNext101,
    epochs: 7,
    stopAfterEpoch: 6,
    templates: "SS2",
    augmentation: "middle",
  },
  { ...onV1, name: "v21", network: resnet101, epochs: 7, templates: "S", augmentation: "middle" },
  {
    ...onClean("v21", clean30by3),
    name: "v21c",
    network: resnet101,
    epochs: 7,
    templates: "SS2",
    scaleUp: "SM2",
    augmentation: "middle",
  },
  // [C] trained v22 on a cleaned v1 whose list was never published; [P] trains on v1 as it is.
  { ...onV1, name: "v22", network: fishnet150, loss: { ...arcface, margin: 0.4 } },
  { ...onClean("v22", clean30by2), name: "v22c", network: fishnet150, scaleUp: "M2" },
  { ...onV1, name: "v23", network: fishnet150, templates: "SS2" },
  {
    ...onClean("v23", clean30by3),
    name: "v23c",
    network: fishnet150,
    epochs: 7,
    scaleUp: "SM2",
    augmentation: "middle",
  },
  { ...onV1, name: "v24", network: seResNext101, loss: cosface, batchSize: 64, templates: "SS2" },
  {
    ...onClean("v24", clean30by3),
    name: "v24c",
    network: seResNext101,
    loss: cosface,
    epochs: 7,
    stopAfterEpoch: 6,
    templates: "SS2",
    augmentation: "middle",
  },

  // The table of losses.
  { ...onV1, name: "v1only-arcface", network: resnet101 },
  { ...onV1, name: "v1only-cosface", network: resnet101, loss: cosface },
  { ...onV1, name: "v1only-softmax", network: resnet101, loss: softmax },
  { ...onV1, name: "v1only-r50-arcface", network: resnet50 },
  { ...onV1, name: "v1only-r50-cosface", network: resnet50, loss: cosface },
  { ...onV1, name: "v1only-r50-softmax", network: resnet50, loss: softmax },

  // The table of training data.
  { ...onClean("v1only-arcface", clean30by3), name: "v2clean", network: resnet101 },
  { ...base, name: "v2clean-only", network: resnet101, data: clean30by3 },
  {
    ...base,
    name: "v2noisy",
    network: resnet101,
    from: { job: "v1only-arcface" },
    data: v2,
    templates: "SS2",
  },
  {
    ...base,
    name: "v2noisy-softmax",
    network: resnet101,
    from: { job: "v1only-softmax" },
    data: v2,
    loss: softmax,
    templates: "SS2",
  },
  { ...base, name: "v2noisy-only", network: resnet101, data: v2, templates: "SS2" },
];
