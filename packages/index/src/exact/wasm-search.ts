import type { EmbeddingBlock, Embeddings, Metric } from "../matrix.ts";
import { chunkQueries } from "./block-size.ts";
import type { FoundLists } from "./found-lists.ts";
import { KernelLists } from "./kernel-lists.ts";
import { KernelRows, type ReadyRows, type StoredRows } from "./kernel-rows.ts";
import { KernelMemory } from "./kernels.ts";
import type { SearchSettings } from "./search-settings.ts";

/** Multiplies matrices that lie in the memory of the kernels. */
export interface ProductEngine {
  /** Writes `queries * rows^T`, both with `columns` columns, to `products`. */
  multiply(queries: Float32Array, rows: Float32Array, products: Float32Array, columns: number): Promise<void>;
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
  readonly #memory: KernelMemory;
  readonly #lists: KernelLists;
  readonly #rows: KernelRows;
  readonly #stored: StoredRows[] = [];
  readonly #engine: ProductEngine | undefined;
  #bottom: number;
  #queries: ReadyRows | undefined;

  constructor(settings: SearchSettings, engine?: ProductEngine) {
    this.#settings = settings;
    this.#engine = engine;
    this.#memory = new KernelMemory(settings.caller);
    this.#lists = new KernelLists(this.#memory);
    this.#rows = new KernelRows(settings, this.#memory);
    this.#bottom = this.#memory.top;
    this.#setSearch(false);
  }

  /** Keeps rows for {@link compareStored}, in their precision. */
  store({ firstRow, embeddings }: EmbeddingBlock): void {
    const rows = this.#rows.copy(embeddings, firstRow);
    this.#bottom = this.#memory.top;
    // Preparing the parts computes the squares and refuses rows without meaning.
    for (const part of this.#rows.parts({ ...rows, squares: 0 })) {
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
    this.#memory.release(this.#bottom);
    this.#lists.begin(queries.rows, k, excluded, floors);
    this.#queries = this.#readyQueries({ firstRow: 0, embeddings: queries }, "queries");
  }

  /** Begins a graph: a list for each of `rows` rows, which their own ids do not enter. */
  beginGraph(rows: number, k: number, floors: Float32Array | undefined): void {
    const own = new Int32Array(rows);
    for (let row = 0; row < rows; row++) own[row] = row;
    this.#memory.release(this.#bottom);
    this.#lists.begin(rows, k, own, floors);
  }

  /** Compares the queries with rows that are not kept. */
  async compareBlock(block: EmbeddingBlock): Promise<void> {
    const top = this.#memory.top;
    const rows = { ...this.#rows.copy(block.embeddings, block.firstRow), squares: 0 };
    await this.#compareWithEngine(rows, false);
    this.#memory.release(top);
  }

  /** {@link compareBlock} on the kernels alone. */
  compareBlockSync(block: EmbeddingBlock): void {
    const top = this.#memory.top;
    this.#compareWithKernels({ ...this.#rows.copy(block.embeddings, block.firstRow), squares: 0 }, false);
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
    const rows = { ...this.#rows.copy(other.embeddings, other.firstRow), squares: 0 };
    await this.#compareWithEngine(rows, second !== undefined);
    this.#memory.release(top);
  }

  /** {@link comparePair} on the kernels alone. */
  comparePairSync(first: EmbeddingBlock, second: EmbeddingBlock | undefined): void {
    const top = this.#memory.top;
    this.#queries = this.#readyQueries(first, "embeddings");
    const other = second ?? first;
    const rows = { ...this.#rows.copy(other.embeddings, other.firstRow), squares: 0 };
    this.#compareWithKernels(rows, second !== undefined);
    this.#memory.release(top);
  }

  /** The lists of the search or graph, which ends with it. */
  finish(): FoundLists {
    const lists = this.#lists.finish();
    this.#memory.release(this.#bottom);
    return lists;
  }

  /** Queries as float32, with what the kernels need to know of each. */
  #readyQueries({ firstRow, embeddings }: EmbeddingBlock, argument: string): ReadyRows {
    const memory = this.#memory;
    const { rows } = embeddings;
    const rowBytes = 4 * this.#rows.stride;
    const padded = Math.ceil(rows / 4) * 4;
    const data = memory.allocate(rowBytes * padded);
    const squares = memory.allocate(8 * rows);
    const others = memory.allocate(12 * (rows + 12));
    const scratch = memory.top;
    const copied = this.#rows.copy(embeddings, firstRow);
    this.#rows.decode(copied, 0, rows, data);
    memory.release(scratch);
    // Tiles read up to four queries.
    memory.bytes(data + rowBytes * rows, rowBytes * (padded - rows)).fill(0);
    memory.kernels.squareRows(data, rows, squares);
    this.#rows.requireRows(argument, data, squares, rows, firstRow);
    return { data, squares, others, count: rows, firstRow };
  }

  #setSearch(isSymmetric: boolean): void {
    this.#memory.kernels.setSearch(
      metricNumbers[this.#settings.metric],
      this.#rows.stride,
      isSymmetric ? 1 : 0,
    );
  }

  #beginCompare(rows: StoredRows, isSymmetric: boolean): ReadyRows {
    const queries = this.#queries!;
    this.#setSearch(isSymmetric);
    const { data, squares, others, count, firstRow } = queries;
    this.#memory.kernels.setQueries(data, squares, others, count, firstRow);
    this.#lists.takeFloors(firstRow, count);
    if (isSymmetric) this.#lists.takeFloors(rows.firstRow, rows.rows);
    return queries;
  }

  #endCompare(queries: ReadyRows, rows: StoredRows, isSymmetric: boolean): void {
    this.#lists.giveFloors(queries.firstRow, queries.count);
    if (isSymmetric) this.#lists.giveFloors(rows.firstRow, rows.rows);
  }

  #compareWithKernels(rows: StoredRows, isSymmetric: boolean): void {
    const queries = this.#beginCompare(rows, isSymmetric);
    const top = this.#memory.top;
    for (const part of this.#rows.parts(rows)) this.#comparePart(queries, part);
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
    const products = this.#memory.allocate(4 * chunkQueries * (this.#rows.partRows + 4));
    for (const part of this.#rows.parts(rows)) {
      await this.#multiplyPart(this.#engine, queries, part, products);
    }
    this.#memory.release(top);
    this.#endCompare(queries, rows, isSymmetric);
  }

  #comparePart(queries: ReadyRows, part: ReadyRows): void {
    const { kernels } = this.#memory;
    const rowBytes = 4 * this.#rows.stride;
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
      kernels.comparePanels(queries.data + first * rowBytes, first, end, packed, 0, part.count);
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
        memory.floats(queries.data + 4 * this.#rows.stride * first, this.#rows.stride * (end - first)),
        memory.floats(part.data, this.#rows.stride * width),
        memory.floats(products, width * (end - first)),
        this.#rows.stride,
      );
      memory.kernels.compareProducts(products, width, first, end, 0, part.count);
    }
  }
}
