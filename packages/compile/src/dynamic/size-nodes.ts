import type { TypedArray } from "../dtype.ts";
import {
  type Attribute,
  attributesKey,
  contentKey,
  type ElementType,
  elementTypeCode,
  type GraphNode,
  type Initializer,
} from "../graph.ts";
import { evaluate, isConstant, monomials, type Polynomial } from "./polynomial.ts";
import type { ScalarRule } from "./scalar-rule.ts";

/** Where the graph reads a free dimension from. */
export interface SizeSource {
  readonly port: string;
  readonly axis: number;
}

/** ONNX's number for float64, in which scalars are computed before they are rounded. */
const doubleCode = 11;

/** The nodes that compute numbers and shapes from the free dimensions; equal ones are made once. */
export class SizeNodes {
  readonly nodes: GraphNode[] = [];
  readonly initializers: Initializer[] = [];
  readonly #sources: readonly SizeSource[];
  readonly #known = new Map<string, string>();

  constructor(sources: readonly SizeSource[]) {
    this.#sources = sources;
  }

  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.#once(`${op}(${inputs})${attributesKey(attributes)}`, (name) => {
      this.nodes.push({ op, inputs: [...inputs], outputs: [name], attributes });
    });
  }

  constant(data: TypedArray | BigInt64Array, dims: readonly number[], type: ElementType): string {
    return this.#once(`${type}[${dims}]${contentKey(data)}`, (name) => {
      this.initializers.push({ name, dims, type, data });
    });
  }

  integers(values: readonly number[]): string {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length], "int64");
  }

  /** A polynomial as int64 of shape [1]. */
  integer(polynomial: Polynomial): string {
    if (isConstant(polynomial)) return this.integers([polynomial[0]]);
    const halves = polynomial.some((coefficient) => !Number.isInteger(coefficient));
    const scale = halves ? 2 : 1;
    const terms = monomials(this.#sources.length).flatMap((factors, i) => {
      const coefficient = polynomial[i] * scale;
      if (coefficient === 0) return [];
      if (factors.length === 0) return [this.integers([coefficient])];
      const [first, ...others] = factors.map((factor) => this.#size(factor));
      const product = others.reduce((left, right) => this.node("Mul", [left, right]), first);
      return [coefficient === 1 ? product : this.node("Mul", [product, this.integers([coefficient])])];
    });
    const sum = terms.reduce((left, right) => this.node("Add", [left, right]));
    return halves ? this.node("Div", [sum, this.integers([2])]) : sum;
  }

  /** Several polynomials as one int64 vector; neighbouring constants are kept together. */
  vector(polynomials: readonly Polynomial[]): string {
    const parts: string[] = [];
    let run: number[] = [];
    const flush = () => {
      if (run.length > 0) parts.push(this.integers(run));
      run = [];
    };
    for (const polynomial of polynomials) {
      if (isConstant(polynomial)) {
        run.push(polynomial[0]);
        continue;
      }
      flush();
      parts.push(this.integer(polynomial));
    }
    flush();
    return parts.length === 1 ? parts[0] : this.node("Concat", parts, { axis: 0 });
  }

  /** A rule's number as float32 of shape [1]. */
  scalar({ factor, numerator, denominator }: ScalarRule): string {
    const double = (name: string) => this.node("Cast", [name], { to: doubleCode });
    const factored = factor !== 1 && Number.isInteger(factor) && Math.abs(factor) < 2 ** 31;
    const scaled = factored ? numerator.map((coefficient) => coefficient * factor) : numerator;
    let result = double(this.integer(scaled));
    if (factor !== 1 && !factored) {
      const float = this.constant(Float32Array.of(factor), [1], "float32");
      result = this.node("Mul", [double(float), result]);
    }
    const whole =
      isConstant(denominator) &&
      evaluate(
        denominator,
        this.#sources.map(() => 1),
      ) === 1;
    if (!whole) result = this.node("Div", [result, double(this.integer(denominator))]);
    return this.node("Cast", [result], { to: elementTypeCode.float32 });
  }

  /** A vector brought to fixed dimensions. */
  reshaped(name: string, dims: readonly number[]): string {
    return dims.length === 1 ? name : this.node("Reshape", [name, this.integers(dims)]);
  }

  /** `0, 1, …, length - 1` as int64. */
  range(length: Polynomial): string {
    const scalar = (name: string) => this.node("Squeeze", [name, this.integers([0])]);
    const end = scalar(this.integer(length));
    return this.node("Range", [scalar(this.integers([0])), end, scalar(this.integers([1]))]);
  }

  #size(dimension: number): string {
    const { port, axis } = this.#sources[dimension];
    return this.node("Shape", [port], { start: axis, end: axis + 1 });
  }

  #once(key: string, make: (name: string) => void): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const name = `size${this.#known.size}`;
    this.#known.set(key, name);
    make(name);
    return name;
  }
}
