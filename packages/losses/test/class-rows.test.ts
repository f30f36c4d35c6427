import { arcFaceParameters, softmaxParameters } from "@lmk/losses";
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
