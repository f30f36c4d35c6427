import type { Embeddings } from "../matrix.ts";
import { partRowsOf, strideOf } from "./block-size.ts";
import type { KernelMemory } from "./kernels.ts";
import { rowFault } from "./row-fault.ts";
import type { SearchSettings } from "./search-settings.ts";

/** Rows in the memory as they were given, each filled up to the stride. */
export interface StoredRows {
  readonly precision: Precision;
  readonly start: number;
  readonly scales: number;
  readonly squares: number;
  readonly rows: number;
  readonly firstRow: number;
}

type Precision = "float32" | "float16" | "int8";

/** Rows in the memory as float32, ready to be compared. */
export interface ReadyRows {
  readonly data: number;
  readonly squares: number;
  readonly others: number;
  readonly count: number;
  readonly firstRow: number;
}

/** Rows in the memory of the kernels. */
export class KernelRows {
  readonly #settings: SearchSettings;
  readonly #memory: KernelMemory;
  /** Numbers per row in the memory: a multiple of 8, the rest zeros. */
  readonly stride: number;
  /** The most rows of a part. */
  readonly partRows: number;

  constructor(settings: SearchSettings, memory: KernelMemory) {
    this.#settings = settings;
    this.#memory = memory;
    this.stride = strideOf(settings.columns);
    this.partRows = partRowsOf(settings.columns);
  }

  /** Copies rows into the memory as they are, each filled up with zeros to the stride. */
  copy(embeddings: Embeddings, firstRow: number): StoredRows {
    const { data, rows, columns } = embeddings;
    const memory = this.#memory;
    const size = data.BYTES_PER_ELEMENT;
    const rowBytes = size * this.stride;
    const start = memory.allocate(rowBytes * Math.ceil(rows / 4) * 4);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const target = memory.bytes(start, rowBytes * rows);
    if (columns === this.stride) {
      target.set(bytes);
    } else {
      target.fill(0);
      for (let row = 0; row < rows; row++) {
        target.set(bytes.subarray(row * columns * size, (row + 1) * columns * size), row * rowBytes);
      }
    }
    let scales = 0;
    if ("scales" in embeddings) {
      scales = memory.allocate(4 * rows);
      memory.floats(scales, rows).set(embeddings.scales);
    }
    const squares = memory.allocate(8 * rows);
    return { precision: precisionOf(embeddings), start, scales, squares, rows, firstRow };
  }

  /** The rows in parts, each made ready and set as the rows of the kernels; the next part overwrites it. */
  *parts(rows: StoredRows): Generator<ReadyRows> {
    const memory = this.#memory;
    const partRows = Math.min(this.partRows, Math.ceil(rows.rows / 12) * 12);
    const others = memory.allocate(12 * (partRows + 12));
    const isKnown = rows.squares !== 0;
    const ownSquares = isKnown ? 0 : memory.allocate(8 * partRows);
    const decoded = rows.precision === "float32" ? 0 : memory.allocate(4 * this.stride * (partRows + 4));
    for (let first = 0; first < rows.rows; first += partRows) {
      const count = Math.min(partRows, rows.rows - first);
      const data = decoded === 0 ? rows.start + 4 * this.stride * first : decoded;
      if (decoded !== 0) this.decode(rows, first, count, decoded);
      const squares = isKnown ? rows.squares + 8 * first : ownSquares;
      if (!isKnown) {
        memory.kernels.squareRows(data, count, squares);
        this.requireRows("database", data, squares, count, rows.firstRow + first);
      }
      memory.kernels.setRows(data, squares, others, count, rows.firstRow + first);
      yield { data, squares, others, count, firstRow: rows.firstRow + first };
    }
  }

  /** Writes rows as float32. */
  decode({ precision, start, scales }: StoredRows, first: number, count: number, to: number): void {
    const { kernels } = this.#memory;
    const stride = this.stride;
    if (precision === "float32") {
      const from = this.#memory.bytes(start + 4 * stride * first, 4 * stride * count);
      this.#memory.bytes(to, 4 * stride * count).set(from);
    } else if (precision === "float16") {
      kernels.decodeHalves(start + 2 * stride * first, to, stride * count);
    } else {
      kernels.decodeInt8(start + stride * first, to, count, scales + 4 * first);
    }
  }

  /** Refuses rows that hold NaN or an infinity and, under the cosine, rows of zeros. */
  requireRows(argument: string, data: number, squares: number, count: number, firstRow: number): void {
    const values = this.#memory.doubles(squares, count);
    const refusesZero = this.#settings.metric === "cosine";
    for (let row = 0; row < count; row++) {
      if (Number.isFinite(values[row]!) && !(refusesZero && values[row] === 0)) continue;
      const cells = this.#memory.floats(data + 4 * this.stride * row, this.#settings.columns);
      const { caller, rowsCaller } = this.#settings;
      throw rowFault(argument === "queries" ? caller : rowsCaller, argument, firstRow + row, cells);
    }
  }
}

function precisionOf(embeddings: Embeddings): Precision {
  if (embeddings.data instanceof Float32Array) return "float32";
  return embeddings.data instanceof Uint16Array ? "float16" : "int8";
}
