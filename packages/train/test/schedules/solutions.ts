import {
  constantSchedule,
  cosineSchedule,
  gradualWarmupSchedule,
  inverseTimeSchedule,
  type Schedule,
  withWarmup,
} from "@lmk/train";

/** One stage of one solution's training. */
export interface SolutionStage {
  readonly name: string;
  /** Epochs after which the run stops; the schedule may be longer. */
  readonly epochs: number;
  readonly schedule: (stepsPerEpoch: number) => Schedule;
  /**
   * Rates by the number of epochs done, fractions included, written by hand with the digits that must agree. The last is
   * where the run ends; of schedules that move once per epoch, the last epoch's.
   */
  readonly rates: Readonly<Record<string, string>>;
  /** Its name in golden/schedules.json, if the original's code ran. */
  readonly golden?: string;
}

/** 2019: cosine per iteration, for 5 epochs, 7, or 6 of 7; the 2019 scale-up is the last epoch of the same cosine. */
const rates2019 = {
  "5 epochs": { 0: "1.000e-3", 1: "9.048e-4", 2: "6.555e-4", 3: "3.475e-4", 4: "9.82e-5", 5: "3.000e-6" },
  "7 epochs": { 0: "1.000e-3", 3: "6.124e-4", 6: "5.24e-5", 7: "3.000e-6" },
  "6 of 7 epochs": { 0: "1.000e-3", 3: "6.124e-4", 6: "5.24e-5" },
  v7: { 0: "1.000e-3", 2: "6.549e-4", 4: "9.640e-5", 5: "1.000e-6" },
};

function stages2019(golden: keyof typeof rates2019, names: readonly string[]): SolutionStage[] {
  const length = golden === "5 epochs" || golden === "v7" ? 5 : 7;
  const minimum = golden === "v7" ? 1e-6 : 3e-6;
  return names.map((name) => ({
    name: `2019 ${name}`,
    epochs: golden === "6 of 7 epochs" ? 6 : length,
    schedule: (stepsPerEpoch) => cosineSchedule({ base: 1e-3, minimum, steps: length * stepsPerEpoch }),
    rates: rates2019[golden],
    golden: `gld2019 ${golden}`,
  }));
}

/** 2020 recognition, third place: rates of epochs counted from 1, as in the README's table of nine models. */
function third2020(
  name: string,
  [base, length, stop]: readonly [base: number, length: number, stop: number],
  step: number,
  rates: Readonly<Record<number, string>>,
): SolutionStage {
  return {
    name: `2020 third ${name} step ${step} stop ${stop}`,
    epochs: stop,
    schedule: (stepsPerEpoch) => gradualWarmupSchedule({ base, epochs: length, stepsPerEpoch }),
    rates: Object.fromEntries(Object.entries(rates).map(([epoch, rate]) => [Number(epoch) - 1, rate])),
    golden: `gld2020 ${name} step ${step} stop ${stop}`,
  };
}

const tenEpochs = {
  1: "1.00e-4",
  2: "1.00e-3",
  3: "1.00e-3",
  4: "8.83e-4",
  5: "7.50e-4",
  6: "5.87e-4",
  7: "4.13e-4",
  8: "2.50e-4",
  9: "1.17e-4",
  10: "3.02e-5",
};
const oneEpoch = { 1: "5.00e-5" };
const first40 = { 1: "1.00e-4", 2: "1.00e-3", 3: "1.00e-3" };

const stages2020Third: readonly SolutionStage[] = [
  third2020("b7ns_DDP_final_256_300w_f0_10ep", [1e-4, 10, 10], 0, tenEpochs),
  third2020("b7ns_DDP_final_512_300w_f0_40ep", [1e-4, 40, 13], 1, {
    ...first40,
    7: "9.60e-4",
    13: "8.16e-4",
  }),
  third2020("b7ns_final_672_300w_f0_load13_ep20", [5e-5, 20, 1], 2, oneEpoch),
  third2020("b7ns_final_672_300w_f0_load13_load1_14ep", [1e-4, 14, 4], 3, { ...first40, 4: "9.43e-4" }),
  third2020("b6ns_DDP_final_256_300w_f1_10ep", [1e-4, 10, 10], 0, tenEpochs),
  third2020("b6ns_DDP_final_512_300w_f1_40ep", [1e-4, 40, 28], 1, {
    ...first40,
    15: "7.50e-4",
    28: "2.50e-4",
  }),
  third2020("b6ns_final_768_300w_f1_load28_5ep_1e-5", [1e-5, 5, 5], 2, {
    1: "1.00e-5",
    2: "1.00e-4",
    3: "1.00e-4",
    4: "5.00e-5",
    5: "1.46e-5",
  }),
  third2020("b6ns_DDP_final_512_300w_f1_40ep", [1e-4, 40, 36], 1, {
    ...first40,
    28: "2.50e-4",
    36: "4.00e-5",
  }),
  third2020("b5ns_DDP_final_256_300w_f2_10ep", [1e-4, 10, 10], 0, tenEpochs),
  third2020("b5ns_DDP_final_576_300w_f2_40ep", [1e-4, 40, 16], 1, {
    ...first40,
    9: "9.23e-4",
    16: "7.14e-4",
  }),
  third2020("b5ns_final_768_300w_f2_load16_20ep", [5e-5, 20, 1], 2, oneEpoch),
  third2020("b5ns_DDP_final_576_300w_f2_40ep", [1e-4, 40, 33], 1, {
    ...first40,
    16: "7.14e-4",
    33: "1.00e-4",
  }),
  third2020("b5ns_final_768_300w_f2_load33_5ep_3e-5_32G", [3e-5, 5, 4], 2, {
    1: "3.00e-5",
    2: "3.00e-4",
    3: "3.00e-4",
    4: "1.50e-4",
  }),
  third2020("b4ns_final_256_400w_f0_10ep", [1e-4, 10, 10], 0, tenEpochs),
  third2020("b4ns_DDP_final_704_300w_f0_50ep", [1e-4, 50, 16], 1, {
    ...first40,
    9: "9.50e-4",
    16: "8.12e-4",
  }),
  third2020("b4ns_final_768_300w_f0_load16_20ep", [5e-5, 20, 1], 2, oneEpoch),
  third2020("b4ns_final_768_300w_f0_load16_20ep", [1e-4, 20, 4], 3, { ...first40, 4: "9.73e-4" }),
  third2020("b3ns_final_256_400w_f1_10ep", [1e-4, 10, 10], 0, tenEpochs),
  third2020("b3ns_DDP_final_544_300w_f1_40ep", [1e-4, 40, 29], 1, {
    ...first40,
    15: "7.50e-4",
    29: "2.16e-4",
  }),
  third2020("b3ns_final_768_300w_f1_load29_5ep", [5e-5, 5, 5], 2, {
    1: "5.00e-5",
    2: "5.00e-4",
    3: "5.00e-4",
    4: "2.50e-4",
    5: "7.32e-5",
  }),
  third2020("b3ns_final_768_300w_f1_load29_5ep5ep", [5e-5, 5, 5], 3, {
    1: "5.00e-5",
    2: "5.00e-4",
    3: "5.00e-4",
    4: "2.50e-4",
    5: "7.32e-5",
  }),
  third2020("nest101_DDP_final_256_300w_f4_10ep_3e-5", [3e-5, 10, 10], 0, {
    1: "3.00e-5",
    2: "3.00e-4",
    3: "3.00e-4",
    6: "1.76e-4",
    10: "9.05e-6",
  }),
  third2020("nest101_DDP_final_576_300w_f4_40ep", [3e-5, 40, 16], 1, {
    1: "3.00e-5",
    2: "3.00e-4",
    9: "2.77e-4",
    16: "2.14e-4",
  }),
  third2020("nest101_final_768_300w_f4_load16_ep20", [2e-5, 20, 1], 2, { 1: "2.00e-5" }),
  third2020("nest101_final_768_300w_f4_load16_19ep_load1_16ep", [4e-5, 16, 5], 3, {
    1: "4.00e-5",
    2: "4.00e-4",
    3: "4.00e-4",
    5: "3.62e-4",
  }),
  third2020("rex20_final_256_400w_f4_10ep", [1e-4, 10, 10], 0, tenEpochs),
  third2020("rex20_DDP_final_768_300w_f4_50ep", [1e-4, 50, 38], 1, {
    ...first40,
    20: "7.02e-4",
    38: "1.64e-4",
  }),
];

/** Linear warm-up over whole epochs, then a cosine to 0: 2020 recognition first place, 2021 first place. */
function transformersCosine(
  name: string,
  golden: string,
  [base, warmup, length, epochs]: readonly [base: number, warmup: number, length: number, epochs: number],
  rates: Readonly<Record<string, string>>,
): SolutionStage {
  return {
    name,
    epochs,
    schedule: (stepsPerEpoch) =>
      withWarmup(cosineSchedule({ base, minimum: 0, steps: (length - warmup) * stepsPerEpoch }), {
        steps: warmup * stepsPerEpoch,
      }),
    rates,
    golden,
  };
}

const stages2020First: readonly SolutionStage[] = [1, 2, 3, 4, 5, 6, 7].map((config) =>
  transformersCosine(`2020 first config ${config}`, `gld2020 first config${config}`, [0.05, 1, 10, 10], {
    0: "0.000e+0",
    0.5: "2.500e-2",
    1: "5.000e-2",
    5: "2.934e-2",
    10: "0.000e+0",
  }),
);

/** 2020 recognition, second place: constant through all sizes. */
const stages2020Second: readonly SolutionStage[] = (
  [
    ["448 v2c", 6],
    ["448 v2x", 6],
    ["512 v2x", 6],
    ["640 v2x", 5],
    ["736 v2x", 3],
  ] as const
).map(([name, epochs]) => ({
  name: `2020 second ${name}`,
  epochs,
  schedule: () => constantSchedule({ base: 0.01 }),
  rates: { 0: "1.000e-2", [epochs / 2]: "1.000e-2", [epochs]: "1.000e-2" },
}));

/** 2020 retrieval, first place: Keras' decay per update; an "epoch" here is a thousandth of the run's 100,000. */
const stages2020Retrieval: readonly SolutionStage[] = [
  "clean 512",
  "total 512",
  "total 640",
  "total 736",
  "not clean 0.5",
].map((name) => ({
  name: `2020 retrieval first ${name}`,
  epochs: 100,
  schedule: (stepsPerEpoch) => inverseTimeSchedule({ base: 1e-3, decay: 0.01 / stepsPerEpoch }),
  rates: { 0: "1.000e-3", 50: "6.667e-4", 100: "5.000e-4" },
}));

/** 2021 retrieval, second place. Biases have a doubled base; start and floor are the same for all. */
function second2021(
  ymls: readonly string[],
  [base, warmup, epochs]: readonly [base: number, warmup: number, epochs: number],
  rates: Readonly<Record<string, string>>,
  biases: Readonly<Record<string, string>>,
): SolutionStage[] {
  const schedule = (factor: number) => (stepsPerEpoch: number) =>
    withWarmup(
      cosineSchedule({ base: factor * base, minimum: 0.002 * base, steps: epochs * stepsPerEpoch }),
      {
        steps: warmup * stepsPerEpoch,
        from: 0.01 * base,
        delay: false,
      },
    );
  return ymls.flatMap((yml) => [
    { name: `2021 second ${yml}`, epochs, schedule: schedule(1), rates, golden: `gld2021 ${yml}` },
    {
      name: `2021 second ${yml} biases`,
      epochs,
      schedule: schedule(2),
      rates: biases,
      golden: `gld2021 ${yml} biases`,
    },
  ]);
}

const stages2021Second: readonly SolutionStage[] = [
  ...second2021(
    ["R50_256", "SER101ibn_384", "RXt101ibn_384", "ResNeSt101_384", "ResNeSt269_448"],
    [0.08, 1, 10],
    {
      0: "8.00e-4",
      0.5: "4.04e-2",
      0.999: "7.99e-2",
      1: "7.805e-2",
      5: "4.008e-2",
      9: "2.11e-3",
      10: "1.60e-4",
    },
    { 0: "8.00e-4", 0.5: "8.04e-2", 1: "1.561e-1", 5: "8.008e-2", 9: "4.072e-3", 10: "1.60e-4" },
  ),
  ...second2021(
    ["R50_256_finetune"],
    [0.008, 0, 2],
    { 0: "8.000e-3", 1: "4.008e-3", 2: "1.600e-5" },
    { 0: "1.600e-2", 1: "8.008e-3", 2: "1.600e-5" },
  ),
  ...second2021(
    [
      "SER101ibn_384_finetune",
      "RXt101ibn_384_finetune",
      "ResNeSt101_384_finetune",
      "ResNeSt269_448_finetune",
    ],
    [0.008, 0, 6],
    { 0: "8.000e-3", 3: "4.008e-3", 5: "5.508e-4", 6: "1.600e-5" },
    { 0: "1.600e-2", 3: "8.008e-3", 5: "1.087e-3", 6: "1.600e-5" },
  ),
  ...second2021(
    ["SER101ibn_512_finetune", "SER101ibn_512_all", "RXt101ibn_512_finetune", "RXt101ibn_512_all"],
    [0.0008, 0, 4],
    { 0: "8.000e-4", 2: "4.008e-4", 3: "1.185e-4", 4: "1.600e-6" },
    { 0: "1.600e-3", 2: "8.008e-4", 3: "2.357e-4", 4: "1.600e-6" },
  ),
  ...second2021(
    ["ResNeSt101_512_finetune", "ResNeSt101_512_all", "ResNeSt269_512_finetune", "ResNeSt269_512_all"],
    [0.0008, 0, 2],
    { 0: "8.000e-4", 1: "4.008e-4", 2: "1.600e-6" },
    { 0: "1.600e-3", 1: "8.008e-4", 2: "1.600e-6" },
  ),
];

function first2021(
  config: string,
  numbers: readonly [base: number, warmup: number, length: number, epochs: number],
  rates: Readonly<Record<string, string>>,
): SolutionStage {
  return transformersCosine(`2021 first ${config}`, `gld2021 cfg_ch_${config}`, numbers, rates);
}

const stages2021First: readonly SolutionStage[] = [
  first2021("dolg_b7_step1", [1e-4, 1, 10, 10], {
    0: "0.000e+0",
    1: "1.000e-4",
    5: "5.868e-5",
    10: "0.000e+0",
  }),
  first2021("dolg_b7_step2", [1e-4, 1, 40, 29], {
    0: "0.000e+0",
    1: "1.000e-4",
    14: "7.500e-5",
    29: "1.838e-5",
  }),
  first2021("dolg_b7_step3", [5e-5, 1, 15, 15], {
    0: "0.000e+0",
    1: "5.000e-5",
    7: "3.056e-5",
    15: "0.000e+0",
  }),
  first2021("dolg_b5_step3", [5e-5, 1, 7, 7], { 0: "0.000e+0", 1: "5.000e-5", 3: "3.750e-5", 7: "0.000e+0" }),
  first2021("dolg_b6_step3", [1e-4, 1, 7, 7], { 0: "0.000e+0", 1: "1.000e-4", 3: "7.500e-5", 7: "0.000e+0" }),
  first2021("hybrid_swin224_b3_3x_1", [1e-4, 0, 40, 16], { 0: "1.000e-4", 8: "9.045e-5", 16: "6.545e-5" }),
  first2021("hybrid_swin224_b5_s3x", [5e-5, 1, 40, 16], {
    0: "0.000e+0",
    1: "5.000e-5",
    8: "4.613e-5",
    16: "3.387e-5",
  }),
  first2021("hybrid_swin384_b6_s1x_2", [2.5e-4, 1, 40, 29], {
    0: "0.000e+0",
    1: "2.500e-4",
    14: "1.875e-4",
    29: "4.594e-5",
  }),
];

/** Every stage of every solution whose training is known. */
export const solutionStages: readonly SolutionStage[] = [
  ...stages2019("v7", ["v7"]),
  ...stages2019("5 epochs", [
    ...[
      "v7c",
      "v19",
      "v19c with scale-up",
      "v21 soft",
      "v21c soft with scale-up",
      "v22",
      "v22c with scale-up",
    ],
    ...["v23", "v24", "v1only", "v1only_r50", "v2clean", "v2clean_only", "v2noisy", "v2noisy_only"],
  ]),
  ...stages2019("7 epochs", ["v20", "v21 middle", "v21c middle with scale-up", "v23c with scale-up"]),
  ...stages2019("6 of 7 epochs", ["v20c", "v24c"]),
  ...stages2020Third,
  ...stages2020First,
  ...stages2020Second,
  ...stages2020Retrieval,
  ...stages2021Second,
  ...stages2021First,
];
