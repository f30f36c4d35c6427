import { readMetricsFile, writeMetricsFile } from "@lmk/eval/files";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectFailure } from "./failure.ts";

const protocol = {
  meanAveragePrecision: 0.604167,
  meanPrecisions: [0.5, 0.5, 2 / 3],
  meanRecalls: [0.25, 0.5, 1],
};
// What NumPy 2.4.6 prints for these numbers.
const text =
  "easy\n  mAP=nan\n  mP@k[ 1  5 10] [ nan 50.   3.1]\n  mR@k[ 1  5 10] [0. 0. 0.]\n" +
  "medium\n  mAP=60.42\n  mP@k[ 1  5 10] [50.   50.   66.67]\n  mR@k[ 1  5 10] [ 25.  50. 100.]\n";

describe("writeMetricsFile", () => {
  it("writes protocols by name, in percent, aligned as NumPy does", () => {
    const easy = {
      meanAveragePrecision: Number.NaN,
      meanPrecisions: [Number.NaN, 0.5, 0.031],
      meanRecalls: new Float64Array(3),
    };
    expect(writeMetricsFile({ ranks: [1, 5, 10], protocols: { medium: protocol, easy } })).toBe(text);
  });

  it("rounds halves to even", () => {
    const metrics = { meanAveragePrecision: 0.125 / 10, meanPrecisions: [0.00125], meanRecalls: [0.5] };
    const lines = writeMetricsFile({ ranks: [1], protocols: { hard: metrics } }).split("\n");
    expect(lines.slice(1, 4)).toEqual(["  mAP=1.25", "  mP@k[1] [0.12]", "  mR@k[1] [50.]"]);
  });

  it("refuses lists of another length than the ranks, and names of no line", () => {
    expect(() => writeMetricsFile({ ranks: [1, 5], protocols: { hard: protocol } })).toThrow(
      new RangeError(
        "writeMetricsFile: expected `meanPrecisions` of hard to have 2 values, one per rank, got 3",
      ),
    );
    expect(() => writeMetricsFile({ ranks: [1, 5, 10], protocols: { "a\nb": protocol } })).toThrow(
      new RangeError('writeMetricsFile: expected names of protocols to be one line, got "a\\nb"'),
    );
  });
});

describe("readMetricsFile", () => {
  it("reads what NumPy printed, to fractions", async () => {
    const { ranks, protocols } = await readMetricsFile(text);
    expect(ranks).toEqual([1, 5, 10]);
    expect(Object.keys(protocols)).toEqual(["easy", "medium"]);
    expect(protocols.easy).toEqual({
      meanAveragePrecision: Number.NaN,
      meanPrecisions: [Number.NaN, 0.5, 0.031],
      meanRecalls: [0, 0, 0],
    });
    expect(protocols.medium).toEqual({
      meanAveragePrecision: 60.42 / 100,
      meanPrecisions: [0.5, 0.5, 66.67 / 100],
      meanRecalls: [0.25, 0.5, 1],
    });
  });

  it("reads NumPy's exponents", async () => {
    const { protocols } = await readMetricsFile(
      "hard\n  mAP=0.05\n  mP@k[ 1 10] [5.e-02 1.e+02]\n  mR@k[ 1 10] [1. 2.]\n",
    );
    expect(protocols.hard!.meanPrecisions).toEqual([0.0005, 1]);
  });

  it("reads back what was written, rounded", async () => {
    const value = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100 / 100);
    const values = fc.array(value, { minLength: 3, maxLength: 3 });
    const metrics = fc.record({ meanAveragePrecision: value, meanPrecisions: values, meanRecalls: values });
    const property = fc.asyncProperty(metrics, metrics, async (easy, hard) => {
      const written = { ranks: [1, 5, 10], protocols: { easy, hard } };
      expect(await readMetricsFile(writeMetricsFile(written))).toEqual(written);
    });
    await fc.assert(property, { seed: 18 });
  });

  const [one, two] = [text.slice(0, text.indexOf("medium")), text.slice(text.indexOf("medium"))];
  it.each([
    ["a protocol twice", one + one, 5, "the name of a protocol that is not there yet", '"easy"'],
    ["a missing line", text.replace("  mAP=nan\n", ""), 0, "four lines per protocol", "7 lines"],
    ["an empty file", " \n", 0, "four lines per protocol", "0 lines"],
    ["other ranks", one + two.replaceAll("[ 1  5 10]", "[1 2 3]"), 7, "the ranks 1 5 10 as before", "1 2 3"],
    ["no mAP", text.replace("mAP=60.42", "MAP=60.42"), 6, "mAP=<percent>", '"  MAP=60.42"'],
    ["a word as mAP", text.replace("60.42", "high"), 6, "mAP=<percent>", '"  mAP=high"'],
    [
      "too few values",
      text.replace("[0. 0. 0.]", "[0. 0.]"),
      4,
      "mR@k[<ranks>] [<a percentage for each>]",
      '"mR@k[ 1  5 10] [0. 0.]"',
    ],
  ])("refuses %s", async (_name, content, line, expected, got) => {
    await expectFailure(
      readMetricsFile(content, { file: "metrics.txt" }),
      { code: "bad-metrics", file: "metrics.txt", line, field: "", expected, got },
      `metrics.txt${line > 0 ? `:${line}` : ""}: expected ${expected}, got ${got}`,
    );
  });
});
