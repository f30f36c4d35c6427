import { bytesOf, fromLittleEndian } from "../files/little-endian.ts";
import { type OpenFile, pieceBytes, readExactly } from "../files/read-exactly.ts";
import { startSteps } from "../files/run-steps.ts";
import type { RunOptions } from "../matrix.ts";
import { toFloat32 } from "../precision.ts";
import type { RowRange } from "../row-range.ts";
import { bytesPerNumber, type NpyShape, npyError } from "./header.ts";

/** A matrix in an open file. */
export interface NpyRows extends OpenFile, NpyShape {
  /** The position of the first number. */
  readonly start: number;
}

/** Fills `target` with some rows: float16 as bits into a `Uint16Array`, and any numbers into a `Float32Array`. */
export async function readRowsInto(
  caller: string,
  npy: NpyRows,
  { first, end }: RowRange,
  target: Float32Array | Uint16Array,
  options: RunOptions,
): Promise<void> {
  const { dtype, columns } = npy;
  const steps = startSteps(options, end - first);
  const rowBytes = columns * bytesPerNumber[dtype];
  const rowsPerPiece = Math.max(1, Math.floor(pieceBytes / rowBytes));
  const direct = dtype === "float32" || target instanceof Uint16Array;
  const scratchRows = direct ? 0 : Math.min(rowsPerPiece, end - first);
  const doubles = new Float64Array(dtype === "float64" ? scratchRows * columns : 0);
  const halves = new Uint16Array(dtype === "float16" ? scratchRows * columns : 0);
  for (let row = first; row < end; ) {
    const rows = Math.min(rowsPerPiece, end - row);
    const from = (row - first) * columns;
    const part = target.subarray(from, from + rows * columns);
    const source = direct ? part : (dtype === "float64" ? doubles : halves).subarray(0, part.length);
    await readExactly(caller, npy, npy.start + row * rowBytes, bytesOf(source));
    fromLittleEndian(source);
    if (source instanceof Float64Array) roundDoubles(caller, npy, row, source, part);
    else if (source instanceof Uint16Array && !direct) {
      part.set(toFloat32({ data: source, rows, columns }).data);
    }
    row += rows;
    steps.advance(rows);
  }
  steps.finish();
}

/** Rounds to float32; a number that would become infinite is refused. */
function roundDoubles(
  caller: string,
  { path, columns }: NpyRows,
  firstRow: number,
  doubles: Float64Array,
  target: Float32Array | Uint16Array,
): void {
  target.set(doubles);
  for (let i = 0; i < doubles.length; i++) {
    if (Number.isFinite(doubles[i]!) && !Number.isFinite(target[i]!)) {
      const row = Math.floor(i / columns);
      const place = `row ${firstRow + row}, column ${i - row * columns}`;
      const expected = "to hold numbers of float32's range";
      throw npyError(caller, path, expected, `${doubles[i]} in ${place}`, "unsupported-content");
    }
  }
}
