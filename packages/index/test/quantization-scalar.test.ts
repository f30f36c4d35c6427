import { toHalf, toInt8 } from "@lmk/index";
import {
  decodeSq,
  encodeSq,
  encodeSqAsync,
  learnScalarQuantizer,
  learnScalarQuantizerAsync,
  type ScalarQuantizer,
} from "@lmk/index/quantization";
import { describe, expect, it } from "vitest";
import { clusteredMatrix, matrixFrom, randomMatrix } from "./fixtures.ts";

describe("learnScalarQuantizer", () => {
  it("takes each column's smallest number and range", () => {
    const sample = matrixFrom([
      [1, 5, 2],
      [-3, 5, 4],
      [0, 5, 3],
    ]);
    expect(learnScalarQuantizer(sample)).toEqual({
      kind: "scalar",
      columns: 3,
      bits: 8,
      minima: Float32Array.of(-3, 5, 2),
      ranges: Float32Array.of(4, 0, 2),
    });
  });

  it("leaves out outliers on both sides by a quantile", () => {
    const data = Float32Array.from({ length: 101 }, (_, i) => i);
    data[0] = -1e6;
    data[100] = 1e6;
    const sample = { data, rows: 101, columns: 1 };
    const { minima, ranges } = learnScalarQuantizer(sample, { range: { quantile: 0.05 } });
    expect([...minima, ...ranges]).toEqual([5, 90]);
    expect(learnScalarQuantizer(sample, { range: { quantile: 0 } })).toEqual(learnScalarQuantizer(sample));
  });

  it("learns from float16 and int8 rows", () => {
    const half = toHalf(matrixFrom([[0.5], [2]]));
    expect([...learnScalarQuantizer(half).ranges]).toEqual([1.5]);
    const int8 = toInt8(matrixFrom([[127], [-127]]));
    expect([...learnScalarQuantizer(int8).ranges]).toEqual([254]);
  });

  it("gives the same asynchronously", async () => {
    const sample = randomMatrix(1, 50, 3);
    for (const range of ["min-max", { quantile: 0.1 }] as const) {
      expect(await learnScalarQuantizerAsync(sample, { bits: 4, range })).toEqual(
        learnScalarQuantizer(sample, { bits: 4, range }),
      );
    }
  });

  it("refuses a range that float32 cannot hold, and codes wide ones that it can", () => {
    const refuse = (low: number, high: number, range: string) =>
      expect(() =>
        learnScalarQuantizer(
          matrixFrom([
            [0, low],
            [1, high],
          ]),
        ),
      ).toThrow(
        new RangeError(
          `learnScalarQuantizer: expected column 1 of \`sample\` to have a range whose steps float32 can hold, got ${range}`,
        ),
      );
    refuse(-3e38, 3e38, `${Math.fround(-3e38)} to ${Math.fround(3e38)}`);
    // The range fits, but half a step more than its end does not.
    refuse(0, 3.4e38, `0 to ${Math.fround(3.4e38)}`);
    const sample = matrixFrom([[-1.6e38], [1.6e38]]);
    for (const bits of [4, 8] as const) {
      const quantizer = learnScalarQuantizer(sample, { bits });
      const codes = encodeSq(quantizer, matrixFrom([[-3.4e38], [0], [3.4e38]]));
      for (const value of decodeSq(quantizer, codes).data) expect(Number.isFinite(value)).toBe(true);
      expect(codes.errors.every(Number.isFinite)).toBe(true);
    }
    const broken = { ...learnScalarQuantizer(sample), ranges: Float32Array.of(Infinity) };
    expect(() => encodeSq(broken, sample)).toThrow(
      new RangeError(
        `encodeSq: expected column 0 of \`quantizer\` to have a minimum and a range whose steps float32 can hold, got ${Math.fround(-1.6e38)} and Infinity`,
      ),
    );
  });

  it("refuses what it cannot learn from", () => {
    const sample = randomMatrix(1, 3, 2);
    const refuse = (options: Parameters<typeof learnScalarQuantizer>[1], message: string) =>
      expect(() => learnScalarQuantizer(sample, options)).toThrow(
        new RangeError(`learnScalarQuantizer: expected ${message}`),
      );
    refuse({ bits: 6 as 8 }, "`bits` to be 4 or 8, got 6");
    refuse(
      { range: { quantile: 0.5 } },
      '`range` to be "min-max" or a quantile from 0 to below 0.5, got {"quantile":0.5}',
    );
    refuse(
      { range: { quantile: -1 } },
      '`range` to be "min-max" or a quantile from 0 to below 0.5, got {"quantile":-1}',
    );
    expect(() => learnScalarQuantizer({ data: new Float32Array(0), rows: 0, columns: 2 })).toThrow(
      new RangeError("learnScalarQuantizer: expected `sample` to have rows, got none"),
    );
    expect(() => learnScalarQuantizer(matrixFrom([[1], [-Infinity]]))).toThrow(
      new RangeError(
        "learnScalarQuantizer: expected row 1 of `sample` to hold finite numbers, got -Infinity in column 0",
      ),
    );
  });
});

describe("encodeSq and decodeSq", () => {
  const steps: ScalarQuantizer = {
    kind: "scalar",
    columns: 3,
    bits: 8,
    minima: Float32Array.of(0, -1, 7),
    ranges: Float32Array.of(255, 2, 0),
  };

  it("cut each range into equal steps and give back their middles", () => {
    const codes = encodeSq(
      steps,
      matrixFrom([
        [3.5, 0, 7],
        [254.9, -1, 7],
      ]),
    );
    expect([...codes.data]).toEqual([3, 127, 0, 254, 0, 0]);
    const decoded = decodeSq(steps, codes);
    expect([...decoded.data].map((value) => Math.round(value * 1e5) / 1e5)).toEqual([
      3.5, 0, 7, 254.5, -0.99608, 7,
    ]);
  });

  it("bring numbers outside of a range to its ends, and note the error of each row", () => {
    const codes = encodeSq(
      steps,
      matrixFrom([
        [-10, 0, 9],
        [300, 0, 9],
      ]),
    );
    expect([...codes.data]).toEqual([0, 127, 0, 255, 127, 0]);
    expect(codes.errors[0]).toBeCloseTo(Math.hypot(10.5, 0, 2), 4);
    expect(codes.errors[1]).toBeCloseTo(Math.hypot(44.5, 0, 2), 4);
  });

  it("put the even column of 4 bits into the lower half of a byte", () => {
    const minima = new Float32Array(3);
    const ranges = new Float32Array(3).fill(15);
    const nibbles: ScalarQuantizer = { kind: "scalar", columns: 3, bits: 4, minima, ranges };
    const codes = encodeSq(nibbles, matrixFrom([[1.5, 14.5, 7.5]]));
    expect(codes).toMatchObject({ data: Uint8Array.of(0xe1, 0x07), rowBytes: 2 });
    expect([...decodeSq(nibbles, codes).data]).toEqual([1.5, 14.5, 7.5]);
  });

  it("are off by half a step at most, and errors are never less than they are", () => {
    const rows = clusteredMatrix(3, 700, 9, 10);
    for (const bits of [4, 8] as const) {
      const quantizer = learnScalarQuantizer(rows, { bits });
      const codes = encodeSq(quantizer, rows);
      const decoded = decodeSq(quantizer, codes);
      for (let row = 0; row < 700; row++) {
        let square = 0;
        for (let i = 0; i < 9; i++) {
          const difference = rows.data[9 * row + i]! - decoded.data[9 * row + i]!;
          const half = quantizer.ranges[i]! / (2 * (2 ** bits - 1));
          expect(Math.abs(difference)).toBeLessThanOrEqual(half * (1 + 1e-4));
          square += difference * difference;
        }
        expect(codes.errors[row]! >= Math.sqrt(square)).toBe(true);
        expect(codes.errors[row]).toBeCloseTo(Math.sqrt(square), 5);
      }
    }
  });

  it("take no rows, and give the same asynchronously", async () => {
    const none = { data: new Float32Array(0), rows: 0, columns: 3 };
    expect(decodeSq(steps, encodeSq(steps, none))).toEqual(none);
    const rows = randomMatrix(4, 1200, 3);
    expect(await encodeSqAsync(steps, rows)).toEqual(encodeSq(steps, rows));
  });

  it("refuse other widths, broken rows and foreign codes", () => {
    expect(() => encodeSq(steps, randomMatrix(1, 2, 2))).toThrow(
      new RangeError("encodeSq: expected `embeddings` to have 3 columns like `quantizer`, got 2"),
    );
    expect(() => encodeSq(steps, matrixFrom([[0, Number.NaN, 0]]))).toThrow(
      new RangeError("encodeSq: expected row 0 of `embeddings` to hold finite numbers, got NaN in column 1"),
    );
    const codes = { data: new Uint8Array(2), rows: 1, rowBytes: 2, errors: new Float32Array(1) };
    expect(() => decodeSq(steps, codes)).toThrow(
      new RangeError("decodeSq: expected `codes` to have 3 bytes per row like `quantizer`, got 2"),
    );
    expect(() => decodeSq({ ...steps, bits: 6 as 8 }, codes)).toThrow(
      new RangeError("decodeSq: expected `quantizer.bits` to be 4 or 8, got 6"),
    );
    expect(() => decodeSq({ ...steps, minima: new Float32Array(2) }, codes)).toThrow(
      new RangeError("decodeSq: expected `quantizer` to hold 3 minima and ranges, got 2 and 3"),
    );
  });
});
