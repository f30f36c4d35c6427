import type { Dtype, TypedArray } from "./dtype.ts";

/** An attribute of an ONNX node: an integer, integers, a string, or a float wrapped to tell it apart. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** Element types that appear inside a graph; users see only the first three. */
export type ElementType = Dtype | "int64";

/** ONNX's numbers for element types. */
export const elementTypeCode: Readonly<Record<ElementType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
};

/** One ONNX node. Trailing outputs that nobody reads are left out where the operator allows it. */
export interface GraphNode {
  readonly op: string;
  readonly inputs: string[];
  readonly outputs: string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** The tfjs op that asked for the node; the node's name shows it. */
  readonly origin?: string;
}

/** A constant that travels inside the model file. */
export interface Initializer {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: ElementType;
  readonly data: TypedArray | BigInt64Array;
}

/** A graph input or output. */
export interface Port {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: ElementType;
  /** The names of the dimensions that are free; the others are undefined. */
  readonly symbols?: readonly (string | undefined)[];
}

/** What is left of a traced function: nodes in execution order, constants, and the ports. */
export interface FinishedGraph {
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** Operators whose outputs behind the first may be left out; that saves their computation. */
const optionalTail: ReadonlySet<string> = new Set(["MaxPool"]);

/** Constants of at most this many elements are shared when their content is equal. */
const sharedConstantLimit = 4096;

/**
 * A graph under construction. Equal nodes are made once (common-subexpression removal), names count up from
 * zero (the same function gives the same bytes), and {@link finish} drops what no output needs.
 */
export class GraphBuilder {
  /** What the nodes that follow are made for. */
  origin = "";
  #nodes: GraphNode[] = [];
  readonly #inputs: Port[] = [];
  readonly #initializers = new Map<string, Initializer>();
  readonly #nodeByKey = new Map<string, GraphNode>();
  readonly #constantByKey = new Map<string, string>();
  #count = 0;

  input(name: string, dims: readonly number[], type: Dtype): void {
    this.#inputs.push({ name, dims, type });
  }

  /** Appends a node, or finds an equal one, and gives its first output. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.nodes(op, inputs, attributes, 1)[0];
  }

  /** As {@link node}, for operators with several outputs. */
  nodes(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    outputCount: number,
  ): readonly string[] {
    const key = `${op}(${inputs.join(",")})${attributesKey(attributes)}${outputCount}`;
    let node = this.#nodeByKey.get(key);
    if (node === undefined) {
      const outputs = Array.from({ length: outputCount }, () => this.newName());
      node = { op, inputs: [...inputs], outputs, attributes, origin: this.origin };
      this.#nodes.push(node);
      this.#nodeByKey.set(key, node);
    }
    return node.outputs;
  }

  /** Keeps an array as an initializer; small arrays of equal content are kept once. */
  constant(data: TypedArray | BigInt64Array, dims: readonly number[], type: ElementType): string {
    const key =
      data.length <= sharedConstantLimit ? `${type}[${dims.join(",")}]${contentKey(data)}` : undefined;
    const known = key === undefined ? undefined : this.#constantByKey.get(key);
    if (known !== undefined) return known;
    const name = this.newName();
    this.#initializers.set(name, { name, dims, type, data });
    if (key !== undefined) this.#constantByKey.set(key, name);
    return name;
  }

  /** The 1-D int64 constants that ONNX takes for shapes, axes and offsets. */
  integers(values: readonly number[]): string {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length], "int64");
  }

  /** Names the outputs, and drops nodes and constants that they do not need. */
  finish(outputs: readonly { readonly port: Port; readonly source: string }[]): FinishedGraph {
    const renamed = new Map<string, string>();
    const produced = new Set(this.#nodes.flatMap((node) => node.outputs));
    for (const { port, source } of outputs) {
      if (produced.has(source) && !renamed.has(source)) renamed.set(source, port.name);
      else this.#nodes.push({ op: "Identity", inputs: [source], outputs: [port.name], attributes: {} });
    }

    const needed = new Set(outputs.map(({ source }) => source));
    for (const { port } of outputs) needed.add(port.name);
    const alive: GraphNode[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (!node.outputs.some((name) => needed.has(name))) continue;
      for (const name of node.inputs) needed.add(name);
      alive.push(node);
    }

    const rename = (name: string) => renamed.get(name) ?? name;
    const nodes = alive.reverse().map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: (optionalTail.has(node.op)
        ? upToLast(node.outputs, (name) => needed.has(name))
        : node.outputs
      ).map(rename),
    }));
    const initializers = [...this.#initializers.values()].filter(({ name }) => needed.has(name));
    const inputs = this.#inputs.filter(({ name }) => needed.has(name));
    return { nodes, initializers, inputs, outputs: outputs.map(({ port }) => port) };
  }

  /** A tensor name that nothing has yet. */
  newName(): string {
    return `t${this.#count++}`;
  }

  /** All nodes so far, each behind those it reads. */
  get allNodes(): readonly GraphNode[] {
    return this.#nodes;
  }

  /** Puts other nodes in the place of all; what outputs and other nodes read must still be made. */
  replaceNodes(nodes: readonly GraphNode[]): void {
    this.#nodes = [...nodes];
  }

  /** The dimensions of a graph input or a constant. */
  givenDims(name: string): readonly number[] | undefined {
    return (this.#inputs.find((port) => port.name === name) ?? this.#initializers.get(name))?.dims;
  }

  /** The constant called `name`, if it is one. */
  initializer(name: string): Initializer | undefined {
    return this.#initializers.get(name);
  }
}

/** Equal for equal attributes; JSON alone has no infinities, no NaN and no -0. */
export function attributesKey(attributes: Readonly<Record<string, Attribute>>): string {
  return JSON.stringify(attributes, (_, entry: unknown) => {
    if (typeof entry !== "number" || (Number.isFinite(entry) && !Object.is(entry, -0))) return entry;
    return Object.is(entry, -0) ? "-0" : String(entry);
  });
}

/** Equal for equal bits: -0 and 0 differ, NaN equals itself. */
export function contentKey(data: TypedArray | BigInt64Array): string {
  if (data instanceof Float32Array) return new Int32Array(data.slice().buffer).join(",");
  return data.join(",");
}

/** The names without those behind the last one that is wanted: ONNX lets only trailing outputs be left out. */
function upToLast(names: readonly string[], wanted: (name: string) => boolean): string[] {
  return names.slice(0, names.findLastIndex(wanted) + 1);
}
