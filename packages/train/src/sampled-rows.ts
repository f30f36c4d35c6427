import type { NamedArray, NamedArrays } from "./parameters.ts";

/** The step's input, and output, that holds rows of an array. */
export const rowsName = (name: string): string => `rows/${name}`;

/** Arrays in main memory, of which each step is lent some rows. */
export interface RowStore {
  /** The arrays themselves, not copies. */
  readonly arrays: NamedArrays;
  /**
   * Copies the rows that a batch uses.
   *
   * @param rows - Row numbers by the parameter's name, distinct, in any order.
   * @throws RangeError or TypeError if they are anything else.
   */
  readonly lend: (rows: Readonly<Record<string, Int32Array>>) => LentRows;
}

/** Rows that a step works on. */
export interface LentRows {
  /** Inputs of the step, `[M, …]` each; their memory is used again by the next ones. */
  readonly inputs: Readonly<Record<string, NamedArray>>;
  /**
   * Writes the rows that the step gave back to where they came from, and gives the other outputs.
   *
   * @throws RangeError if an output has another size; no row is changed then.
   */
  readonly takeBack: <Output extends { readonly data: ArrayLike<number> }>(
    outputs: Readonly<Record<string, Output>>,
  ) => Record<string, Output>;
}

/**
 * Keeps the arrays of sampled parameters.
 *
 * @param sampled - For each parameter its initial array and those of its slots, by name. Parameters are copied, as they are
 * the caller's; slots are taken over.
 * @param saved - Arrays of a checkpoint, to be taken over in place of the initial ones.
 */
export function createRowStore(
  sampled: Readonly<Record<string, NamedArrays>>,
  saved?: NamedArrays,
): RowStore {
  const owned = Object.entries(sampled).map(([parameter, arrays]): [string, NamedArrays] => {
    const kept = Object.entries(arrays).map(([name, { shape, data }]): [string, NamedArray] => [
      name,
      { shape, data: saved?.[name]?.data ?? (name === parameter ? data.slice() : data) },
    ]);
    return [parameter, Object.fromEntries(kept)];
  });
  const arrays: NamedArrays = Object.assign({}, ...owned.map(([, kept]) => kept));
  // Fresh memory costs more than the copy into it.
  const buffers = new Map<string, Float32Array>();
  const bufferOf = (name: string, length: number): Float32Array => {
    const held = buffers.get(name);
    const buffer = held !== undefined && held.length >= length ? held : new Float32Array(length);
    buffers.set(name, buffer);
    return buffer.subarray(0, length);
  };

  return {
    arrays,
    lend(rows) {
      const extra = Object.keys(rows).find((name) => !(name in sampled));
      if (extra !== undefined) {
        throw new RangeError(`train: expected the batch's \`rows\` to be of \`sampledRows\`, got ${extra}`);
      }
      const lent = owned.flatMap(([parameter, kept]) => {
        const numbers = requireRows(parameter, rows[parameter], kept[parameter]!.shape[0]!);
        return Object.entries(kept).map(([name, whole]) => ({ name, port: rowsName(name), whole, numbers }));
      });
      return {
        inputs: Object.fromEntries(
          lent.map(({ name, port, whole, numbers }) => {
            const data = bufferOf(name, numbers.length * widthOf(whole));
            gather(whole, numbers, data);
            return [port, { shape: [numbers.length, ...whole.shape.slice(1)], data }] as const;
          }),
        ),
        takeBack(outputs) {
          const given = lent.filter(({ port }) => port in outputs);
          for (const { port, whole, numbers } of given) {
            const size = numbers.length * widthOf(whole);
            const { length } = outputs[port]!.data;
            if (length === size) continue;
            throw new RangeError(
              `train: expected the step to give back ${size} values of ${port}, got ${length}`,
            );
          }
          for (const { port, whole, numbers } of given) scatter(whole, numbers, outputs[port]!.data);
          const ports = new Set(given.map(({ port }) => port));
          return Object.fromEntries(Object.entries(outputs).filter(([name]) => !ports.has(name)));
        },
      };
    },
  };
}

/** Refuses names that are not those of parameters with rows. */
export function requireSampledRows(caller: string, names: readonly string[], parameters: NamedArrays): void {
  names.forEach((name, i) => {
    const parameter = parameters[name];
    if (parameter === undefined)
      throw new RangeError(`${caller}: expected \`sampledRows\` to name parameters, got ${name}`);
    const { shape, data } = parameter;
    if (shape.length === 0) {
      throw new RangeError(
        `${caller}: expected \`sampledRows\` to name parameters with rows, got the scalar ${name}`,
      );
    }
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    if (data.length !== size) {
      throw new RangeError(
        `${caller}: expected \`parameters.${name}\` to have ${size} values for shape [${shape}], got ${data.length}`,
      );
    }
    if (names.indexOf(name) !== i)
      throw new RangeError(
        `${caller}: expected \`sampledRows\` to name each parameter once, got ${name} twice`,
      );
  });
}

function requireRows(parameter: string, rows: Int32Array | undefined, count: number): Int32Array {
  if (rows === undefined)
    throw new RangeError(`train: expected the batch's \`rows\` to have ${parameter}, got none`);
  if (!(rows instanceof Int32Array))
    throw new TypeError(`train: expected \`rows.${parameter}\` to be an Int32Array, got ${typeof rows}`);
  if (rows.length === 0)
    throw new RangeError(`train: expected \`rows.${parameter}\` to have at least one row, got none`);
  const seen = new Uint8Array(count);
  for (const [i, row] of rows.entries()) {
    if (row < 0 || row >= count) {
      throw new RangeError(
        `train: expected \`rows.${parameter}[${i}]\` to be from 0 to ${count - 1}, got ${row}`,
      );
    }
    if (seen[row] === 1)
      throw new RangeError(`train: expected \`rows.${parameter}\` to be distinct, got ${row} twice`);
    seen[row] = 1;
  }
  return rows;
}

function widthOf({ shape }: NamedArray): number {
  return shape.slice(1).reduce((product, dimension) => product * dimension, 1);
}

function gather(whole: NamedArray, rows: Int32Array, into: Float32Array): void {
  const width = widthOf(whole);
  rows.forEach((row, i) => {
    into.set(whole.data.subarray(row * width, (row + 1) * width), i * width);
  });
}

function scatter(whole: NamedArray, rows: Int32Array, values: ArrayLike<number>): void {
  const width = widthOf(whole);
  const moved = values instanceof Float32Array ? values : Float32Array.from(values);
  rows.forEach((row, i) => {
    whole.data.set(moved.subarray(i * width, (i + 1) * width), row * width);
  });
}
