import type { Matrix } from "../matrix.ts";
import type { Steps } from "../steps.ts";
import { readNumbers } from "./read-numbers.ts";
import { addTileProduct, createTiles, fillTiles, type Tiles } from "./tiles.ts";
import { type LinearTransform, stepsOf, type Transform, type TransformStep } from "./transform.ts";

/** Rows that go through all steps together, so that they stay in the cache. */
const chunkRows = 32;

/** A transform made ready for rows of one width. */
export interface RowProgram {
  readonly outputColumns: number;
  /**
   * Transforms `source` into `target`; both are row-major, `firstRow` is the number of the source's first row in errors.
   * Yields rows done.
   */
  run(source: Matrix, firstRow: number, target: Float32Array): Steps<void>;
}

/** Some rows between two steps. */
interface Chunk {
  readonly data: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** The number of the first row, for errors. */
  readonly firstRow: number;
}

type ChunkStep = (chunk: Chunk) => Steps<Chunk>;

/** @param transform - Checked by `requireTransform`. */
export function createRowProgram(
  caller: string,
  argument: string,
  transform: Transform,
  inputColumns: number,
): RowProgram {
  let width = inputColumns;
  const steps: ChunkStep[] = [];
  for (const step of stepsOf(transform)) {
    steps.push(chunkStep(caller, argument, step, width));
    if (step.kind === "linear") width = step.outputColumns;
    if (step.kind === "truncate") width = step.columns;
  }
  const outputColumns = width;
  const input = new Float64Array(chunkRows * inputColumns);
  return {
    outputColumns,
    *run(source, firstRow, target) {
      for (let first = 0; first < source.rows; first += chunkRows) {
        const rows = Math.min(chunkRows, source.rows - first);
        for (let row = 0; row < rows; row++) {
          readNumbers(caller, argument, source, first + row, firstRow, input, row * inputColumns);
        }
        let chunk: Chunk = { data: input, rows, columns: inputColumns, firstRow: firstRow + first };
        for (const step of steps) chunk = yield* step(chunk);
        target.set(chunk.data.subarray(0, rows * outputColumns), first * outputColumns);
        yield rows;
      }
    },
  };
}

function chunkStep(caller: string, argument: string, step: TransformStep, width: number): ChunkStep {
  switch (step.kind) {
    case "linear":
      return multiplier(step);
    case "shift":
      return eachNumber((value, column) => value + step.offset[column]!);
    case "power":
      // The square root is exact and several times as fast as the general power.
      return step.exponent === 0.5
        ? eachNumber((value) => (value < 0 ? -Math.sqrt(-value) : Math.sqrt(value)))
        : eachNumber((value) => Math.sign(value) * Math.abs(value) ** step.exponent);
    case "truncate":
      return truncater(step.columns, width);
    case "normalize":
      return normalizer(caller, argument);
  }
}

function eachNumber(change: (value: number, column: number) => number): ChunkStep {
  return function* (chunk) {
    const { data, rows, columns } = chunk;
    for (let row = 0; row < rows; row++) {
      const start = row * columns;
      for (let column = 0; column < columns; column++) {
        data[start + column] = change(data[start + column]!, column);
      }
    }
    yield 0;
    return chunk;
  };
}

function truncater(columns: number, width: number): ChunkStep {
  const kept = new Float64Array(chunkRows * columns);
  return function* ({ data, rows, firstRow }) {
    for (let row = 0; row < rows; row++) {
      kept.set(data.subarray(row * width, row * width + columns), row * columns);
    }
    yield 0;
    return { data: kept, rows, columns, firstRow };
  };
}

function normalizer(caller: string, argument: string): ChunkStep {
  return function* (chunk) {
    const { data, rows, columns, firstRow } = chunk;
    for (let row = 0; row < rows; row++) {
      const start = row * columns;
      let square = 0;
      for (let i = start; i < start + columns; i++) square += data[i]! * data[i]!;
      const length = Math.sqrt(square);
      if (length === 0) {
        throw new RangeError(
          `${caller}: expected row ${firstRow + row} of \`${argument}\` to have a direction where it is normalized, got a row of zeros`,
        );
      }
      for (let i = start; i < start + columns; i++) data[i]! /= length;
    }
    yield 0;
    return chunk;
  };
}

function multiplier(step: LinearTransform): ChunkStep {
  const { inputColumns, outputColumns, matrix, offset } = step;
  const weights = createTiles(outputColumns, inputColumns);
  fillTiles(weights, matrix, outputColumns);
  const inputs = createTiles(chunkRows, inputColumns);
  const wide = new Float64Array(chunkRows * weights.count * 4);
  const output = new Float64Array(chunkRows * outputColumns);
  return function* ({ data, rows, firstRow }) {
    fillTiles(inputs, data, rows);
    yield* multiplyTiles(inputs, Math.ceil(rows / 4), weights, wide);
    const stride = weights.count * 4;
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < outputColumns; i++) {
        output[row * outputColumns + i] = wide[row * stride + i]! + offset[i]!;
      }
    }
    return { data: output, rows, columns: outputColumns, firstRow };
  };
}

function* multiplyTiles(inputs: Tiles, count: number, weights: Tiles, target: Float64Array): Steps<void> {
  const stride = weights.count * 4;
  target.fill(0);
  for (let j = 0; j < weights.count; j++) {
    for (let i = 0; i < count; i++)
      addTileProduct(inputs, i, weights, j, target, i * 4 * stride + j * 4, stride);
    if (j % 32 === 31) yield 0;
  }
}
