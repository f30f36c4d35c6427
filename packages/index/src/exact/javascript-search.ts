import type { EmbeddingBlock, Embeddings, Matrix } from "../matrix.ts";
import { toFloat32 } from "../precision.ts";
import { exactProduct, scoreOf } from "./exact-product.ts";
import type { FoundLists } from "./found-lists.ts";
import { rowFault } from "./row-fault.ts";
import type { SearchSettings } from "./search-settings.ts";
import { createTopK, enter, sortList, type TopK } from "./top-k.ts";

/** Rows as float32 with their squared lengths. */
interface ReadyRows {
  readonly matrix: Matrix;
  readonly squares: Float64Array;
  readonly firstRow: number;
}

/**
 * Exact search in plain JavaScript, for where WebAssembly is missing or forbidden: the scores of all pairs, computed
 * one by one. It gives the lists that `WasmSearch` gives.
 */
export class JavaScriptSearch {
  readonly #settings: SearchSettings;
  readonly #stored: ReadyRows[] = [];
  #top: TopK | undefined;
  #queries: ReadyRows | undefined;
  #excluded: Int32Array | undefined;

  constructor(settings: SearchSettings) {
    this.#settings = settings;
  }

  /** Keeps rows for {@link compareStored}. */
  store(block: EmbeddingBlock): void {
    this.#stored.push(this.#ready(block, "database"));
  }

  /** Begins a search: a list for each query. */
  begin(
    queries: Embeddings,
    k: number,
    excluded: Int32Array | undefined,
    _floors: Float32Array | undefined,
  ): void {
    this.#queries = this.#ready({ firstRow: 0, embeddings: queries }, "queries");
    this.#top = createTopK(queries.rows, k);
    this.#excluded = excluded;
  }

  /** Begins a graph: a list for each of `rows` rows, which their own ids do not enter. */
  beginGraph(rows: number, k: number, _floors: Float32Array | undefined): void {
    this.#top = createTopK(rows, k);
    this.#excluded = Int32Array.from({ length: rows }, (_, row) => row);
  }

  /** Compares the queries with rows that are not kept. */
  compareBlockSync(block: EmbeddingBlock): void {
    this.#compare(this.#queries!, this.#ready(block, "database"), false);
  }

  compareBlock(block: EmbeddingBlock): Promise<void> {
    this.compareBlockSync(block);
    return Promise.resolve();
  }

  /** Compares the queries with kept rows: those of the calls of {@link store} from `first` to `end`. */
  compareStored(first: number, end: number): Promise<void> {
    for (const rows of this.#stored.slice(first, end)) this.#compare(this.#queries!, rows, false);
    return Promise.resolve();
  }

  /** Compares all pairs of rows of two blocks of a graph, or of one block where there is no second. */
  comparePairSync(first: EmbeddingBlock, second: EmbeddingBlock | undefined): void {
    const rows = this.#ready(first, "embeddings");
    const others = second === undefined ? rows : this.#ready(second, "embeddings");
    this.#compare(rows, others, second !== undefined);
  }

  comparePair(first: EmbeddingBlock, second: EmbeddingBlock | undefined): Promise<void> {
    this.comparePairSync(first, second);
    return Promise.resolve();
  }

  /** The lists of the search or graph, which ends with it. */
  finish(): FoundLists {
    const top = this.#top!;
    for (let list = 0; list < top.sizes.length; list++) sortList(top, list);
    return { ids: top.ids, scores: top.scores };
  }

  #ready({ firstRow, embeddings }: EmbeddingBlock, argument: string): ReadyRows {
    const matrix = toFloat32(embeddings);
    const { data, rows, columns } = matrix;
    const squares = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      const start = row * columns;
      const square = exactProduct(data, start, data, start, columns);
      squares[row] = square;
      if (!Number.isFinite(square) || (square === 0 && this.#settings.metric === "cosine")) {
        const cells = data.subarray(start, start + columns);
        const { caller, rowsCaller } = this.#settings;
        throw rowFault(argument === "queries" ? caller : rowsCaller, argument, firstRow + row, cells);
      }
    }
    return { matrix, squares, firstRow };
  }

  #compare(queries: ReadyRows, rows: ReadyRows, isSymmetric: boolean): void {
    const { columns } = queries.matrix;
    const top = this.#top!;
    for (let query = 0; query < queries.matrix.rows; query++) {
      for (let row = 0; row < rows.matrix.rows; row++) {
        const product = exactProduct(
          queries.matrix.data,
          query * columns,
          rows.matrix.data,
          row * columns,
          columns,
        );
        const score = scoreOf(this.#settings.metric, product, queries.squares[query]!, rows.squares[row]!);
        this.#offer(top, queries.firstRow + query, rows.firstRow + row, score);
        if (isSymmetric) this.#offer(top, rows.firstRow + row, queries.firstRow + query, score);
      }
    }
  }

  #offer(top: TopK, list: number, id: number, score: number): void {
    if (this.#excluded?.[list] !== id) enter(top, list, id, score);
  }
}
