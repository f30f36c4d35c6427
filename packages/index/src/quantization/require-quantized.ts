import type { PqCodes, SqCodes } from "./codes.ts";
import { stepsAreFinite } from "./finite-steps.ts";
import { bytesPerRow } from "./pack-bits.ts";
import type { ProductQuantizer } from "./product-quantizer.ts";
import type { ScalarQuantizer } from "./scalar-quantizer.ts";

export function requireProductQuantizer(caller: string, quantizer: ProductQuantizer): void {
  const { kind, columns, subspaces, bits, codebooks, rotation } = quantizer;
  requireKind(caller, "product", kind);
  const numbers = 2 ** bits * columns;
  if (codebooks.length !== numbers || columns % subspaces !== 0) {
    throw new RangeError(
      `${caller}: expected \`quantizer.codebooks\` to hold ${subspaces} x ${2 ** bits} x ${columns / subspaces} numbers, got ${codebooks.length}`,
    );
  }
  if (rotation !== undefined && rotation.data.length !== columns * columns) {
    throw new RangeError(
      `${caller}: expected \`quantizer.rotation\` to hold ${columns} x ${columns} numbers, got ${rotation.data.length}`,
    );
  }
}

export function requireScalarQuantizer(caller: string, quantizer: ScalarQuantizer): void {
  const { kind, columns, bits, minima, ranges } = quantizer;
  requireKind(caller, "scalar", kind);
  if (bits !== 4 && bits !== 8) {
    throw new RangeError(`${caller}: expected \`quantizer.bits\` to be 4 or 8, got ${bits}`);
  }
  if (minima.length !== columns || ranges.length !== columns) {
    throw new RangeError(
      `${caller}: expected \`quantizer\` to hold ${columns} minima and ranges, got ${minima.length} and ${ranges.length}`,
    );
  }
  for (let column = 0; column < columns; column++) {
    if (stepsAreFinite(bits, minima[column]!, ranges[column]!)) continue;
    throw new RangeError(
      `${caller}: expected column ${column} of \`quantizer\` to have a minimum and a range whose steps float32 can hold, got ${minima[column]} and ${ranges[column]}`,
    );
  }
}

export function requirePqCodes(caller: string, codes: PqCodes, quantizer: ProductQuantizer): void {
  requireCodes(caller, codes, bytesPerRow(quantizer.subspaces, quantizer.bits));
}

export function requireSqCodes(caller: string, codes: SqCodes, quantizer: ScalarQuantizer): void {
  requireCodes(caller, codes, bytesPerRow(quantizer.columns, quantizer.bits));
  if (codes.errors.length !== codes.rows) {
    throw new RangeError(
      `${caller}: expected \`codes.errors\` to hold ${codes.rows} numbers, got ${codes.errors.length}`,
    );
  }
}

export function requireWidth(caller: string, argument: string, columns: number, expected: number): void {
  if (columns !== expected) {
    throw new RangeError(
      `${caller}: expected \`${argument}\` to have ${expected} columns like \`quantizer\`, got ${columns}`,
    );
  }
}

function requireKind(caller: string, expected: string, kind: string): void {
  if (kind !== expected) {
    throw new TypeError(
      `${caller}: expected \`quantizer.kind\` to be "${expected}", got ${JSON.stringify(kind)}`,
    );
  }
}

function requireCodes(caller: string, { data, rows, rowBytes }: PqCodes, expected: number): void {
  if (rowBytes !== expected) {
    throw new RangeError(
      `${caller}: expected \`codes\` to have ${expected} bytes per row like \`quantizer\`, got ${rowBytes}`,
    );
  }
  if (data.length !== rows * rowBytes) {
    throw new RangeError(
      `${caller}: expected \`codes.data\` to hold ${rows} x ${rowBytes} = ${rows * rowBytes} bytes, got ${data.length}`,
    );
  }
}
