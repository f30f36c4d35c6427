import { readFileSync } from "node:fs";
import type { Matrix } from "@lmk/index";
import {
  decodePq,
  decodeSq,
  encodePq,
  encodeSq,
  learnKMeans,
  learnProductQuantizer,
  learnScalarQuantizer,
  type Neighbors,
  type ProductQuantizer,
  type ScalarQuantizer,
  searchPq,
  searchSq,
} from "@lmk/index/quantization";
import { describe, expect, it } from "vitest";
import { clusteredMatrix, slice } from "./fixtures.ts";

interface Found {
  readonly ids: readonly (readonly number[])[];
  readonly scores: string;
}

interface Goldens {
  readonly sample: Readonly<Record<"rows" | "columns" | "clusters" | "stored" | "queries", number>>;
  readonly k: number;
  readonly kMeans: { readonly clusters: number; readonly meanSquaredError: number };
  readonly product: readonly {
    readonly subspaces: number;
    readonly bits: number;
    readonly codebooks: string;
    readonly codes: string;
    readonly meanSquaredError: number;
    readonly found: { readonly l2: Found; readonly dot: Found };
  }[];
  readonly mixed: Readonly<Record<"subspaces" | "bits" | "plainError" | "optimizedError", number>>;
  readonly scalar: readonly {
    readonly bits: 4 | 8;
    readonly minima: string;
    readonly ranges: string;
    readonly codes: string;
    readonly decoded: string;
    readonly meanSquaredError: number;
    readonly found: { readonly l2: Found };
  }[];
}

const file = new URL("golden/quantization.json", import.meta.url);
const goldens = JSON.parse(readFileSync(file, "utf8")) as Goldens;
const { rows, columns, clusters, stored, queries: queryCount } = goldens.sample;
const sample = clusteredMatrix(1, rows, columns, clusters);
const first = slice(sample, 0, stored);
const queries = clusteredMatrix(2, queryCount, columns, clusters);
const { k } = goldens;

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, "base64"));
}

function floatsOf(base64: string): Float32Array {
  return new Float32Array(bytesOf(base64).buffer);
}

function meanSquaredError(a: Matrix, b: Matrix): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
  return sum / a.rows;
}

/** The same scores to 1e-5, rank by rank; ids where no other score is as near. */
function expectFound(neighbors: Neighbors, { ids, scores }: Found, sign: number): void {
  const expected = floatsOf(scores).map((score) => sign * score);
  for (const [i, score] of expected.entries()) {
    expect(Math.abs(neighbors.scores[i]! - score)).toBeLessThanOrEqual(1e-5);
    const isAlone = expected.every(
      (other, j) => j === i || Math.floor(j / k) !== Math.floor(i / k) || Math.abs(other - score) > 1e-5,
    );
    if (isAlone && i % k < k - 1) expect(neighbors.ids[i]).toBe(ids.flat()[i]);
  }
}

describe.each(goldens.product)("a product quantizer of faiss, $subspaces x $bits bits", (golden) => {
  const { subspaces, bits } = golden;
  const codebooks = floatsOf(golden.codebooks);
  const quantizer: ProductQuantizer = { kind: "product", columns, subspaces, bits, codebooks };
  const codes = { data: bytesOf(golden.codes), rows: stored, rowBytes: Math.ceil((subspaces * bits) / 8) };

  it("encodes bit for bit alike", () => {
    expect(encodePq(quantizer, first)).toEqual(codes);
  });

  it("finds the same with the same scores", () => {
    expectFound(searchPq(queries, codes, quantizer, { k, metric: "l2" }), golden.found.l2, -1);
    expectFound(searchPq(queries, codes, quantizer, { k }), golden.found.dot, 1);
  });

  it("loses no less than one that is learned here", () => {
    const learned = learnProductQuantizer(sample, { subspaces, bits });
    const error = meanSquaredError(sample, decodePq(learned, encodePq(learned, sample)));
    expect(error).toBeLessThanOrEqual(1.05 * golden.meanSquaredError);
  });
});

describe("what is learned here", () => {
  it("loses little more with k-means than faiss", () => {
    const { error } = learnKMeans(sample, { clusters: goldens.kMeans.clusters });
    expect(error).toBeLessThanOrEqual(1.05 * goldens.kMeans.meanSquaredError);
  });

  it("gains as much from a rotation as faiss does on mixed columns of unequal weight", () => {
    const mixed = mixColumns(sample);
    const { subspaces, bits, plainError, optimizedError } = goldens.mixed;
    const plain = learnProductQuantizer(mixed, { subspaces, bits });
    const rotated = learnProductQuantizer(mixed, { subspaces, bits, rotation: "learned" });
    const errors = [plain, rotated].map((quantizer) =>
      meanSquaredError(mixed, decodePq(quantizer, encodePq(quantizer, mixed))),
    );
    expect(errors[0]).toBeLessThanOrEqual(1.05 * plainError);
    expect(errors[1]).toBeLessThanOrEqual(1.05 * optimizedError);
  });
});

function mixColumns(matrix: Matrix): Matrix {
  const data = new Float32Array(matrix.data.length);
  for (let row = 0; row < matrix.rows; row++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let i = 0; i < columns; i++) {
        const weight = 0.8 ** i * Math.cos(((i + 1) * (j + 0.5) * Math.PI) / columns);
        sum += matrix.data[row * columns + i]! * weight;
      }
      data[row * columns + j] = sum;
    }
  }
  return { data, rows: matrix.rows, columns };
}

describe.each(goldens.scalar)("a scalar quantizer of faiss with $bits bits", (golden) => {
  const { bits } = golden;
  const minima = floatsOf(golden.minima);
  const ranges = floatsOf(golden.ranges);
  const quantizer: ScalarQuantizer = { kind: "scalar", columns, bits, minima, ranges };
  const learned = learnScalarQuantizer(sample, { bits });

  it("has the ranges that are learned here", () => {
    expect(learned).toEqual(quantizer);
  });

  it("encodes bit for bit alike", () => {
    expect(encodeSq(quantizer, first).data).toEqual(bytesOf(golden.codes));
  });

  it("decodes to the same numbers, up to one rounding", () => {
    const decoded = decodeSq(quantizer, encodeSq(quantizer, slice(sample, 0, 20)));
    for (const [i, value] of floatsOf(golden.decoded).entries()) {
      expect(Math.abs(decoded.data[i]! - value)).toBeLessThanOrEqual(2 ** -23);
    }
  });

  it("finds the same with the same scores, and loses as much", () => {
    const codes = encodeSq(quantizer, first);
    expectFound(searchSq(queries, codes, quantizer, { k, metric: "l2" }), golden.found.l2, -1);
    const error = meanSquaredError(sample, decodeSq(learned, encodeSq(learned, sample)));
    expect(error / golden.meanSquaredError).toBeCloseTo(1, 4);
  });
});
