import type { NamePattern, Stage } from "@lmk/train";

const head: NamePattern = "metric_classify.weight";

/** One of 2020's nine members: the steps after step 0, each from the one before; step 1 has other classes. */
function member2020(name: string, keepEpochs: readonly number[], laterSteps: readonly number[]): Stage[] {
  return [
    { name: `${name}-step0` },
    { name: `${name}-step1`, initFrom: { stage: `${name}-step0`, drop: [head] }, keepEpochs },
    ...laterSteps.map((step) => ({
      name: `${name}-step${step}`,
      initFrom: { stage: `${name}-step${step - 1}` },
    })),
  ];
}

/** 2020 recognition, third place. Members (a) and (b) of B6 and B5 share one run of step 1, stopped at 36 and 33. */
export const chains2020: readonly Stage[] = [
  ...member2020("b7", [], [2, 3]),
  ...member2020("b6", [28], []),
  { name: "b6a-step2", initFrom: { stage: "b6-step1", epoch: 28 } },
  ...member2020("b5", [16], []),
  { name: "b5a-step2", initFrom: { stage: "b5-step1", epoch: 16 } },
  { name: "b5b-step2", initFrom: { stage: "b5-step1" } },
  ...member2020("b4", [], [2, 3]),
  ...member2020("b3", [], [2, 3]),
  ...member2020("nest101", [], [2, 3]),
  ...member2020("rex20", [], []),
];

/** 2021 retrieval, second place: a network of 81,313 classes, then of 203,094, the first of which are the same. */
export const chains2021: readonly Stage[] = [
  { name: "SER101ibn_384" },
  {
    name: "SER101ibn_384_finetune",
    initFrom: { stage: "SER101ibn_384", stripPrefix: "module.", copyRows: ["classifier.weight"] },
  },
  {
    name: "SER101ibn_512_finetune",
    initFrom: { stage: "SER101ibn_384_finetune", stripPrefix: "module.", copyRows: ["classifier.weight"] },
    keepEpochs: [2],
  },
  {
    name: "SER101ibn_512_all",
    initFrom: {
      stage: "SER101ibn_512_finetune",
      epoch: 2,
      stripPrefix: "module.",
      copyRows: ["classifier.weight"],
    },
  },
];
