import { describe, expect, it } from "vitest";
import { nearestRotation, orthogonalizeRows } from "../src/quantization/orthogonal.ts";
import { runSteps } from "../src/steps.ts";
import { randomMatrix } from "./fixtures.ts";

const size = 12;

function square(seed: number): Float64Array {
  return Float64Array.from(randomMatrix(seed, size, size).data);
}

/** `Aᵀ B`. */
function product(a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.from({ length: size * size }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += a[k * size + Math.floor(at / size)]! * b[k * size + (at % size)]!;
    return sum;
  });
}

function transposed(a: Float64Array): Float64Array {
  return a.map((_, at) => a[(at % size) * size + Math.floor(at / size)]!);
}

function expectClose(a: Float64Array, b: Float64Array): void {
  for (const [i, value] of a.entries()) expect(Math.abs(value - b[i]!)).toBeLessThan(1e-10);
}

const identity = new Float64Array(size * size).map((_, at) => (at % (size + 1) === 0 ? 1 : 0));

describe("orthogonalizeRows", () => {
  it("turns a matrix into orthogonal rows by an orthogonal matrix", () => {
    const matrix = square(1);
    const { rows, turn } = runSteps(orthogonalizeRows(matrix, size));
    expectClose(product(turn, turn), identity);
    expectClose(product(turn, rows), matrix);
    const grams = product(transposed(rows), transposed(rows));
    expectClose(
      grams.map((value, at) => (at % (size + 1) === 0 ? 0 : value)),
      new Float64Array(size * size),
    );
  });
});

describe("nearestRotation", () => {
  it("gives back a rotation, times whatever is symmetric and positive", () => {
    const { turn } = runSteps(orthogonalizeRows(square(2), size));
    expectClose(runSteps(nearestRotation(turn, size)), turn);
    const half = square(3);
    const positive = product(half, half);
    // turn times positive, as transposes of both.
    const matrix = product(transposed(turn), positive);
    expectClose(runSteps(nearestRotation(matrix, size)), turn);
  });

  it("is orthogonal and leaves something symmetric, also where directions are missing", () => {
    for (const missing of [0, 1, 5, size]) {
      const matrix = square(4);
      matrix.fill(0, (size - missing) * size);
      const rotation = runSteps(nearestRotation(matrix, size));
      expectClose(product(rotation, rotation), identity);
      const rest = product(rotation, matrix);
      expectClose(rest, transposed(rest));
    }
  });
});
