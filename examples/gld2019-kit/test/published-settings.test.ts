import { expect, it } from "vitest";
import { ensemblePresets } from "../src/presets.ts";

// The settings as the authors' scripts have them, copied out of the scripts by hand: not read from the code under test.
// data: v1, v2, or inliers/verified of the clean list. Where a cell is empty, nothing of the kind is set.
const scripts = `
name                from            data  classes backbone             pooling  loss     s   m    aug        batch epochs stop scale scale-up held out lowest rate
v7                  imagenet        v1    14951   fishnet150           G,G,G,G  arcface  30  0.3  gld2019V7  32    5      -    S     -        0.1      1e-6
v19                 imagenet        v1    14950   fishnet150           G,G,G,G  cosface  30  0.3  soft       32    5      -    S     -        0        3e-6
v19c                v19             30/2  0       fishnet150           G,G,G,G  cosface  30  0.3  soft       32    5      -    S2    M2       0        3e-6
v20                 imagenet        v1    14950   se_resnext101_32x4d  G        arcface  30  0.3  middle     32    7      -    S     -        0        3e-6
v20c                v20             30/3  0       se_resnext101_32x4d  G        arcface  30  0.3  middle     32    7      6    SS2   -        0        3e-6
v21                 imagenet        v1    14950   resnet101            G        arcface  30  0.3  middle     32    7      -    S     -        0        3e-6
v21c                v21             30/3  0       resnet101            G        arcface  30  0.3  middle     32    7      -    SS2   SM2      0        3e-6
v22                 imagenet        v1    14950   fishnet150           G,G,G,G  arcface  30  0.4  soft       32    5      -    S2    -        0        3e-6
v22c                v22             30/2  0       fishnet150           G,G,G,G  arcface  30  0.3  soft       32    5      -    S2    M2       0        3e-6
v23                 imagenet        v1    14950   fishnet150           G,G,G,G  arcface  30  0.3  soft       32    5      -    SS2   -        0        3e-6
v23c                v23             30/3  0       fishnet150           G,G,G,G  arcface  30  0.3  middle     32    7      -    S2    SM2      0        3e-6
v24                 imagenet        v1    14950   se_resnext101_32x4d  G        cosface  30  0.3  soft       64    5      -    SS2   -        0        3e-6
v24c                v24             30/3  0       se_resnext101_32x4d  G        cosface  30  0.3  middle     32    7      6    SS2   -        0        3e-6
v1only-arcface      imagenet        v1    14950   resnet101            G        arcface  30  0.3  soft       32    5      -    S2    -        0        3e-6
v1only-cosface      imagenet        v1    14950   resnet101            G        cosface  30  0.3  soft       32    5      -    S2    -        0        3e-6
v1only-softmax      imagenet        v1    14950   resnet101            G        softmax  -   -    soft       32    5      -    S2    -        0        3e-6
v1only-r50-arcface  imagenet        v1    14950   resnet50             G        arcface  30  0.3  soft       32    5      -    S2    -        0        3e-6
v1only-r50-cosface  imagenet        v1    14950   resnet50             G        cosface  30  0.3  soft       32    5      -    S2    -        0        3e-6
v1only-r50-softmax  imagenet        v1    14950   resnet50             G        softmax  -   -    soft       32    5      -    S2    -        0        3e-6
v2clean             v1only-arcface  30/3  0       resnet101            G        arcface  30  0.3  soft       32    5      -    S2    -        0        3e-6
v2clean-only        imagenet        30/3  0       resnet101            G        arcface  30  0.3  soft       32    5      -    S2    -        0        3e-6
v2noisy             v1only-arcface  v2    0       resnet101            G        arcface  30  0.3  soft       32    5      -    SS2   -        0        3e-6
v2noisy-softmax     v1only-softmax  v2    0       resnet101            G        softmax  -   -    soft       32    5      -    SS2   -        0        3e-6
v2noisy-only        imagenet        v2    0       resnet101            G        arcface  30  0.3  soft       32    5      -    SS2   -        0        3e-6
`;

function dataOf(text: string): object {
  if (!text.includes("/")) return { set: text };
  const [minInliers, minVerified] = text.split("/").map(Number);
  return { set: "v2-clean", minInliers, minVerified };
}

const expectedJobs = scripts
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => {
    const [
      name,
      from,
      data,
      classes,
      backbone,
      pooling,
      loss,
      s,
      m,
      aug,
      batch,
      epochs,
      stop,
      scale,
      up,
      held,
      low,
    ] = line.split(/\s+/) as string[];
    return {
      name,
      network: { backbone, pooling, poolingPower: 3, poolingPowerLearnable: false, dimension: 512 },
      from: from === "imagenet" ? from : { job: from },
      data: dataOf(data!),
      classTopK: Number(classes),
      holdOut: Number(held),
      loss: loss === "softmax" ? { kind: loss } : { kind: loss, scale: Number(s), margin: Number(m) },
      augmentation: aug,
      batchSize: Number(batch),
      epochs: Number(epochs),
      ...(stop === "-" ? {} : { stopAfterEpoch: Number(stop) }),
      templates: scale,
      ...(up === "-" ? {} : { scaleUp: up }),
      learningRate: 1e-3,
      minimumLearningRate: Number(low),
    };
  });

it("has every number of the published system", () => {
  const { landmarks, ...settings } = ensemblePresets.paper;
  expect(settings).toEqual({
    seed: 123456789,
    images: {
      check: "header",
      normalization: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      kernel: "opencv-linear",
      cache: false,
    },
    training: { momentum: 0.9, weightDecay: 1e-5, checkpointEverySteps: 1000, oneThreadEach: false },
    jobs: expectedJobs,
    members: [
      { job: "v19c", weight: 0.5 },
      { job: "v20c", weight: 1 },
      { job: "v21c", weight: 1 },
      { job: "v22c", weight: 0.5 },
      { job: "v23c", weight: 1 },
      { job: "v24c", weight: 1 },
    ],
    cleaning: {
      descriptor: "v7",
      templates: "M",
      batchSize: 32,
      neighborCount: 1000,
      maxSameLabel: 100,
      minImages: 2,
      augmented: { minInliers: 40, minVerified: 5 },
      grid: { minInliers: [20, 25, 30, 35, 40, 45, 50], minVerified: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
    },
    localFeatures: { kind: "sift", limit: 1000, maxSide: 800 },
    verification: {
      matching: { mode: "nearest", maxDistance: 0.8 },
      estimation: {
        maxError: 20,
        maxIterations: 1000,
        confidence: 1,
        sampling: "uniform",
        localOptimization: false,
        minimumInliers: 0,
        oneToOne: false,
        allowReflection: true,
      },
    },
    extraction: { templates: "L2", batchSize: 24, scales: [0.75, 1, 1.25], minimumSide: 128 },
  });
  // The generated stand-in is no part of the published system.
  expect(landmarks.v2.landmarks).toBe(2000);
});

it("weighs the members so that two count an eighteenth and four two ninths of the similarity", () => {
  const weights = ensemblePresets.paper.members.map(({ weight }) => weight ** 2);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const shares = weights.map((weight) => weight / sum);
  expect(shares[0]).toBeCloseTo(1 / 18, 12);
  expect(shares[1]).toBeCloseTo(2 / 9, 12);
  expect(shares[3]).toBeCloseTo(1 / 18, 12);
});

it("trains the same chains in the embedded preset: losses, poolings, lists and who starts from whom", () => {
  const { embedded, paper } = ensemblePresets;
  expect(Object.keys(ensemblePresets)[0]).toBe("embedded");
  expect(embedded.members).toEqual(paper.members);
  expect(embedded.extraction.scales).toEqual(paper.extraction.scales);
  for (const job of paper.jobs.filter(({ network }) => network.backbone !== "resnet50")) {
    const small = embedded.jobs.find(({ name }) => name === job.name)!;
    expect(small.loss).toEqual(job.loss);
    expect(small.network.pooling).toBe(job.network.pooling);
    expect(small.augmentation).toBe(job.augmentation);
    expect(small.data.set).toBe(job.data.set);
    expect(small.scaleUp !== undefined).toBe(job.scaleUp !== undefined);
    expect(small.epochs - (small.stopAfterEpoch ?? small.epochs)).toBe(
      job.epochs - (job.stopAfterEpoch ?? job.epochs),
    );
    if (job.from !== "imagenet") expect(small.from).toEqual(job.from);
  }
});
