import { source } from "../generated/kernels.ts";
import type { Matrix } from "../matrix.ts";

/** What kernels/index.ts exports; pointers are byte offsets into the memory. */
interface Kernels {
  multiply(a: number, aRows: number, b: number, bRows: number, columns: number, products: number): void;
}

/** What is used of WebAssembly, whose types are only in those of browsers. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (descriptor: { initial: number }) => WasmMemory;
  validate(bytes: Uint8Array): boolean;
}

interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface KernelMemory {
  readonly kernels: Kernels;
  readonly memory: WasmMemory;
}

const pageBytes = 65_536;

/** Bytes of the rows of `b` that are multiplied at a time: what stays in the nearer caches. */
const blockBytes = 196_608;

/** Rows of `a` that are multiplied at a time. */
const blockRows = 64;

let instance: KernelMemory | null | undefined;

/** Where the kernels run, with their memory; null where there is no WebAssembly with vectors, or it is forbidden. */
function kernelMemory(): KernelMemory | null {
  if (instance === undefined) instance = createKernelMemory();
  return instance;
}

function createKernelMemory(): KernelMemory | null {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly?: WebAssemblyApi };
  const bytes = Uint8Array.from(atob(source), (character) => character.charCodeAt(0));
  try {
    if (!WebAssembly?.validate(bytes)) return null;
    const memory = new WebAssembly.Memory({ initial: 16 });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    return { kernels: exports as Kernels, memory };
  } catch {
    // A page's policy may forbid to compile what is valid.
    return null;
  }
}

/**
 * Inner products of all rows of `a` with all rows of `b`: float32, `a.rows` × `b.rows`, row-major. Those of two rows
 * are the same bits whichever comes first and whatever else is multiplied.
 */
export function innerProducts(a: Matrix, b: Matrix): Float32Array {
  const found = kernelMemory();
  if (found === null) return innerProductsInJavaScript(a, b);
  const products = new Float32Array(a.rows * b.rows);
  const columns = Math.ceil(a.columns / 4) * 4;
  const width = Math.max(3, Math.min(roundUp(b.rows, 3), Math.floor(blockBytes / (columns * 12)) * 3));
  const aStart = 1024;
  const bStart = aStart + blockRows * columns * 4;
  const productStart = bStart + width * columns * 4;
  const { kernels, memory } = found;
  const missing = Math.ceil((productStart + blockRows * width * 4 - memory.buffer.byteLength) / pageBytes);
  if (missing > 0) memory.grow(missing);
  const numbers = new Float32Array(memory.buffer);
  for (let bRow = 0; bRow < b.rows; bRow += width) {
    const bRows = Math.min(width, b.rows - bRow);
    copyRows(b, bRow, bRows, numbers, bStart / 4, columns);
    for (let aRow = 0; aRow < a.rows; aRow += blockRows) {
      const aRows = Math.min(blockRows, a.rows - aRow);
      copyRows(a, aRow, aRows, numbers, aStart / 4, columns);
      const stride = roundUp(bRows, 3);
      kernels.multiply(aStart, roundUp(aRows, 4), bStart, stride, columns, productStart);
      for (let row = 0; row < aRows; row++) {
        const from = productStart / 4 + row * stride;
        products.set(numbers.subarray(from, from + bRows), (aRow + row) * b.rows + bRow);
      }
    }
  }
  return products;
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Copies rows and fills them up with zeros; rows behind the last are multiplied too, and nobody reads the result. */
function copyRows(
  from: Matrix,
  first: number,
  count: number,
  to: Float32Array,
  start: number,
  columns: number,
): void {
  if (from.columns === columns) {
    to.set(from.data.subarray(first * columns, (first + count) * columns), start);
    return;
  }
  for (let row = 0; row < count; row++) {
    const target = start + row * columns;
    to.set(from.data.subarray((first + row) * from.columns, (first + row + 1) * from.columns), target);
    to.fill(0, target + from.columns, target + columns);
  }
}

/** The same bits without WebAssembly. */
export function innerProductsInJavaScript(a: Matrix, b: Matrix): Float32Array {
  const { fround } = Math;
  const { columns } = a;
  const products = new Float32Array(a.rows * b.rows);
  const sums = new Float32Array(4);
  for (let row = 0; row < a.rows; row++) {
    for (let other = 0; other < b.rows; other++) {
      sums.fill(0);
      for (let i = 0; i < columns; i++) {
        sums[i & 3]! += fround(a.data[row * columns + i]! * b.data[other * columns + i]!);
      }
      const low = fround(sums[0]! + sums[1]!);
      products[row * b.rows + other] = low + fround(sums[2]! + sums[3]!);
    }
  }
  return products;
}
