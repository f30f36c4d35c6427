import { createNames } from "@lmk/data";
import type { NamedArray, NamedArrays } from "@lmk/models";
import { describe, expect, it } from "vitest";
import { headMargins } from "../src/head-margins.ts";
import { learningRates } from "../src/learning-rates.ts";
import { createNetwork, headName, initialParameters } from "../src/network.ts";
import { publishedRecipe } from "../src/recipe.ts";
import { startingWeights } from "../src/starting-weights.ts";
import { logLine } from "../src/train-log.ts";
import { trainingRows } from "../src/training-rows.ts";
import { tinyRun } from "./tiny-training.ts";

describe("the log", () => {
  const result = {
    epoch: 12,
    learningRate: 1e-4,
    trainLoss: 12.5,
    loss: 7.654321987,
    accuracy: 87.5,
    globalAveragePrecision: 0.75,
  };

  it("has the original's lines", () => {
    expect(logLine(4, result, new Date(2020, 5, 7, 3, 5, 9))).toBe(
      "Sun Jun  7 03:05:09 2020 Fold 4, Epoch 12, lr: 0.0001000, train loss: 12.50000, valid loss: 7.65432, acc_m: 87.500000, gap_m: 0.750000.",
    );
  });

  it("says nan where nothing was validated on", () => {
    const none = { ...result, loss: Number.NaN, accuracy: Number.NaN };
    expect(logLine(0, none, new Date(2020, 10, 17, 13, 0, 0))).toContain(
      "Tue Nov 17 13:00:00 2020 Fold 0, Epoch 12, lr: 0.0001000, train loss: 12.50000, valid loss: nan, acc_m: nan,",
    );
  });
});

describe("learning rates", () => {
  const ratesOf = (options: Parameters<typeof learningRates>[0], epochs: readonly number[]): number[] => {
    const rate = learningRates(options, 10);
    return epochs.map((epoch) => rate(10 * epoch - 1));
  };

  it("are those of the specification", () => {
    const rates = ratesOf({ initLr: 1e-5, epochs: 5 }, [1, 2, 3, 4, 5]);
    [1e-5, 1e-4, 1e-4, 5e-5, 1.46447e-5].forEach((wanted, i) => {
      expect(rates[i]).toBeCloseTo(wanted, 9);
    });
  });

  it("have their peak in the first epoch of a run that begins in the cosine", () => {
    const rates = ratesOf({ initLr: 1e-5, epochs: 5, startFromEpoch: 4 }, [4, 5]);
    [1e-4, 1.46447e-5].forEach((wanted, i) => {
      expect(rates[i]).toBeCloseTo(wanted, 9);
    });
  });
});

describe("the images of a run", () => {
  // The seven images of two classes in another order than the table's, which has nine rows.
  const data = {
    rows: Int32Array.of(8, 1, 2, 3, 4, 5, 6),
    classIds: Int32Array.of(1, 1, 1, 1, 0, 0, 0),
    landmarkIds: Int32Array.of(5, 7),
    folds: Int32Array.of(0, 0, -1, 1, 0, 0, 0),
  };
  const options = {
    data,
    run: { ...tinyRun, fold: 0 },
    paths: createNames(9, String),
    validationEvery: 2,
  };

  it("are all but those of the fold, of which every second is validated on", () => {
    const { training, validation } = trainingRows(options);
    expect(training.sizeGroups).toEqual(Int32Array.of(-1, -1, 0, 0, -1, -1, -1, -1, -1));
    expect([training.classes[2], training.classes[3]]).toEqual([1, 1]);
    expect(validation).toEqual({ rows: Int32Array.of(8, 4, 6), classIds: Int32Array.of(1, 0, 0) });
  });

  it("are those that can be read", () => {
    const { training, validation } = trainingRows({ ...options, usable: Int32Array.of(3, 4, 5) });
    expect(training.sizeGroups).toEqual(Int32Array.of(-1, -1, -1, 0, -1, -1, -1, -1, -1));
    expect(validation).toEqual({ rows: Int32Array.of(4), classIds: Int32Array.of(0) });
  });
});

describe("margins", () => {
  it("count every image of a class, and leave room for classes without images", () => {
    // Counts of 1, 4 and 16, to the power of −1/4: 1, √½ and ½.
    const classIds = Int32Array.from({ length: 21 }, (_, i) => (i < 1 ? 0 : i < 5 ? 1 : 2));
    const data = { rows: classIds, classIds, landmarkIds: Int32Array.of(5, 7, 9), folds: new Int32Array(21) };
    const margins = headMargins(data, publishedRecipe.loss.margins, 5);
    expect(margins.length).toBe(5);
    [0.5, 0.05 + 0.9 * (Math.SQRT1_2 - 0.5), 0.05].forEach((wanted, classId) => {
      expect(margins[classId]).toBeCloseTo(wanted, 6);
    });
  });
});

/** Many times as fast as `toEqual`. */
const isEqual = (a: NamedArray, b: NamedArray): boolean =>
  Buffer.from(a.data.buffer).equals(Buffer.from(b.data.buffer));

describe("weights of the run before", () => {
  const model = createNetwork("tf_efficientnet_b3_ns", { width: 0.1, depth: 0.1 });
  const loaded: NamedArrays = initialParameters(model, { classes: 4, seed: 9 });
  const fresh = initialParameters(model, { classes: 4, seed: 1 });

  it("are taken without their head by step 1", () => {
    const weights = startingWeights(model, { trainStep: 1, classes: 4, seed: 1, loaded });
    expect(weights["feat.weight"]).toBe(loaded["feat.weight"]);
    expect(isEqual(weights[headName]!, fresh[headName]!)).toBe(true);
    const more = startingWeights(model, { trainStep: 1, classes: 7, seed: 1, loaded });
    expect(more[headName]!.shape).toEqual([21, 512]);
  });

  it.each([0, 2, 3] as const)("are taken with their head by step %i", (trainStep) => {
    const weights = startingWeights(model, { trainStep, classes: 4, seed: 1, loaded });
    expect(weights["feat.weight"]).toBe(loaded["feat.weight"]);
    expect(weights[headName]).toBe(loaded[headName]);
  });

  it("are refused where the head has other classes, or is missing", () => {
    expect(() => startingWeights(model, { trainStep: 2, classes: 5, seed: 1, loaded })).toThrow(
      "--load-from: expected a head of 5 classes for train step 2, got one of 4 classes; only step 1 begins with a new head",
    );
    const { [headName]: _, ...headless } = loaded;
    expect(() => startingWeights(model, { trainStep: 3, classes: 4, seed: 1, loaded: headless })).toThrow(
      "expected a head of 4 classes for train step 3, got none",
    );
  });

  it("of a backbone take the place of random ones", () => {
    const pretrained = Object.fromEntries(
      Object.entries(loaded).filter(([name]) => !/^(feat|metric)/.test(name)),
    );
    const weights = startingWeights(model, { trainStep: 0, classes: 4, seed: 1, pretrained });
    const [first] = Object.keys(pretrained);
    expect(weights[first!]).toBe(loaded[first!]);
    expect(isEqual(weights["feat.weight"]!, fresh["feat.weight"]!)).toBe(true);
    expect(isEqual(weights[headName]!, fresh[headName]!)).toBe(true);
  });
});
