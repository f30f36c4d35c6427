import {
  adaCosParameters,
  adaCosScale,
  adaFaceParameters,
  arcFaceParameters,
  curricularFaceParameters,
  softmaxParameters,
  subCenterArcFaceParameters,
} from "@lmk/losses";
import { describe, expect, it } from "vitest";

const options = { classes: 40, dimension: 60, seed: 3 };

describe("class weights", () => {
  it("are within Glorot's bound, spread over it, and the same for the same seed", () => {
    const { shape, data } = arcFaceParameters(options)["final.weight"]!;
    const bound = Math.sqrt(6 / 100);
    expect(shape).toEqual([40, 60]);
    expect(Math.max(...data)).toBeLessThan(bound);
    expect(Math.max(...data)).toBeGreaterThan(0.99 * bound);
    expect(Math.min(...data)).toBeLessThan(-0.99 * bound);
    expect(data.reduce((sum, value) => sum + value, 0) / data.length).toBeCloseTo(0, 2);
    expect(arcFaceParameters(options)).toEqual(arcFaceParameters(options));
    expect(arcFaceParameters({ ...options, seed: 4 })).not.toEqual(arcFaceParameters(options));
  });

  it("are those of PyTorch's linear layer for softmax", () => {
    const parameters = softmaxParameters(options);
    expect(Object.entries(parameters).map(([name, { shape }]) => [name, shape])).toEqual([
      ["final.weight", [40, 60]],
      ["final.bias", [40]],
    ]);
    expect(Math.max(...parameters["final.weight"]!.data)).toBeLessThan(1 / Math.sqrt(60));
  });

  it("are three rows per class within ±1/√d for sub-centers", () => {
    const { shape, data } = subCenterArcFaceParameters(options)["final.weight"]!;
    expect(shape).toEqual([120, 60]);
    expect(data.length).toBe(7200);
    expect(Math.max(...data)).toBeLessThan(1 / Math.sqrt(60));
    expect(Math.max(...data)).toBeGreaterThan(0.99 / Math.sqrt(60));
    expect(Math.min(...data)).toBeLessThan(-0.99 / Math.sqrt(60));
    expect(subCenterArcFaceParameters({ ...options, centers: 2 })["final.weight"]!.shape).toEqual([80, 60]);
    expect(() => subCenterArcFaceParameters({ ...options, centers: 0 })).toThrow(
      new RangeError("subCenterArcFaceParameters: expected `centers` to be a whole number above 0, got 0"),
    );
  });

  it("carry the first scale for AdaCos", () => {
    const parameters = adaCosParameters({ ...options, clipAngle: 1.25 });
    expect(parameters["final.weight"]).toEqual(arcFaceParameters(options)["final.weight"]);
    expect(parameters["final.running_scale"]!.shape).toEqual([]);
    expect(parameters["final.running_scale"]!.data[0]).toBeCloseTo(adaCosScale(40, 1.25), 5);
    expect(adaCosParameters(options)["final.running_scale"]!.data[0]).toBeCloseTo(
      Math.SQRT2 * Math.log(39),
      5,
    );
    expect(() => adaCosParameters({ ...options, classes: 2 })).toThrow(
      new RangeError("adaCosScale: expected `classes` to be a whole number above 2, got 2"),
    );
  });

  it("carry the first statistics for CurricularFace and AdaFace", () => {
    const statistic = (value: number) => ({ shape: [], data: Float32Array.of(value) });
    expect(curricularFaceParameters(options)).toEqual({
      ...arcFaceParameters(options),
      "final.running_target_cosine": statistic(0),
    });
    expect(adaFaceParameters(options)).toEqual({
      ...arcFaceParameters(options),
      "final.running_norm_mean": statistic(20),
      "final.running_norm_deviation": statistic(100),
    });
  });

  it.each([0, -1, 1.5, Number.NaN])("refuse %s classes", (classes) => {
    expect(() => arcFaceParameters({ ...options, classes })).toThrow(
      new RangeError(`arcFaceParameters: expected \`classes\` to be a whole number above 0, got ${classes}`),
    );
    expect(() => softmaxParameters({ ...options, dimension: classes })).toThrow(
      new RangeError(
        `softmaxParameters: expected \`dimension\` to be a whole number above 0, got ${classes}`,
      ),
    );
  });
});
