import { source } from "../generated/kernels.ts";

/** What kernels/*.ts exports; every pointer is a byte offset into the memory. */
export interface Kernels {
  /** `metric` is 0 for the inner product, 1 for the cosine, 2 for the squared distance; `columns` a multiple of 8. */
  setSearch(metric: number, columns: number, isSymmetric: number): void;
  setLists(k: number, ids: number, scores: number, sizes: number, excluded: number, floors: number): void;
  /** `others` has room for 12 bytes a row, rows counted up to a multiple of 12. */
  setQueries(data: number, squares: number, others: number, count: number, first: number): void;
  setRows(data: number, squares: number, others: number, count: number, first: number): void;
  setLimits(): void;
  squareRows(data: number, rows: number, squares: number): void;
  decodeHalves(from: number, to: number, count: number): void;
  decodeInt8(from: number, to: number, rows: number, scales: number): void;
  packRows(from: number, rows: number, width: number, to: number): void;
  comparePanels(
    queryData: number,
    firstQuery: number,
    endQuery: number,
    rowPanels: number,
    firstRow: number,
    endRow: number,
  ): void;
  compareProducts(
    products: number,
    stride: number,
    firstQuery: number,
    endQuery: number,
    firstRow: number,
    endRow: number,
  ): void;
  compareRows(query: number, firstRow: number, endRow: number, queryData: number, rowData: number): void;
  sortLists(count: number): void;
}

/** What is used of WebAssembly, whose types are only in those of browsers. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (descriptor: { initial: number; maximum: number }) => WasmMemory;
  validate(bytes: Uint8Array): boolean;
}

/** A WASM memory; growing it detaches the buffers taken before. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

const pageBytes = 65_536;

/** The largest memory: 4 GiB less a page. */
export const largestMemory: number = (65_536 - 1) * pageBytes;

const { WebAssembly } = globalThis as unknown as { readonly WebAssembly?: WebAssemblyApi };

let compiled: object | null | undefined;

/** The compiled kernels, or null where there is no WebAssembly, one without vectors, or one that is forbidden. */
function kernelModule(): object | null {
  if (compiled === undefined) {
    const bytes = Uint8Array.from(atob(source), (character) => character.charCodeAt(0));
    try {
      compiled = WebAssembly?.validate(bytes) ? new WebAssembly.Module(bytes) : null;
    } catch {
      // A page's policy may forbid to compile what is valid.
      compiled = null;
    }
  }
  return compiled;
}

/** Whether the kernels run here. */
export function hasKernels(): boolean {
  return kernelModule() !== null;
}

/** One instance of the kernels with a memory of its own, given out from bottom to top. */
export class KernelMemory {
  readonly kernels: Kernels;
  readonly #memory: WasmMemory;
  readonly #caller: string;
  #top = pageBytes;

  /** @param caller - The public function, as errors name it. */
  constructor(caller: string) {
    this.#caller = caller;
    this.#memory = new WebAssembly!.Memory({ initial: 2, maximum: 65_536 });
    const { exports } = new WebAssembly!.Instance(kernelModule()!, { env: { memory: this.#memory } });
    this.kernels = exports as Kernels;
  }

  /** Where the next piece begins: what {@link release} goes back to. */
  get top(): number {
    return this.#top;
  }

  /** Gives out `bytes`, aligned to 64; they hold what was there before. */
  allocate(bytes: number): number {
    const start = this.#top;
    const top = start + Math.ceil(bytes / 64) * 64;
    // Kernels read up to 64 bytes past the end of an array.
    const missing = Math.ceil((top + 64 - this.#memory.buffer.byteLength) / pageBytes);
    if (missing > 0) {
      this.#grow(missing, top);
    }
    this.#top = top;
    return start;
  }

  #grow(pages: number, top: number): void {
    const advice = "use more threads, fewer queries at a time, or a lower precision";
    if (top + 64 > largestMemory) {
      throw new RangeError(
        `${this.#caller}: expected a thread to need at most ${largestMemory} bytes, got ${top}; ${advice}`,
      );
    }
    try {
      this.#memory.grow(pages);
    } catch (cause) {
      throw new RangeError(
        `${this.#caller}: expected ${top} bytes of memory for a thread, got none so large; ${advice}`,
        { cause },
      );
    }
  }

  /** Takes back everything given out since `top`. */
  release(top: number): void {
    this.#top = top;
  }

  bytes(start: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, start, length);
  }

  floats(start: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, start, length);
  }

  doubles(start: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, start, length);
  }

  integers(start: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, start, length);
  }
}
