import {
  type EmbeddingBlock,
  type EmbeddingSource,
  joinSources,
  matrixSource,
  toFloat32,
  toHalf,
  toInt8,
} from "@lmk/index";
import { describe, expect, it } from "vitest";
import { matrixFrom, randomMatrix, slice } from "./fixtures.ts";

type Range = Parameters<EmbeddingSource["blocks"]>[0];

async function blocksOf(source: EmbeddingSource, range: Range): Promise<EmbeddingBlock[]> {
  const blocks: EmbeddingBlock[] = [];
  for await (const block of source.blocks(range)) blocks.push(block);
  return blocks;
}

describe("matrixSource", () => {
  it("gives views of at most the rows asked for", async () => {
    const matrix = randomMatrix(1, 5, 3);
    const source = matrixSource(matrix);
    expect([source.rows, source.columns]).toEqual([5, 3]);
    const blocks = await blocksOf(source, { first: 1, end: 5, blockRows: 3 });
    expect(blocks).toEqual([
      { firstRow: 1, embeddings: slice(matrix, 1, 4) },
      { firstRow: 4, embeddings: slice(matrix, 4, 5) },
    ]);
    expect(blocks[0]!.embeddings.data.buffer).toBe(matrix.data.buffer);
    expect(await blocksOf(source, { first: 5, end: 5, blockRows: 3 })).toEqual([]);
  });

  it("keeps float16, and scales of int8", async () => {
    const matrix = randomMatrix(2, 4, 3);
    const half = toHalf(matrix);
    expect(await blocksOf(matrixSource(half), { first: 2, end: 4, blockRows: 9 })).toEqual([
      { firstRow: 2, embeddings: { data: half.data.subarray(6), rows: 2, columns: 3 } },
    ]);
    const int8 = toInt8(matrix);
    expect(await blocksOf(matrixSource(int8), { first: 2, end: 4, blockRows: 9 })).toEqual([
      {
        firstRow: 2,
        embeddings: { data: int8.data.subarray(6), rows: 2, columns: 3, scales: int8.scales.subarray(2) },
      },
    ]);
  });

  it("refuses a shape that does not fit, and rows that are not there", () => {
    expect(() => matrixSource({ data: new Float32Array(3), rows: 2, columns: 2 })).toThrow(
      new RangeError("matrixSource: expected `embeddings.data` to hold 2 x 2 = 4 numbers, got 3"),
    );
    const source = matrixSource(matrixFrom([[1], [2]]));
    expect(() => source.blocks({ first: 0, end: 3, blockRows: 1 })).toThrow(
      new RangeError(
        "blocks: expected `first` and `end` to be whole numbers with 0 <= first <= end <= 2, got 0 and 3",
      ),
    );
    expect(() => source.blocks({ first: 0, end: 2, blockRows: 0 })).toThrow(
      new RangeError("blocks: expected `blockRows` to be a positive integer, got 0"),
    );
  });
});

describe("joinSources", () => {
  const matrix = randomMatrix(3, 10, 2);
  const joined = joinSources([
    matrixSource(slice(matrix, 0, 3)),
    matrixSource(slice(matrix, 3, 3)),
    joinSources([matrixSource(slice(matrix, 3, 4)), matrixSource(slice(matrix, 4, 10))]),
  ]);

  it("gives every range in order, cut at the seams", async () => {
    expect([joined.rows, joined.columns]).toEqual([10, 2]);
    for (let first = 0; first <= 10; first++) {
      for (let end = first; end <= 10; end++) {
        for (const blockRows of [1, 2, 20]) {
          const blocks = await blocksOf(joined, { first, end, blockRows });
          let next = first;
          for (const { firstRow, embeddings } of blocks) {
            expect(firstRow).toBe(next);
            expect(embeddings.rows).toBeLessThanOrEqual(blockRows);
            expect(embeddings).toEqual(slice(matrix, next, next + embeddings.rows));
            next += embeddings.rows;
          }
          expect(next).toBe(end);
        }
      }
    }
    const seams = await blocksOf(joined, { first: 0, end: 10, blockRows: 20 });
    expect(seams.map(({ firstRow }) => firstRow)).toEqual([0, 3, 4]);
  });

  it("lets each source have its precision", async () => {
    const mixed = joinSources([matrixSource(matrix), matrixSource(toHalf(matrix))]);
    const blocks = await blocksOf(mixed, { first: 9, end: 11, blockRows: 5 });
    expect(blocks.map(({ embeddings }) => embeddings.data.constructor)).toEqual([Float32Array, Uint16Array]);
    expect(toFloat32(blocks[1]!.embeddings)).toEqual(toFloat32(toHalf(slice(matrix, 0, 1))));
  });

  it("refuses no source, other columns, and rows that are not there", () => {
    expect(() => joinSources([])).toThrow(
      new RangeError("joinSources: expected `sources` to hold at least one source, got none"),
    );
    expect(() => joinSources([matrixSource(matrix), matrixSource(matrixFrom([[1]]))])).toThrow(
      new RangeError("joinSources: expected `sources[1]` to have 2 columns like `sources[0]`, got 1"),
    );
    expect(() => joined.blocks({ first: 0, end: 11, blockRows: 1 })).toThrow(
      new RangeError(
        "blocks: expected `first` and `end` to be whole numbers with 0 <= first <= end <= 10, got 0 and 11",
      ),
    );
    expect(() => joined.blocks({ first: 0, end: 10, blockRows: -1 })).toThrow(
      new RangeError("blocks: expected `blockRows` to be a positive integer, got -1"),
    );
  });
});
