import type { EmbeddingBlock, Embeddings, Metric } from "../matrix.ts";
import { chunkQueries, partRowsOf, strideOf } from "./block-size.ts";
import { KernelMemory } from "./kernels.ts";
import { rowFault } from "./row-fault.ts";

/** What every search of one kind shares. */
export interface SearchSettings {
  /** The public function that is given queries, as errors name it. */
  readonly caller: string;
  /** The public function that is given rows. */
  readonly rowsCaller: string;
  readonly metric: Metric;
  readonly columns: number;
}

/** Multiplies matrices that lie in the memory of the kernels. */
export interface ProductEngine {
  /** Writes `queries * rows^T`, both with `columns` columns, to `products`. */
  multiply(queries: Float32Array, rows: Float32Array, products: Float32Array, columns: number): Promise<void>;
}

/** Ids and scores of lists, best first, `k` each. */
export interface FoundLists {
  readonly ids: Int32Array<ArrayBuffer>;
  readonly scores: Float32Array<ArrayBuffer>;
}

/** Rows in the memory as they were given, each filled up to the stride. */
interface StoredRows {
  readonly precision: Precision;
  readonly start: number;
  readonly scales: number;
  readonly squares: number;
  readonly rows: number;
  readonly firstRow: number;
}

type Precision = "float32" | "float16" | "int8";

/** Rows in the memory as float32, ready to be compared. */
interface ReadyRows {
  readonly data: number;
  readonly squares: number;
  readonly others: number;
  readonly count: number;
  readonly firstRow: number;
}

const metricNumbers: Readonly<Record<Metric, number>> = { dot: 0, cosine: 1, l2: 2 };

/** Fewer queries than this are compared with rows as they lie: packing the rows would take longer. */
const fewQueries = 4;

/**
 * Exact search in one thread on the WASM kernels.
 *
 * Every product is computed in float32 first, by the kernels or by a {@link ProductEngine}. Where its known largest
 * error leaves it possible that the pair belongs into a list, the pair's score is computed again in float64, in one
 * fixed order, and decides. So the lists depend on neither engine, nor on how rows are divided into blocks.
 */
export class WasmSearch {
  readonly #settings: SearchSettings;
  readonly #memory: KernelMemory = new KernelMemory();
  /** Numbers per row in the memory: a multiple of 8, the rest zeros. */
  readonly #stride: number;
  readonly #partRows: number;
  readonly #stored: StoredRows[] = [];
  readonly #engine: ProductEngine | undefined;
  #bottom: number;
  #k = 0;
  #lists = 0;
  #ids = 0;
  #scores = 0;
  #queries: ReadyRows | undefined;
  #panels = 0;
  #sizes = 0;
  #floors = 0;
  #sharedFloors: Float32Array | undefined;

  constructor(settings: SearchSettings, engine?: ProductEngine) {
    this.#settings = settings;
    this.#engine = engine;
    this.#stride = strideOf(settings.columns);
    this.#partRows = partRowsOf(settings.columns);
    this.#bottom = this.#memory.top;
    this.#setSearch(false);
  }

  /** Keeps rows for {@link compareStored}, in their precision. */
  store({ firstRow, embeddings }: EmbeddingBlock): void {
    const rows = this.#copyRows(embeddings, firstRow);
    this.#bottom = this.#memory.top;
    // Preparing the parts computes the squares and refuses rows without meaning.
    for (const part of this.#parts({ ...rows, squares: 0 })) {
      const count = part.count;
      const from = this.#memory.bytes(part.squares, 8 * count);
      this.#memory.bytes(rows.squares + 8 * (part.firstRow - firstRow), 8 * count).set(from);
    }
    this.#memory.release(this.#bottom);
    this.#stored.push(rows);
  }

  /**
   * Begins a search: a list for each query.
   *
   * @param floors - Shared by threads: for each query a score that its k best reach.
   */
  begin(
    queries: Embeddings,
    k: number,
    excluded: Int32Array | undefined,
    floors: Float32Array | undefined,
  ): void {
    this.#beginLists(queries.rows, k, excluded, floors);
    this.#queries = this.#readyQueries({ firstRow: 0, embeddings: queries }, "queries");
  }

  /** Begins a graph: a list for each of `rows` rows, which their own ids do not enter. */
  beginGraph(rows: number, k: number, floors: Float32Array | undefined): void {
    const own = new Int32Array(rows);
    for (let row = 0; row < rows; row++) own[row] = row;
    this.#beginLists(rows, k, own, floors);
  }

  /** Compares the queries with rows that are not kept. */
  async compareBlock(block: EmbeddingBlock): Promise<void> {
    const top = this.#memory.top;
    const rows = { ...this.#copyRows(block.embeddings, block.firstRow), squares: 0 };
    await this.#compareWithEngine(rows, false);
    this.#memory.release(top);
  }

  /** {@link compareBlock} on the kernels alone. */
  compareBlockSync(block: EmbeddingBlock): void {
    const top = this.#memory.top;
    this.#compareWithKernels({ ...this.#copyRows(block.embeddings, block.firstRow), squares: 0 }, false);
    this.#memory.release(top);
  }

  /** Compares the queries with kept rows: those of the calls of {@link store} from `first` to `end`. */
  async compareStored(first: number, end: number): Promise<void> {
    for (const rows of this.#stored.slice(first, end)) await this.#compareWithEngine(rows, false);
  }

  /** Compares all pairs of rows of two blocks of a graph, or of one block where there is no second. */
  async comparePair(first: EmbeddingBlock, second: EmbeddingBlock | undefined): Promise<void> {
    const top = this.#memory.top;
    this.#queries = this.#readyQueries(first, "embeddings");
    const other = second ?? first;
    const rows = { ...this.#copyRows(other.embeddings, other.firstRow), squares: 0 };
    await this.#compareWithEngine(rows, second !== undefined);
    this.#memory.release(top);
  }

  /** {@link comparePair} on the kernels alone. */
  comparePairSync(first: EmbeddingBlock, second: EmbeddingBlock | undefined): void {
    const top = this.#memory.top;
    this.#queries = this.#readyQueries(first, "embeddings");
    const other = second ?? first;
    const rows = { ...this.#copyRows(other.embeddings, other.firstRow), squares: 0 };
    this.#compareWithKernels(rows, second !== undefined);
    this.#memory.release(top);
  }

  /** The lists of the search or graph, which ends with it. */
  finish(): FoundLists {
    this.#memory.kernels.sortLists(this.#lists);
    const ids = this.#memory.integers(this.#ids, this.#lists * this.#k).slice();
    const scores = this.#memory.floats(this.#scores, this.#lists * this.#k).slice();
    this.#memory.release(this.#bottom);
    return { ids, scores };
  }

  #beginLists(
    lists: number,
    k: number,
    excluded: Int32Array | undefined,
    floors: Float32Array | undefined,
  ): void {
    const memory = this.#memory;
    memory.release(this.#bottom);
    this.#k = k;
    this.#lists = lists;
    this.#ids = memory.allocate(4 * lists * k);
    this.#scores = memory.allocate(4 * lists * k);
    this.#sizes = memory.allocate(4 * lists);
    this.#floors = memory.allocate(4 * lists);
    this.#sharedFloors = floors;
    const excludedAt = excluded === undefined ? 0 : memory.allocate(4 * lists);
    memory.integers(this.#ids, lists * k).fill(-1);
    memory.floats(this.#scores, lists * k).fill(-Infinity);
    memory.integers(this.#sizes, lists).fill(0);
    memory.floats(this.#floors, lists).fill(-Infinity);
    if (excluded !== undefined) memory.integers(excludedAt, lists).set(excluded);
    memory.kernels.setLists(k, this.#ids, this.#scores, this.#sizes, excludedAt, this.#floors);
  }

  /** Learns what the other threads have found for the lists from `first`. */
  #takeFloors(first: number, count: number): void {
    if (this.#sharedFloors === undefined) return;
    const floors = this.#memory.floats(this.#floors, this.#lists);
    floors.set(this.#sharedFloors.subarray(first, first + count), first);
  }

  /** Tells them. Two threads may write at once; whichever score stays is one that k rows reach. */
  #giveFloors(first: number, count: number): void {
    const shared = this.#sharedFloors;
    if (shared === undefined) return;
    const sizes = this.#memory.integers(this.#sizes, this.#lists);
    const scores = this.#memory.floats(this.#scores, this.#lists * this.#k);
    for (let list = first; list < first + count; list++) {
      const worst = scores[list * this.#k]!;
      if (sizes[list] === this.#k && worst > shared[list]!) shared[list] = worst;
    }
  }

  /** Queries as float32, with what the kernels need to know of each, and packed where the kernels multiply. */
  #readyQueries({ firstRow, embeddings }: EmbeddingBlock, argument: string): ReadyRows {
    const memory = this.#memory;
    const { rows } = embeddings;
    const data = memory.allocate(4 * this.#stride * Math.ceil(rows / 4) * 4);
    const squares = memory.allocate(8 * rows);
    const others = memory.allocate(12 * (rows + 12));
    this.#panels = memory.allocate(this.#usesPanels(rows) ? 4 * this.#stride * (rows + 4) : 0);
    const scratch = memory.top;
    const copied = this.#copyRows(embeddings, firstRow);
    this.#decode(copied, 0, rows, data);
    memory.release(scratch);
    memory.kernels.squareRows(data, rows, squares);
    this.#requireRows(argument, data, squares, rows, firstRow);
    if (this.#usesPanels(rows)) memory.kernels.packRows(data, rows, 4, this.#panels);
    return { data, squares, others, count: rows, firstRow };
  }

  #usesPanels(queries: number): boolean {
    return this.#engine === undefined && queries >= fewQueries;
  }

  #setSearch(isSymmetric: boolean): void {
    this.#memory.kernels.setSearch(metricNumbers[this.#settings.metric], this.#stride, isSymmetric ? 1 : 0);
  }

  #beginCompare(rows: StoredRows, isSymmetric: boolean): ReadyRows {
    const queries = this.#queries!;
    this.#setSearch(isSymmetric);
    const { data, squares, others, count, firstRow } = queries;
    this.#memory.kernels.setQueries(data, squares, others, count, firstRow);
    this.#takeFloors(firstRow, count);
    if (isSymmetric) this.#takeFloors(rows.firstRow, rows.rows);
    return queries;
  }

  #endCompare(queries: ReadyRows, rows: StoredRows, isSymmetric: boolean): void {
    this.#giveFloors(queries.firstRow, queries.count);
    if (isSymmetric) this.#giveFloors(rows.firstRow, rows.rows);
  }

  #compareWithKernels(rows: StoredRows, isSymmetric: boolean): void {
    const queries = this.#beginCompare(rows, isSymmetric);
    const top = this.#memory.top;
    for (const part of this.#parts(rows)) this.#comparePart(queries, part);
    this.#memory.release(top);
    this.#endCompare(queries, rows, isSymmetric);
  }

  async #compareWithEngine(rows: StoredRows, isSymmetric: boolean): Promise<void> {
    if (this.#engine === undefined || this.#queries!.count < fewQueries) {
      this.#compareWithKernels(rows, isSymmetric);
      return;
    }
    const queries = this.#beginCompare(rows, isSymmetric);
    const top = this.#memory.top;
    const products = this.#memory.allocate(4 * chunkQueries * (this.#partRows + 4));
    for (const part of this.#parts(rows)) {
      await this.#multiplyPart(this.#engine, queries, part, products);
    }
    this.#memory.release(top);
    this.#endCompare(queries, rows, isSymmetric);
  }

  #comparePart(queries: ReadyRows, part: ReadyRows): void {
    const { kernels } = this.#memory;
    const rowBytes = 4 * this.#stride;
    kernels.setLimits();
    if (queries.count < fewQueries) {
      for (let query = 0; query < queries.count; query++) {
        kernels.compareRows(query, 0, part.count, queries.data + query * rowBytes, part.data);
      }
      return;
    }
    const top = this.#memory.top;
    const packed = this.#memory.allocate(rowBytes * (part.count + 12));
    kernels.packRows(part.data, part.count, 12, packed);
    for (let first = 0; first < queries.count; first += chunkQueries) {
      const end = Math.min(first + chunkQueries, queries.count);
      kernels.comparePanels(this.#panels + first * rowBytes, first, end, packed, 0, part.count);
    }
    this.#memory.release(top);
  }

  async #multiplyPart(
    engine: ProductEngine,
    queries: ReadyRows,
    part: ReadyRows,
    products: number,
  ): Promise<void> {
    const memory = this.#memory;
    const width = Math.ceil(part.count / 4) * 4;
    memory.kernels.setLimits();
    for (let first = 0; first < queries.count; first += chunkQueries) {
      const end = Math.min(first + chunkQueries, queries.count);
      await engine.multiply(
        memory.floats(queries.data + 4 * this.#stride * first, this.#stride * (end - first)),
        memory.floats(part.data, this.#stride * width),
        memory.floats(products, width * (end - first)),
        this.#stride,
      );
      memory.kernels.compareProducts(products, width, first, end, 0, part.count);
    }
  }

  /** The rows in parts, each made ready and set as the rows of the kernels; the next part overwrites it. */
  *#parts(rows: StoredRows): Generator<ReadyRows> {
    const memory = this.#memory;
    const partRows = Math.min(this.#partRows, Math.ceil(rows.rows / 12) * 12);
    const others = memory.allocate(12 * (partRows + 12));
    const isKnown = rows.squares !== 0;
    const ownSquares = isKnown ? 0 : memory.allocate(8 * partRows);
    const decoded = rows.precision === "float32" ? 0 : memory.allocate(4 * this.#stride * (partRows + 4));
    for (let first = 0; first < rows.rows; first += partRows) {
      const count = Math.min(partRows, rows.rows - first);
      const data = decoded === 0 ? rows.start + 4 * this.#stride * first : decoded;
      if (decoded !== 0) this.#decode(rows, first, count, decoded);
      const squares = isKnown ? rows.squares + 8 * first : ownSquares;
      if (!isKnown) {
        memory.kernels.squareRows(data, count, squares);
        this.#requireRows("database", data, squares, count, rows.firstRow + first);
      }
      memory.kernels.setRows(data, squares, others, count, rows.firstRow + first);
      yield { data, squares, others, count, firstRow: rows.firstRow + first };
    }
  }

  /** Copies rows into the memory as they are, each filled up with zeros to the stride. */
  #copyRows(embeddings: Embeddings, firstRow: number): StoredRows {
    const { data, rows, columns } = embeddings;
    const memory = this.#memory;
    const size = data.BYTES_PER_ELEMENT;
    const rowBytes = size * this.#stride;
    const start = memory.allocate(rowBytes * Math.ceil(rows / 4) * 4);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const target = memory.bytes(start, rowBytes * rows);
    if (columns === this.#stride) {
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

  #decode({ precision, start, scales }: StoredRows, first: number, count: number, to: number): void {
    const { kernels } = this.#memory;
    const stride = this.#stride;
    if (precision === "float32") {
      const from = this.#memory.bytes(start + 4 * stride * first, 4 * stride * count);
      this.#memory.bytes(to, 4 * stride * count).set(from);
    } else if (precision === "float16") {
      kernels.decodeHalves(start + 2 * stride * first, to, stride * count);
    } else {
      kernels.decodeInt8(start + stride * first, to, count, scales + 4 * first);
    }
  }

  #requireRows(argument: string, data: number, squares: number, count: number, firstRow: number): void {
    const values = this.#memory.doubles(squares, count);
    const refusesZero = this.#settings.metric === "cosine";
    for (let row = 0; row < count; row++) {
      if (Number.isFinite(values[row]!) && !(refusesZero && values[row] === 0)) continue;
      const cells = this.#memory.floats(data + 4 * this.#stride * row, this.#settings.columns);
      const { caller, rowsCaller } = this.#settings;
      throw rowFault(argument === "queries" ? caller : rowsCaller, argument, firstRow + row, cells);
    }
  }
}

function precisionOf(embeddings: Embeddings): Precision {
  if (embeddings.data instanceof Float32Array) return "float32";
  return embeddings.data instanceof Uint16Array ? "float16" : "int8";
}
