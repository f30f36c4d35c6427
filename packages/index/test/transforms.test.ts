import { readFileSync } from "node:fs";
import {
  applyTransform,
  applyTransformAsync,
  composeTransforms,
  type LinearTransform,
  learnCentering,
  learnPca,
  type Matrix,
  randomRotation,
  randomRotationAsync,
  type Transform,
  transformSource,
} from "@lmk/index/transforms";
import { describe, expect, it } from "vitest";
import { clusteredMatrix, matrixFrom, randomMatrix, slice } from "./fixtures.ts";

const golden = JSON.parse(readFileSync(new URL("golden/transforms.json", import.meta.url), "utf8")) as {
  readonly rows: readonly (readonly number[])[];
  readonly numpyPower: readonly (readonly number[])[];
};

/** `y = (x0 + 2 x1 + 10, 3 x1 - 1, x0)`. */
const linear: LinearTransform = {
  kind: "linear",
  inputColumns: 2,
  outputColumns: 3,
  matrix: Float64Array.of(1, 2, 0, 3, 1, 0),
  offset: Float64Array.of(10, -1, 0),
};

describe("applyTransform", () => {
  it("does each kind of step on two rows, by hand", () => {
    const rows = matrixFrom([
      [3, -4],
      [0, 1],
    ]);
    const cases: readonly (readonly [Transform, number[][]])[] = [
      [
        linear,
        [
          [5, -13, 3],
          [12, 2, 0],
        ],
      ],
      [
        { kind: "shift", offset: Float64Array.of(1, -1) },
        [
          [4, -5],
          [1, 0],
        ],
      ],
      [
        { kind: "power", exponent: 2 },
        [
          [9, -16],
          [0, 1],
        ],
      ],
      [
        { kind: "power", exponent: 0.5 },
        [
          [Math.sqrt(3), -2],
          [0, 1],
        ],
      ],
      [{ kind: "truncate", columns: 1 }, [[3], [0]]],
      [
        { kind: "truncate", columns: 2 },
        [
          [3, -4],
          [0, 1],
        ],
      ],
      [
        { kind: "normalize" },
        [
          [0.6, -0.8],
          [0, 1],
        ],
      ],
      [
        { kind: "chain", steps: [] },
        [
          [3, -4],
          [0, 1],
        ],
      ],
      [
        { kind: "chain", steps: [linear, { kind: "truncate", columns: 2 }, { kind: "power", exponent: 1 }] },
        [
          [5, -13],
          [12, 2],
        ],
      ],
    ];
    for (const [transform, expected] of cases) {
      expect(applyTransform(transform, rows)).toEqual(matrixFrom(expected));
    }
    expect([...rows.data]).toEqual([3, -4, 0, 1]);
  });

  it("multiplies as the formula, whatever the shape, and a row alone as among others", () => {
    for (const [rows, inputColumns, outputColumns] of [
      [1, 1, 1],
      [33, 5, 7],
      [70, 8, 3],
      [1030, 3, 9],
    ] as const) {
      const matrix = Float64Array.from(randomMatrix(1, outputColumns, inputColumns).data);
      const offset = Float64Array.from(randomMatrix(2, 1, outputColumns).data);
      const transform: LinearTransform = { kind: "linear", inputColumns, outputColumns, matrix, offset };
      const input = randomMatrix(3, rows, inputColumns);
      const { data } = applyTransform(transform, input);
      for (let row = 0; row < rows; row++) {
        for (let i = 0; i < outputColumns; i++) {
          let sum = 0;
          for (let k = 0; k < inputColumns; k++) {
            sum += matrix[i * inputColumns + k]! * input.data[row * inputColumns + k]!;
          }
          expect(data[row * outputColumns + i]).toBe(Math.fround(sum + offset[i]!));
        }
      }
      const alone = applyTransform(transform, slice(input, rows - 1, rows));
      expect(alone.data).toEqual(data.subarray((rows - 1) * outputColumns));
    }
  });

  it("raises to a power as numpy does, to float32", () => {
    const rows = matrixFrom(golden.rows.slice(0, 8));
    const { data } = applyTransform({ kind: "power", exponent: 0.3 }, rows);
    for (const [i, value] of golden.numpyPower.flat().entries()) {
      expect(Math.abs(data[i]! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -24 * 1.0001);
    }
  });

  it("takes float16 and int8 rows, and none at all", () => {
    const half = { data: Uint16Array.of(0x3c00, 0xc000), rows: 1, columns: 2 };
    expect(applyTransform(linear, half)).toEqual(matrixFrom([[7, -7, 1]]));
    const int8 = { data: Int8Array.of(2, -4), rows: 1, columns: 2, scales: Float32Array.of(0.5) };
    expect(applyTransform(linear, int8)).toEqual(matrixFrom([[7, -7, 1]]));
    const empty = { data: new Float32Array(), rows: 0, columns: 2 };
    expect(applyTransform(linear, empty)).toEqual({ data: new Float32Array(), rows: 0, columns: 3 });
  });

  it("refuses rows and transforms that do not fit", () => {
    const refusal = (message: string) => new RangeError(`applyTransform: ${message}`);
    const rows = matrixFrom([
      [1, 2],
      [0, 0],
    ]);
    const cases: readonly (readonly [Transform, string])[] = [
      [
        { ...linear, inputColumns: 3, outputColumns: 2, offset: new Float64Array(2) },
        "expected `transform` to be given 3 columns, got 2",
      ],
      [{ ...linear, outputColumns: 2 }, "expected `transform.matrix` to hold 4 numbers, got 6"],
      [{ ...linear, offset: Float64Array.of(1) }, "expected `transform.offset` to hold 3 numbers, got 1"],
      [
        { ...linear, offset: Float64Array.of(1, Number.NaN, 2) },
        "expected `transform.offset[1]` to be a finite number, got NaN",
      ],
      [{ kind: "shift", offset: Float64Array.of(1) }, "expected `transform.offset` to hold 2 numbers, got 1"],
      [{ kind: "power", exponent: 0 }, "expected `transform.exponent` to be a finite number above 0, got 0"],
      [
        { kind: "truncate", columns: 3 },
        "expected `transform.columns` to be at most the rows' 2 columns, got 3",
      ],
      [{ kind: "truncate", columns: 0.5 }, "expected `transform.columns` to be a positive integer, got 0.5"],
      [
        { kind: "chain", steps: [linear, linear] },
        "expected `transform.steps[1]` to be given 2 columns, got 3",
      ],
      [
        { kind: "scale" } as unknown as Transform,
        'expected `transform.kind` to be a kind of step, got "scale"',
      ],
      [
        { kind: "normalize" },
        "expected row 1 of `embeddings` to have a direction where it is normalized, got a row of zeros",
      ],
    ];
    for (const [transform, message] of cases) {
      expect(() => applyTransform(transform, rows)).toThrow(refusal(message));
    }
    const floats = { ...linear, matrix: new Float32Array(6) as unknown as Float64Array };
    expect(() => applyTransform(floats, rows)).toThrow(
      new TypeError("applyTransform: expected `transform.matrix` to be a Float64Array, got object"),
    );
    const zeros = randomMatrix(1, 1500, 2);
    zeros.data.fill(0, 2 * 1300, 2 * 1301);
    expect(() => applyTransform({ kind: "normalize" }, zeros)).toThrow(
      refusal(
        "expected row 1300 of `embeddings` to have a direction where it is normalized, got a row of zeros",
      ),
    );
    const broken = randomMatrix(1, 1500, 2);
    broken.data[2 * 1400 + 1] = -Infinity;
    expect(() => applyTransform(linear, broken)).toThrow(
      refusal("expected row 1400 of `embeddings` to hold finite numbers, got -Infinity in column 1"),
    );
  });
});

describe("applyTransformAsync", () => {
  it("gives the same bits, tells progress in rows, and can be ended", async () => {
    const rows = randomMatrix(4, 700, 64);
    const { transform } = learnPca(rows, { components: 32 });
    const told: number[] = [];
    const result = await applyTransformAsync(transform, rows, {
      onProgress: ({ done, total }) => {
        expect(total).toBe(700);
        told.push(done);
      },
    });
    expect(result).toEqual(applyTransform(transform, rows));
    expect(told.at(-1)).toBe(700);
    const reason = new Error("enough");
    await expect(applyTransformAsync(transform, rows, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    const zeros = { data: new Float32Array(4), rows: 2, columns: 2 };
    await expect(applyTransformAsync({ kind: "normalize" }, zeros)).rejects.toThrow(
      new RangeError(
        "applyTransformAsync: expected row 0 of `embeddings` to have a direction where it is normalized, got a row of zeros",
      ),
    );
  });
});

describe("transformSource", () => {
  it("gives the rows that are asked for, as applyTransform does, in blocks that stay as they are", async () => {
    const rows = randomMatrix(5, 100, 2);
    const source = transformSource(rows, linear);
    expect([source.rows, source.columns]).toEqual([100, 3]);
    const blocks: Matrix[] = [];
    const firsts: number[] = [];
    for await (const { firstRow, embeddings } of source.blocks({ first: 10, end: 95, blockRows: 40 })) {
      firsts.push(firstRow);
      blocks.push(embeddings as Matrix);
    }
    expect(firsts).toEqual([10, 50, 90]);
    const all = blocks.flatMap(({ data }) => [...data]);
    expect(all).toEqual([...applyTransform(linear, slice(rows, 10, 95)).data]);
  });

  it("can be transformed again, and names rows by their number in the whole", async () => {
    const rows = randomMatrix(6, 50, 2);
    rows.data[2 * 45] = Number.NaN;
    const twice = transformSource(transformSource(rows, linear), { kind: "truncate", columns: 1 });
    expect(twice.columns).toBe(1);
    const read = async (): Promise<void> => {
      for await (const _ of twice.blocks({ first: 0, end: 50, blockRows: 20 }));
    };
    await expect(read()).rejects.toThrow(
      new RangeError(
        "transformSource: expected row 45 of `source` to hold finite numbers, got NaN in column 0",
      ),
    );
    expect(() => transformSource(rows, { kind: "truncate", columns: 3 })).toThrow(
      new RangeError(
        "transformSource: expected `transform.columns` to be at most the rows' 2 columns, got 3",
      ),
    );
  });
});

describe("composeTransforms", () => {
  it("folds what is linear into one step and gives the rows that one after the other gives", () => {
    const rows = clusteredMatrix(7, 200, 12, 5);
    const { transform: pca } = learnPca(rows, { components: 8 });
    const parts: readonly Transform[] = [
      { kind: "shift", offset: Float64Array.from({ length: 12 }, (_, i) => i / 8) },
      pca,
      randomRotation(8, { seed: 3 }),
      { kind: "shift", offset: Float64Array.from({ length: 8 }, (_, i) => 1 - i) },
      { kind: "truncate", columns: 5 },
    ];
    const whole = composeTransforms(parts);
    expect(whole).toMatchObject({ kind: "linear", inputColumns: 12, outputColumns: 5 });
    const expected = applyTransform(
      { kind: "chain", steps: parts.flatMap((part) => (part.kind === "chain" ? [] : [part])) },
      rows,
    );
    const got = applyTransform(whole, rows);
    for (const [i, value] of expected.data.entries())
      expect(Math.abs(got.data[i]! - value)).toBeLessThan(1e-6);
  });

  it("keeps apart what does not fold, and what would be more work folded", () => {
    const narrow: LinearTransform = {
      ...linear,
      inputColumns: 9,
      outputColumns: 1,
      matrix: new Float64Array(9),
      offset: new Float64Array(1),
    };
    const wide: LinearTransform = {
      ...linear,
      inputColumns: 1,
      outputColumns: 9,
      matrix: new Float64Array(9),
      offset: new Float64Array(9),
    };
    expect(composeTransforms([narrow, wide])).toEqual({ kind: "chain", steps: [narrow, wide] });
    const kept: readonly Transform[] = [{ kind: "normalize" }, linear, { kind: "normalize" }];
    expect(composeTransforms(kept)).toEqual({ kind: "chain", steps: kept });
    expect(
      composeTransforms([
        { kind: "chain", steps: [{ kind: "normalize" }] },
        { kind: "truncate", columns: 2 },
        { kind: "truncate", columns: 1 },
      ]),
    ).toEqual({
      kind: "chain",
      steps: [{ kind: "normalize" }, { kind: "truncate", columns: 1 }],
    });
    expect(composeTransforms([])).toEqual({ kind: "chain", steps: [] });
    expect(composeTransforms([linear])).toBe(linear);
  });

  it("refuses steps that do not fit one another", () => {
    expect(() => composeTransforms([linear, { kind: "power", exponent: 0.5 }, linear])).toThrow(
      new RangeError("composeTransforms: expected `transforms[2]` to be given 2 columns, got 3"),
    );
    expect(() => composeTransforms([linear, { kind: "truncate", columns: 4 }])).toThrow(
      new RangeError(
        "composeTransforms: expected `transforms[1].columns` to be at most the rows' 3 columns, got 4",
      ),
    );
  });
});

describe("randomRotation", () => {
  it("is orthogonal, and keeps inner products", () => {
    const rotation = randomRotation(37, { seed: 5 });
    const { matrix } = rotation;
    for (let i = 0; i < 37; i++) {
      for (let j = 0; j <= i; j++) {
        let inner = 0;
        for (let k = 0; k < 37; k++) inner += matrix[i * 37 + k]! * matrix[j * 37 + k]!;
        expect(Math.abs(inner - (i === j ? 1 : 0))).toBeLessThan(1e-14);
      }
    }
    const rows = randomMatrix(8, 20, 37);
    const rotated = applyTransform(rotation, rows);
    for (let i = 0; i < 20; i++) {
      for (let j = 0; j < 20; j++) expect(product(rotated, i, j)).toBeCloseTo(product(rows, i, j), 5);
    }
  });

  it("takes every direction alike: entries of mean 0 and variance 1 / columns, either determinant", () => {
    const columns = 3;
    const first = new Float64Array(9);
    const second = new Float64Array(9);
    let mirrored = 0;
    const runs = 4000;
    for (let seed = 0; seed < runs; seed++) {
      const { matrix } = randomRotation(columns, { seed });
      for (let i = 0; i < 9; i++) {
        first[i]! += matrix[i]! / runs;
        second[i]! += matrix[i]! ** 2 / runs;
      }
      const [a, b, c, d, e, f, g, h, k] = matrix as unknown as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      if (a * (e * k - f * h) - b * (d * k - f * g) + c * (d * h - e * g) < 0) mirrored++;
    }
    // Five standard deviations of means of 4000.
    for (const value of first) expect(Math.abs(value)).toBeLessThan(5 * Math.sqrt(1 / 3 / runs));
    for (const value of second) expect(Math.abs(value - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / runs));
    expect(Math.abs(mirrored / runs - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / runs));
  });

  it("has an async twin with the same bits that tells progress in columns", async () => {
    const told: number[] = [];
    const rotation = await randomRotationAsync(70, { seed: 4, onProgress: ({ done }) => told.push(done) });
    expect(rotation).toEqual(randomRotation(70, { seed: 4 }));
    expect(told.at(-1)).toBe(70);
    const reason = new Error("enough");
    await expect(randomRotationAsync(70, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(randomRotationAsync(0)).rejects.toThrow(
      new RangeError("randomRotationAsync: expected `columns` to be a positive integer, got 0"),
    );
  });

  it("is the same for the same seed, another for another, and ±1 in one column", () => {
    expect(randomRotation(5, { seed: 1 })).toEqual(randomRotation(5, { seed: 1 }));
    expect(randomRotation(5, { seed: 1 })).not.toEqual(randomRotation(5, { seed: 2 }));
    expect(randomRotation(5)).toEqual(randomRotation(5, { seed: 0 }));
    expect(Math.abs(randomRotation(1).matrix[0]!)).toBe(1);
    expect(() => randomRotation(0)).toThrow(
      new RangeError("randomRotation: expected `columns` to be a positive integer, got 0"),
    );
    expect(() => randomRotation(2, { seed: 1.5 })).toThrow(
      new RangeError("randomRotation: expected `seed` to be a whole number, got 1.5"),
    );
  });
});

describe("learnCentering", () => {
  it("is minus the mean, so that centered rows have mean 0", () => {
    const rows = randomMatrix(9, 1500, 3);
    const centering = learnCentering(rows);
    const centered = applyTransform(centering, rows);
    expect(Math.max(...learnCentering(centered).offset.map(Math.abs))).toBeLessThan(1e-7);
    expect([
      ...learnCentering(
        matrixFrom([
          [1, 5],
          [3, 7],
        ]),
      ).offset,
    ]).toEqual([-2, -6]);
    expect(() => learnCentering({ data: new Float32Array(), rows: 0, columns: 2 })).toThrow(
      new RangeError("learnCentering: expected `sample` to have at least one row, got none"),
    );
  });
});

function product({ data, columns }: Matrix, i: number, j: number): number {
  let sum = 0;
  for (let k = 0; k < columns; k++) sum += data[i * columns + k]! * data[j * columns + k]!;
  return sum;
}
