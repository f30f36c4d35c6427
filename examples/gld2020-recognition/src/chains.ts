import type { Chain, EnetType, MemberName, TrainRun, TrainStep } from "./train-run.ts";

/** A run of a chain: its step is its place in the chain, and it begins with the weights of the run before. */
interface Step {
  readonly kernelType: string;
  readonly imageSize: number;
  readonly batchSize: number;
  /** @defaultValue 8 */
  readonly devices?: number;
  /** @defaultValue 1e-4, that of the original's `train.py` */
  readonly initLr?: number;
  readonly epochs: number;
  readonly stopAtEpoch?: number;
}

/** What is the same in all runs of a chain, and how its network is used. */
interface Description extends Omit<Chain, "name" | "runs"> {
  readonly enetType: EnetType;
  readonly fold: number;
  readonly steps: readonly Step[];
}

const b6Step0: Step = {
  kernelType: "b6ns_DDP_final_256_300w_f1_10ep",
  imageSize: 256,
  batchSize: 64,
  devices: 4,
  epochs: 10,
};

/** Both networks of B6 are of this run, after 28 epochs and after 36. */
const b6Step1 = {
  kernelType: "b6ns_DDP_final_512_300w_f1_40ep",
  imageSize: 512,
  batchSize: 22,
  epochs: 40,
} satisfies Step;

const b5Step0: Step = {
  kernelType: "b5ns_DDP_final_256_300w_f2_10ep",
  imageSize: 256,
  batchSize: 64,
  devices: 4,
  epochs: 10,
};

/** Both networks of B5 are of this run, after 16 epochs and after 33. */
const b5Step1 = {
  kernelType: "b5ns_DDP_final_576_300w_f2_40ep",
  imageSize: 576,
  batchSize: 24,
  epochs: 40,
} satisfies Step;

// The numbers are those of README.md, in its last version; comments name the places that follow another source.
const descriptions: Readonly<Record<MemberName, Description>> = {
  b7: {
    enetType: "tf_efficientnet_b7_ns",
    fold: 0,
    inferenceSize: 672,
    publishedCheckpoint: "b7ns_final_672_300w_f0_load13_load1_14ep_fold0_ep4",
    steps: [
      {
        kernelType: "b7ns_DDP_final_256_300w_f0_10ep",
        imageSize: 256,
        batchSize: 42,
        devices: 6,
        epochs: 10,
      },
      {
        kernelType: "b7ns_DDP_final_512_300w_f0_40ep",
        imageSize: 512,
        batchSize: 16,
        epochs: 40,
        stopAtEpoch: 13,
      },
      {
        kernelType: "b7ns_final_672_300w_f0_load13_ep20",
        imageSize: 672,
        batchSize: 10,
        initLr: 5e-5,
        epochs: 20,
        stopAtEpoch: 1,
      },
      {
        kernelType: "b7ns_final_672_300w_f0_load13_load1_14ep",
        imageSize: 672,
        batchSize: 10,
        initLr: 1e-4, // 1e-5 in the README of October 2020
        epochs: 14,
        stopAtEpoch: 4,
      },
    ],
  },
  b6: {
    enetType: "tf_efficientnet_b6_ns",
    fold: 1,
    inferenceSize: 768,
    publishedCheckpoint: "b6ns_final_768_300w_f1_load28_5ep_1e-5_fold1_ep5",
    steps: [
      b6Step0,
      { ...b6Step1, stopAtEpoch: 28 },
      {
        kernelType: "b6ns_final_768_300w_f1_load28_5ep_1e-5",
        imageSize: 768,
        batchSize: 10,
        initLr: 1e-5,
        epochs: 5,
      },
    ],
  },
  b5: {
    enetType: "tf_efficientnet_b5_ns",
    fold: 2,
    inferenceSize: 768,
    publishedCheckpoint: "b5ns_final_768_300w_f2_load16_20ep_fold2_ep1",
    steps: [
      b5Step0,
      { ...b5Step1, stopAtEpoch: 16 },
      {
        kernelType: "b5ns_final_768_300w_f2_load16_20ep",
        imageSize: 768,
        batchSize: 13,
        initLr: 5e-5,
        epochs: 20,
        stopAtEpoch: 1,
      },
    ],
  },
  b4: {
    enetType: "tf_efficientnet_b4_ns",
    fold: 0,
    inferenceSize: 768,
    publishedCheckpoint: "b4ns_final_768_300w_f0_load16_20ep_load1_20ep_fold0_ep4",
    steps: [
      { kernelType: "b4ns_final_256_400w_f0_10ep", imageSize: 256, batchSize: 128, devices: 2, epochs: 10 },
      {
        kernelType: "b4ns_DDP_final_704_300w_f0_50ep",
        imageSize: 704,
        batchSize: 22,
        epochs: 50,
        stopAtEpoch: 16,
      },
      {
        kernelType: "b4ns_final_768_300w_f0_load16_20ep",
        imageSize: 768,
        batchSize: 16,
        initLr: 5e-5,
        epochs: 20,
        stopAtEpoch: 1,
      },
      {
        // The name of the notebook's checkpoint; README.md names this run as the one before, whose files it would replace.
        kernelType: "b4ns_final_768_300w_f0_load16_20ep_load1_20ep",
        imageSize: 768,
        batchSize: 16,
        epochs: 20,
        stopAtEpoch: 4,
      },
    ],
  },
  b3: {
    enetType: "tf_efficientnet_b3_ns",
    fold: 1,
    inferenceSize: 768,
    publishedCheckpoint: "b3ns_final_768_300w_f1_load29_5ep5ep_fold1_ep5",
    steps: [
      { kernelType: "b3ns_final_256_400w_f1_10ep", imageSize: 256, batchSize: 128, devices: 2, epochs: 10 },
      {
        kernelType: "b3ns_DDP_final_544_300w_f1_40ep",
        imageSize: 544,
        batchSize: 17,
        epochs: 40,
        stopAtEpoch: 29,
      },
      {
        kernelType: "b3ns_final_768_300w_f1_load29_5ep",
        imageSize: 768,
        batchSize: 22,
        initLr: 5e-5,
        epochs: 5,
      },
      {
        kernelType: "b3ns_final_768_300w_f1_load29_5ep5ep",
        imageSize: 768,
        batchSize: 22,
        initLr: 5e-5,
        epochs: 5,
      },
    ],
  },
  nest101: {
    enetType: "nest101",
    fold: 4,
    inferenceSize: 768,
    publishedCheckpoint: "nest101_final_768_300w_f4_load16_19ep_load1_16ep_fold4_ep5",
    steps: [
      {
        kernelType: "nest101_DDP_final_256_300w_f4_10ep_3e-5",
        imageSize: 256,
        batchSize: 42,
        devices: 6,
        initLr: 3e-5,
        epochs: 10,
      },
      {
        kernelType: "nest101_DDP_final_576_300w_f4_40ep",
        imageSize: 576,
        batchSize: 30,
        initLr: 3e-5,
        epochs: 40,
        stopAtEpoch: 16,
      },
      {
        kernelType: "nest101_final_768_300w_f4_load16_ep20",
        imageSize: 768,
        batchSize: 16,
        initLr: 2e-5,
        epochs: 20,
        stopAtEpoch: 1,
      },
      {
        kernelType: "nest101_final_768_300w_f4_load16_19ep_load1_16ep",
        imageSize: 768,
        batchSize: 16,
        initLr: 4e-5,
        epochs: 16,
        stopAtEpoch: 5,
      },
    ],
  },
  rex20: {
    enetType: "rex20",
    fold: 4,
    inferenceSize: 768,
    // Of a run of 35 epochs that went on after 20, of which the authors published no command.
    publishedCheckpoint: "rex20_DDP_final_768_300w_f4_35ep_load20resume_fold4_ep31",
    steps: [
      { kernelType: "rex20_final_256_400w_f4_10ep", imageSize: 256, batchSize: 64, devices: 4, epochs: 10 },
      {
        // Begins with step 0; in README.md it loads its own output, which is not there yet.
        kernelType: "rex20_DDP_final_768_300w_f4_50ep",
        imageSize: 768,
        batchSize: 19,
        epochs: 50,
        stopAtEpoch: 38,
      },
    ],
  },
  b6b: {
    enetType: "tf_efficientnet_b6_ns",
    fold: 1,
    inferenceSize: 512,
    publishedCheckpoint: "b6ns_DDP_final_512_300w_f1_40ep_fold1_ep36",
    steps: [b6Step0, { ...b6Step1, stopAtEpoch: 36 }],
  },
  b5b: {
    enetType: "tf_efficientnet_b5_ns",
    fold: 2,
    inferenceSize: 768,
    publishedCheckpoint: "b5ns_final_768_300w_f2_load33_5ep_3e-5_32G_fold2_ep4",
    steps: [
      b5Step0,
      { ...b5Step1, stopAtEpoch: 33 },
      {
        kernelType: "b5ns_final_768_300w_f2_load33_5ep_3e-5_32G",
        imageSize: 768,
        batchSize: 13,
        initLr: 3e-5,
        epochs: 5,
        stopAtEpoch: 4, // as the notebook's checkpoint; none in the README of October 2020
      },
    ],
  },
};

/**
 * The nine networks of the ensemble with the runs that make them, in the order in which their embeddings stand side by side.
 *
 * @see {@link https://github.com/haqishen/Google-Landmark-Recognition-2020-3rd-Place-Solution | README.md and the notebook of the third place}
 */
export const chains: readonly Chain[] = Object.entries(descriptions).map(([name, description]) => {
  const { enetType, fold, steps, ...use } = description;
  const runs = steps.map((step, i): TrainRun => {
    const { devices = 8, initLr = 1e-4 } = step;
    const before = steps[i - 1];
    return {
      ...step,
      trainStep: i as TrainStep,
      enetType,
      fold,
      devices,
      initLr,
      ...(before === undefined ? {} : { loadFrom: { kernelType: before.kernelType } }),
    };
  });
  return { name: name as MemberName, ...use, runs };
});
