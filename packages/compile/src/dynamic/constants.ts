import { bytesOf } from "../external-data.ts";
import { elementTypeCode, type Initializer } from "../graph.ts";
import { isUniform } from "../value.ts";
import { isConstant, type Polynomial, type PolynomialFit } from "./polynomial.ts";
import { fitScalar } from "./scalar-rule.ts";
import type { SizeNodes } from "./size-nodes.ts";

/** What a constant of several traces became: a name, or undefined where no rule fits. */
type Unified = string | undefined;

/** Writes constants that differ between traces as nodes that compute them from the free dimensions. */
export class ConstantRules {
  readonly #fit: PolynomialFit;
  readonly #sizes: SizeNodes;
  readonly #denominators: Polynomial[] = [];

  constructor(fit: PolynomialFit, sizes: SizeNodes) {
    this.#fit = fit;
    this.#sizes = sizes;
  }

  /** The constant, one per trace, for any size. */
  unify(constants: readonly Initializer[]): Unified {
    const [{ type, dims }] = constants;
    if (constants.some((other) => other.type !== type || other.dims.length !== dims.length)) return undefined;
    const sameDims = constants.every((other) => other.dims.join() === dims.join());
    if (sameDims && type === "int64") return this.#integers(constants);
    const single = constants.every(({ data }) => data.length === 1);
    if (single && sameDims) return this.#scalar(constants, dims);
    const uniform = constants.every(({ data }) => isUniform(data));
    if (!uniform) return this.#range(constants) ?? this.#matrix(constants);
    const shape = this.#shape(constants);
    const elements = constants.map((constant) => ({
      ...constant,
      dims: [],
      data: constant.data.slice(0, 1),
    }));
    const element = this.#scalar(elements as Initializer[], []);
    if (shape === undefined || element === undefined) return undefined;
    return this.#sizes.node("Expand", [element, this.#sizes.vector(shape)]);
  }

  /** The target of a Reshape: with one dimension that varies, `-1` in its place says enough. */
  unifyTarget(constants: readonly Initializer[]): Unified {
    const columns = this.#columns(constants);
    if (columns === undefined) return undefined;
    const varying = columns.filter((column) => !isConstant(column));
    const open = varying.length === 1 && columns.every((column) => !isConstant(column) || column[0] > 0);
    if (!open) return this.#sizes.vector(columns);
    return this.#sizes.integers(columns.map((column) => (isConstant(column) ? column[0] : -1)));
  }

  /** The denominators met so far: how many elements means are taken over. */
  note(denominator: Polynomial): void {
    if (!isConstant(denominator)) this.#denominators.push(denominator);
  }

  #integers(constants: readonly Initializer[]): Unified {
    const columns = this.#columns(constants);
    return columns && this.#sizes.reshaped(this.#sizes.vector(columns), constants[0].dims);
  }

  #columns(constants: readonly Initializer[]): Polynomial[] | undefined {
    const [{ data }] = constants;
    if (constants.some((other) => other.data.length !== data.length)) return undefined;
    const columns = Array.from({ length: data.length }, (_, i) =>
      this.#fit.fit(constants.map((other) => Number(other.data[i]))),
    );
    return columns.every((column) => column !== undefined) ? (columns as Polynomial[]) : undefined;
  }

  #shape(constants: readonly Initializer[]): Polynomial[] | undefined {
    const shape = constants[0].dims.map((_, axis) => this.#fit.fit(constants.map(({ dims }) => dims[axis])));
    return shape.every((dimension) => dimension !== undefined) ? (shape as Polynomial[]) : undefined;
  }

  /** One element per trace, of the dimensions `dims`, all 1. */
  #scalar(constants: readonly Initializer[], dims: readonly number[]): Unified {
    const [{ type, data }] = constants;
    const values = constants.map((constant) => Number(constant.data[0]));
    if (values.every((value) => Object.is(value, values[0]))) return this.#sizes.constant(data, dims, type);
    if (type === "float32") {
      const rule = fitScalar(values, this.#fit, this.#denominators);
      if (rule === undefined) return undefined;
      this.note(rule.denominator);
      return this.#sizes.reshaped(this.#sizes.scalar(rule), dims);
    }
    const polynomial = this.#fit.fit(values);
    if (polynomial === undefined || type === "bool") return undefined;
    return this.#sizes.reshaped(this.#cast(this.#sizes.integer(polynomial), type), dims);
  }

  /** Equal steps along one axis whose length varies. */
  #range(constants: readonly Initializer[]): Unified {
    const [{ type, data }] = constants;
    const shape = this.#shape(constants);
    if (shape === undefined || type === "bool") return undefined;
    const long = shape.filter((dimension) => !(isConstant(dimension) && dimension[0] === 1));
    const start = Number(data[0]);
    const step = Number(data[1]) - start;
    const even = constants.every((constant) =>
      constant.data.every(
        (value: number | bigint, i: number) => Number(value) === Math.fround(start + i * step),
      ),
    );
    if (long.length !== 1 || !even || !Number.isInteger(start) || !Number.isInteger(step)) return undefined;
    let name = this.#sizes.range(long[0]);
    if (step !== 1) name = this.#sizes.node("Mul", [name, this.#sizes.integers([step])]);
    if (start !== 0) name = this.#sizes.node("Add", [name, this.#sizes.integers([start])]);
    const dims = shape.map((dimension) => (isConstant(dimension) ? 1 : -1));
    return this.#sizes.reshaped(this.#cast(name, type), dims);
  }

  /** A square matrix with one element on its diagonal and another elsewhere, such as an identity. */
  #matrix(constants: readonly Initializer[]): Unified {
    const [{ type, data }] = constants;
    const shape = this.#shape(constants);
    if (shape === undefined || shape.length !== 2 || data.length < 2) return undefined;
    const [on, off] = [data[0], data[1]];
    const diagonal = constants.every(
      ({ dims: [rows, columns], data: elements }) =>
        rows === columns &&
        elements.every((value: number | bigint, i: number) => value === (i % (columns + 1) === 0 ? on : off)),
    );
    if (!diagonal || type === "int64") return undefined;
    const range = this.#sizes.range(shape[0]);
    const column = this.#sizes.node("Unsqueeze", [range, this.#sizes.integers([1])]);
    const same = this.#sizes.node("Equal", [column, range]);
    const one = (from: number) => this.#sizes.constant(data.slice(from, from + 1) as typeof data, [], type);
    return type === "bool" && on === 1
      ? same
      : type === "bool"
        ? this.#sizes.node("Not", [same])
        : this.#sizes.node("Where", [same, one(0), one(1)]);
  }

  #cast(name: string, type: Initializer["type"]): string {
    return type === "int64" ? name : this.#sizes.node("Cast", [name], { to: elementTypeCode[type] });
  }
}

/** Whether two constants are equal bit for bit. */
export function sameConstant(a: Initializer, b: Initializer): boolean {
  if (a.type !== b.type || a.dims.join() !== b.dims.join() || a.data.length !== b.data.length) return false;
  return a.data === b.data || Buffer.compare(bytesOf(a.data), bytesOf(b.data)) === 0;
}
