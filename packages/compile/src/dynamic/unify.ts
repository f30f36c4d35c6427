import { attributesKey, type FinishedGraph, type GraphNode, type Initializer, type Port } from "../graph.ts";
import { ConstantRules, sameConstant } from "./constants.ts";
import { describePolynomial, isConstant, type Polynomial, type PolynomialFit } from "./polynomial.ts";
import { SizeNodes, type SizeSource } from "./size-nodes.ts";

/** Why graphs of different sizes are not one graph. */
export class Disagreement extends Error {
  /** What differs, after "for any size:". */
  readonly reason: string;
  /** What the node concerned was made for, as `Origin.nodePrefix` says it. */
  readonly origin: string | undefined;

  constructor(reason: string, origin?: string) {
    super(reason);
    this.reason = reason;
    this.origin = origin;
  }
}

/** What the graphs are unified over. */
export interface FreeSizes {
  readonly names: readonly string[];
  readonly fit: PolynomialFit;
  /** The ports that carry free dimensions, with the name of each, or undefined where it is a number. */
  readonly ports: readonly { readonly port: Port; readonly symbols: readonly (string | undefined)[] }[];
}

/** One graph for all sizes, and the shapes of its outputs. */
export interface UnifiedGraph {
  readonly graph: FinishedGraph;
  readonly shapes: ReadonlyMap<string, readonly Polynomial[]>;
}

/**
 * Makes one graph of the graphs that one function gave at several sizes, one per point of the fit. Nodes, their
 * order, wiring and attributes have to be the same; constants and dimensions may depend on the sizes by a rule
 * that holds at every point. Throws a {@link Disagreement} else.
 */
export function unify(graphs: readonly FinishedGraph[], free: FreeSizes): UnifiedGraph {
  const [first] = graphs;
  const sizes = new SizeNodes(free.names.map((name) => sourceOf(name, free)));
  const constants = new ConstantUse(graphs, free.fit, sizes);
  const same = graphs.every(({ nodes }) => nodes.length === first.nodes.length);
  const aligned = first.nodes.slice(0, Math.min(...graphs.map(({ nodes }) => nodes.length)));
  const renamed = graphs.map(() => new Map<string, string>());
  const nodes = aligned.map((node, i) => {
    const others = graphs.map((graph) => graph.nodes[i]);
    requireAlike(others);
    const inputs = node.inputs.map((name, at) => {
      const names = others.map(({ inputs: given }) => given[at]);
      if (names.some((other, k) => constants.has(k, other))) return constants.use(names, node, at);
      if (names.some((other, k) => (renamed[k].get(other) ?? other) !== name)) {
        throw new Disagreement("the nodes are wired differently", originOf(node));
      }
      return name;
    });
    others.forEach(({ outputs }, k) => {
      outputs.forEach((name, at) => {
        renamed[k].set(name, node.outputs[at]);
      });
    });
    return { ...node, inputs };
  });
  if (!same) {
    throw new Disagreement(`the number of ONNX nodes differs (${graphs.map((graph) => graph.nodes.length)})`);
  }
  const outputs = first.outputs.map((port, i) =>
    withShape(
      graphs.map((graph) => graph.outputs[i]),
      free,
      port,
    ),
  );
  const inputs = inputPorts(first, free, new Set([...sizes.nodes, ...nodes].flatMap((node) => node.inputs)));
  return {
    graph: {
      nodes: [...sizes.nodes, ...nodes],
      initializers: [...constants.kept, ...sizes.initializers],
      inputs,
      outputs: outputs.map(({ port }) => port),
    },
    shapes: new Map(outputs.map(({ port, shape }) => [port.name, shape])),
  };
}

/** The constants of several graphs as they are used together. */
class ConstantUse {
  readonly kept: Initializer[] = [];
  readonly #byName: readonly ReadonlyMap<string, Initializer>[];
  readonly #rules: ConstantRules;
  readonly #known = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(graphs: readonly FinishedGraph[], fit: PolynomialFit, sizes: SizeNodes) {
    this.#byName = graphs.map(
      ({ initializers }) => new Map(initializers.map((entry) => [entry.name, entry])),
    );
    this.#rules = new ConstantRules(fit, sizes);
  }

  has(graph: number, name: string): boolean {
    return this.#byName[graph].has(name);
  }

  /** The name of what `names`, one per graph, stand for as the input `at` of a node. */
  use(names: readonly string[], node: GraphNode, at: number): string {
    const target = node.op === "Reshape" && at === 1;
    const key = `${target}/${names.join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = names.flatMap((name, k) => this.#byName[k].get(name) ?? []);
    if (found.length < names.length) throw new Disagreement("a constant is computed", originOf(node));
    const unified = found.every((other) => sameConstant(other, found[0]))
      ? this.#keep(found[0])
      : target
        ? this.#rules.unifyTarget(found)
        : this.#rules.unify(found);
    if (unified === undefined) throw new Disagreement(describeConstant(found, node), originOf(node));
    this.#known.set(key, unified);
    return unified;
  }

  #keep(constant: Initializer): string {
    if (this.#taken.has(constant.name)) return constant.name;
    this.#taken.add(constant.name);
    this.kept.push(constant);
    return constant.name;
  }
}

function describeConstant(found: readonly Initializer[], node: GraphNode): string {
  const [a, b] = found;
  const shape = ({ dims }: Initializer) => `[${dims.join(", ")}]`;
  const content =
    a.data.length <= 8 && b.data.length <= 8
      ? `${[...a.data].join(", ")} becomes ${[...b.data].join(", ")}`
      : `that of shape ${shape(a)} becomes another of shape ${shape(b)}`;
  return `a constant of the ONNX node ${node.op} varies by no known rule: ${content}`;
}

function requireAlike(nodes: readonly GraphNode[]): void {
  const [node] = nodes;
  for (const other of nodes) {
    if (other.op !== node.op || other.outputs.length !== node.outputs.length) {
      throw new Disagreement(`an ONNX node ${node.op} becomes ${other.op}`, originOf(node));
    }
    if (other.inputs.length !== node.inputs.length) {
      throw new Disagreement(`the number of inputs of the ONNX node ${node.op} varies`, originOf(node));
    }
    const [mine, theirs] = [node, other].map(({ attributes }) => attributesKey(attributes));
    if (mine !== theirs) {
      throw new Disagreement(`the attributes of the ONNX node ${node.op} vary`, originOf(node));
    }
  }
}

function originOf({ origin }: GraphNode): string | undefined {
  return origin === undefined || origin === "" ? undefined : origin;
}

function sourceOf(name: string, { ports }: FreeSizes): SizeSource {
  const { port, symbols } = ports.find((candidate) =>
    candidate.symbols.includes(name),
  ) as FreeSizes["ports"][number];
  return { port: port.name, axis: symbols.indexOf(name) };
}

/** The input ports that are read, the free ones with their names; one may be read for its shape alone. */
function inputPorts(first: FinishedGraph, { ports }: FreeSizes, read: ReadonlySet<string>): Port[] {
  const free = new Map(ports.map(({ port, symbols }) => [port.name, { ...port, symbols }]));
  const kept = first.inputs.map((port) => free.get(port.name) ?? port);
  const names = new Set(kept.map(({ name }) => name));
  return [...kept, ...[...free.values()].filter(({ name }) => read.has(name) && !names.has(name))];
}

function withShape(ports: readonly Port[], { fit, names }: FreeSizes, first: Port) {
  const ranks = ports.every(({ dims, type }) => dims.length === first.dims.length && type === first.type);
  const shape = first.dims.map((_, axis) =>
    ranks ? fit.fit(ports.map(({ dims }) => dims[axis])) : undefined,
  );
  if (!ranks || shape.some((dimension) => dimension === undefined)) {
    const listed = ports.map(({ dims }) => `[${dims.join(", ")}]`).join(", ");
    throw new Disagreement(`the shape of ${first.name} varies by no known rule: ${listed}`);
  }
  const symbols = (shape as Polynomial[]).map((dimension) =>
    isConstant(dimension) ? undefined : describePolynomial(dimension, names),
  );
  return { shape: shape as Polynomial[], port: { ...first, symbols } };
}
