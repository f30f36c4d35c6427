import type { PqCodes, SqCodes } from "./codes.ts";
import { bytesError, type Origin, readContainer, writeContainer } from "./container.ts";
import { bytesPerRow } from "./pack-bits.ts";
import type { ProductQuantizer } from "./product-quantizer.ts";
import {
  requirePqCodes,
  requireProductQuantizer,
  requireScalarQuantizer,
  requireSqCodes,
} from "./require-quantized.ts";
import type { ScalarQuantizer } from "./scalar-quantizer.ts";

/** A product quantizer and rows that it encoded. */
export interface StoredPq {
  readonly quantizer: ProductQuantizer;
  /** 0 rows where none are stored. */
  readonly codes: PqCodes;
}

/** A scalar quantizer and rows that it encoded. */
export interface StoredSq {
  readonly quantizer: ScalarQuantizer;
  /** 0 rows where none are stored. */
  readonly codes: SqCodes;
}

/** Options of {@link pqFromBytes} and {@link sqFromBytes}. */
export interface FromBytesOptions {
  /**
   * Where the bytes come from, for messages.
   *
   * @defaultValue "bytes"
   */
  readonly path?: string;
}

/**
 * A product quantizer, and codes if there are any, as bytes with version and checksum, to be stored in a file.
 *
 * The bytes are the same on every machine: numbers are little-endian. Their checksum is computed without a pause: some
 * 2.5 seconds per GB, here and in {@link pqFromBytes}.
 *
 * @param quantizer - The quantizer.
 * @param codes - Rows that it encoded; none if left out.
 * @returns Newly allocated bytes: codebooks, rotation and codes as they are, and about 150 more.
 * @throws RangeError if the codes are not of this quantizer's size.
 *
 * @example
 * ```ts
 * import { readFile, writeFile } from "node:fs/promises";
 * import { encodePq, learnProductQuantizer, pqFromBytes, pqToBytes } from "@lmk/index/quantization";
 *
 * const data = Float32Array.from({ length: 64 }, (_, i) => i % 8);
 * const rows = { data, rows: 16, columns: 4 };
 * const quantizer = learnProductQuantizer(rows, { subspaces: 2, bits: 4 });
 * await writeFile("rows.pq", pqToBytes(quantizer, encodePq(quantizer, rows)));
 *
 * const stored = pqFromBytes(await readFile("rows.pq"), { path: "rows.pq" });
 * console.log(stored.codes.rows); // => 16
 * ```
 */
export function pqToBytes(quantizer: ProductQuantizer, codes?: PqCodes): Uint8Array {
  requireProductQuantizer("pqToBytes", quantizer);
  if (codes !== undefined) requirePqCodes("pqToBytes", codes, quantizer);
  const { kind, columns, subspaces, bits, codebooks, rotation } = quantizer;
  const header = { kind, columns, subspaces, bits, rotated: rotation !== undefined, rows: codes?.rows ?? 0 };
  const sections = [codebooks, rotation?.data ?? new Float32Array(0), codes?.data ?? new Uint8Array(0)];
  return writeContainer("pqToBytes", header, sections);
}

/**
 * What {@link pqToBytes} stored.
 *
 * @param bytes - All bytes of the file; they are copied.
 * @param options - The file's name, for messages.
 * @returns Quantizer and codes, newly allocated.
 * @throws IndexFileError if the bytes are of another format, a newer version, cut off, or changed.
 *
 * @example
 * ```ts
 * import { IndexFileError, pqFromBytes } from "@lmk/index/quantization";
 *
 * try {
 *   pqFromBytes(Uint8Array.of(1, 2, 3), { path: "rows.pq" });
 * } catch (error) {
 *   console.log(IndexFileError.isInstance(error) && error.code); // => not-this-format
 * }
 * ```
 */
export function pqFromBytes(bytes: Uint8Array, options: FromBytesOptions = {}): StoredPq {
  const origin = { caller: "pqFromBytes", path: options.path ?? "bytes" };
  const { header, sections } = readContainer(origin, bytes);
  const { columns, subspaces, bits, rows, rotated } = headerOf(origin, header, "product");
  const isValid = areCounts(columns, subspaces, bits) && columns % subspaces === 0 && bits >= 4 && bits <= 8;
  if (!isValid || !isRowCount(rows) || typeof rotated !== "boolean") {
    throw bytesError(origin, "to describe a product quantizer", JSON.stringify(header), "bad-header");
  }
  const codebooks = sections.floats(2 ** bits * columns);
  const plain = { kind: "product", columns, subspaces, bits, codebooks } as const;
  const quantizer = rotated
    ? { ...plain, rotation: { data: sections.floats(columns ** 2), rows: columns, columns } }
    : plain;
  const rowBytes = bytesPerRow(subspaces, bits);
  const codes = { data: sections.bytes(rows * rowBytes), rows, rowBytes };
  sections.finish();
  return { quantizer, codes };
}

/**
 * A scalar quantizer, and codes if there are any, as bytes with version and checksum, to be stored in a file. The
 * checksum is computed without a pause: some 2.5 seconds per GB, here and in {@link sqFromBytes}.
 *
 * @param quantizer - The quantizer.
 * @param codes - Rows that it encoded; none if left out.
 * @returns Newly allocated bytes, the same on every machine.
 * @throws RangeError if the codes are not of this quantizer's size.
 *
 * @example
 * ```ts
 * import { learnScalarQuantizer, sqFromBytes, sqToBytes } from "@lmk/index/quantization";
 *
 * const quantizer = learnScalarQuantizer({ data: Float32Array.of(1, 2, 5, 4), rows: 2, columns: 2 });
 * console.log([...sqFromBytes(sqToBytes(quantizer)).quantizer.ranges]); // => [ 4, 2 ]
 * ```
 */
export function sqToBytes(quantizer: ScalarQuantizer, codes?: SqCodes): Uint8Array {
  requireScalarQuantizer("sqToBytes", quantizer);
  if (codes !== undefined) requireSqCodes("sqToBytes", codes, quantizer);
  const { kind, columns, bits, minima, ranges } = quantizer;
  const header = { kind, columns, bits, rows: codes?.rows ?? 0 };
  const sections = [minima, ranges, codes?.errors ?? new Float32Array(0), codes?.data ?? new Uint8Array(0)];
  return writeContainer("sqToBytes", header, sections);
}

/**
 * What {@link sqToBytes} stored.
 *
 * @param bytes - All bytes of the file; they are copied.
 * @param options - The file's name, for messages.
 * @returns Quantizer and codes, newly allocated.
 * @throws IndexFileError if the bytes are of another format, a newer version, cut off, or changed.
 *
 * @example
 * ```ts
 * import { learnScalarQuantizer, sqFromBytes, sqToBytes } from "@lmk/index/quantization";
 *
 * const quantizer = learnScalarQuantizer({ data: Float32Array.of(1, 2, 5, 4), rows: 2, columns: 2 });
 * console.log(sqFromBytes(sqToBytes(quantizer)).codes.rows); // => 0
 * ```
 */
export function sqFromBytes(bytes: Uint8Array, options: FromBytesOptions = {}): StoredSq {
  const origin = { caller: "sqFromBytes", path: options.path ?? "bytes" };
  const { header, sections } = readContainer(origin, bytes);
  const { columns, bits, rows } = headerOf(origin, header, "scalar");
  if (!areCounts(columns) || !isRowCount(rows) || (bits !== 4 && bits !== 8)) {
    throw bytesError(origin, "to describe a scalar quantizer", JSON.stringify(header), "bad-header");
  }
  const minima = sections.floats(columns);
  const ranges = sections.floats(columns);
  const errors = sections.floats(rows);
  const rowBytes = bytesPerRow(columns, bits);
  const codes = { data: sections.bytes(rows * rowBytes), rows, rowBytes, errors };
  sections.finish();
  return { quantizer: { kind: "scalar", columns, bits, minima, ranges }, codes };
}

interface Header {
  readonly kind: string;
  readonly columns: number;
  readonly subspaces: number;
  readonly bits: number;
  readonly rows: number;
  readonly rotated: boolean;
}

/** The header's fields, not yet checked, except that it is of the right kind. */
function headerOf(origin: Origin, header: unknown, kind: "product" | "scalar"): Header {
  const fields = (header ?? {}) as Header;
  if (fields.kind !== kind) {
    const got = `a header of kind ${JSON.stringify(fields.kind)}`;
    throw bytesError(origin, `to hold a ${kind} quantizer`, got, "unsupported-content");
  }
  return fields;
}

function areCounts(...values: readonly number[]): boolean {
  return values.every((value) => Number.isSafeInteger(value) && value >= 1);
}

function isRowCount(rows: number): boolean {
  return Number.isSafeInteger(rows) && rows >= 0;
}
