import "@tensorflow/tfjs-backend-cpu";
import {
  adaCosScale,
  arcFace,
  batchAdaCos,
  classWeights,
  cosFace,
  dynamicMargins,
  marginPresets,
  normalizedSoftmax,
  subCenterArcFace,
} from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { expectGolden, golden } from "./golden.ts";
import { sines } from "./loss-case.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const tensorOf = ({ data, shape }: ReturnType<typeof sines>) => tf.tensor2d(data, shape as [number, number]);

describe("marginPresets", () => {
  it("of 2019 give its code's losses", () => {
    const { arcFace: arc, cosFace: cos, adaCos: ada } = marginPresets.retrieval2019First;
    expectGolden(golden.arcFace2019, (x, w, y) => arcFace(x, w, y, arc));
    expectGolden(golden.cosFace2019, (x, w, y) => cosFace(x, w, y, cos));
    const first = golden.adaCos2019[1] as { loss: number; embeddings: number[]; weight: number[] };
    expectGolden(first, (x, w, y) => batchAdaCos(x, w, y, ada));
    expect(adaCosScale(14950, ada.clipAngle)).toBeCloseTo(30.48, 2);
  });

  it("of the 2020 recognition winners hold seven margins and weights that sum to C", () => {
    const { arcFace: configurations, classWeights: weights } = marginPresets.recognition2020First;
    expect(configurations.map(({ margin }) => margin)).toEqual([0.4, 0.3, 0.4, 0.35, 0.35, 0.3, 0.4]);
    expect(new Set(configurations.map(({ scale }) => scale))).toEqual(new Set([45]));
    expectGolden(golden.arcFace2020First, (x, w, y) =>
      arcFace(x, w, y, {
        ...configurations[0],
        classWeights: classWeights([1, 3, 10, 50, 400], weights),
      }),
    );
  });

  it("of the 2020 retrieval winners give its formula's loss and κ/ln n, then κ/ln(n + 1)", () => {
    const { adaCos, classWeights: weights } = marginPresets.retrieval2020First;
    expectGolden(golden.adaCos2020, (x, w, y) => batchAdaCos(x, w, y, adaCos));
    const ratio = (values: Float32Array): number => values[0]! / values[1]!;
    expect(ratio(classWeights([2, 16], weights.clean))).toBeCloseTo(4, 5);
    expect(ratio(classWeights([1, 15], weights.total))).toBeCloseTo(4, 5);
  });

  it("of the 2020 runners-up smooth by 0.1", () => {
    expectGolden(golden.arcFace2020Second, (x, w, y) =>
      arcFace(x, w, y, marginPresets.recognition2020Second.arcFace),
    );
  });

  it("of the sub-center systems differ in the scale alone: 80 and 45", () => {
    const { recognition2020Third: third, retrieval2021First: first } = marginPresets;
    expect(third.margins).toEqual(first.margins);
    expect(third.loss).toEqual({ ...first.loss, scale: 80 });
    const head = [tensorOf(sines([2, 3], 0.7)), tensorOf(sines([12, 3], 0.3))] as const;
    const margin = dynamicMargins([1, 4, 16, 81], first.margins);
    const loss = subCenterArcFace(...head, tf.tensor1d([0, 3], "int32"), { ...first.loss, margin });
    expect(loss.dataSync()[0]).toBeCloseTo(19.596479, 4);
    expectGolden(
      golden.subCenter2020Third,
      (x, w, y) =>
        subCenterArcFace(x, w, y, {
          ...third.loss,
          centers: 2,
          margin: dynamicMargins([4, 100, 30], third.margins),
        }),
      golden.centers,
      golden.centerLabels,
    );
  });

  it("of the 2021 runners-up end without a margin", () => {
    const { arcFace: arc, resNeSt269 } = marginPresets.retrieval2021Second;
    expectGolden(golden.arcFace2021Second, (x, w, y) => arcFace(x, w, y, arc));
    expectGolden(golden.arcFace2021SecondLast, (x, w, y) => normalizedSoftmax(x, w, y, resNeSt269));
  });

  it("compute the doc comment's example", () => {
    const { loss, margins } = marginPresets.recognition2020Third;
    const margin = dynamicMargins([2, 100], margins);
    expect([...margin]).toEqual([0.5, 0.05].map((value) => expect.closeTo(value, 6)));
    const weight = tf.tensor2d([1, 0, 0, 1, -1, 0, 0, -1, 1, 1, -1, 1], [6, 2]);
    const value = subCenterArcFace(tf.tensor2d([[3, 4]]), weight, tf.tensor1d([0], "int32"), {
      ...loss,
      margin,
    });
    // Cosines .8, widened by .5, and 7/√50.
    const apart = 80 * (7 / Math.sqrt(50) - Math.cos(Math.acos(0.8) + 0.5));
    expect(apart).toBeCloseTo(46.043, 3);
    expect(value.dataSync()[0]).toBeCloseTo(apart, 3);
  });
});
