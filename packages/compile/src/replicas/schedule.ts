import type { FinishedGraph, GraphNode } from "../graph.ts";
import { replicaMeanKernel } from "./replica-mean.ts";

/** A part of a tensor that is averaged, in elements. */
export interface Piece {
  /** The name of the averaged tensor. */
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** What one session computes, and what is averaged when it has. */
export interface Stage {
  readonly nodes: readonly GraphNode[];
  /** How many calls of `mean` must have ended before. */
  readonly awaits: number;
  /** The calls of `mean` to ask for after it, in this order. */
  readonly calls: readonly (readonly Piece[])[];
}

/** Operators that are worth another session while a mean is under way. */
const heavy: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "MatMul", "Gemm", "Einsum"]);

/**
 * Cuts a graph at its replica means.
 *
 * A mean that others wait for (synchronized batch norm) ends a level: all that can be computed before it is. Means
 * that only the end of the function needs (gradients) are collected in buckets, and the stage in which one becomes
 * full ends there if much work is left, so that it is under way meanwhile.
 *
 * The result follows from the graph, the sizes and `bucketBytes` alone: every replica calls alike.
 *
 * @param graph - Each of its means has a source that nothing else reads; see `cut.ts`.
 * @param sizeOf - Elements of a mean.
 */
export function schedule(
  graph: FinishedGraph,
  sizeOf: (name: string) => number,
  bucketBytes: number,
): readonly Stage[] {
  const readers = readersOf(graph);
  const last = lastMeans(graph, readers);
  const levels = levelsOf(graph, last);
  sink(graph, readers, levels);

  const means = graph.nodes.filter(({ op }) => op === replicaMeanKernel);
  const meanOf = new Map(means.map((mean) => [mean.inputs[0], mean]));
  const calls = new Calls(sizeOf, bucketBytes);
  const stages: { nodes: GraphNode[]; calls: (readonly Piece[])[] }[] = [];
  let nodes: GraphNode[] = [];
  const endStage = (made: (readonly Piece[])[]) => {
    if (nodes.length > 0) stages.push({ nodes, calls: made });
    else stages.at(-1)?.calls.push(...made);
    nodes = [];
  };

  for (const level of [...new Set(levels.values())].sort((a, b) => a - b)) {
    const own = graph.nodes.filter((node) => levels.get(node) === level);
    // What follows the last means: nothing is left to compute beside them.
    if (level === Number.POSITIVE_INFINITY) endStage(calls.takeAll());
    const awaited: string[] = [];
    const lastHeavy = own.findLastIndex(({ op }) => heavy.has(op));
    for (const [i, node] of own.entries()) {
      nodes.push(node);
      for (const mean of node.outputs.flatMap((name) => meanOf.get(name) ?? [])) {
        if (last.has(mean)) calls.collect(mean.outputs[0]);
        else awaited.push(mean.outputs[0]);
      }
      if (calls.hasFullBucket && i < lastHeavy) endStage(calls.takeFull());
    }
    endStage([...calls.of(awaited), ...calls.takeFull()]);
  }
  endStage(calls.takeAll());
  return withAwaits(stages);
}

type Readers = ReadonlyMap<string, readonly GraphNode[]>;

/** Who reads each tensor. */
export function readersOf({ nodes }: FinishedGraph): Readers {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const name of new Set(node.inputs)) {
      const known = readers.get(name);
      if (known === undefined) readers.set(name, [node]);
      else known.push(node);
    }
  }
  return readers;
}

/** The means that no other one waits for. */
function lastMeans({ nodes }: FinishedGraph, readers: Readers): ReadonlySet<GraphNode> {
  const leading = new Set<GraphNode>();
  const last = new Set<GraphNode>();
  for (const node of nodes.toReversed()) {
    const next = node.outputs.flatMap((name) => readers.get(name) ?? []);
    if (next.some((reader) => reader.op === replicaMeanKernel || leading.has(reader))) leading.add(node);
    else if (node.op === replicaMeanKernel) last.add(node);
  }
  return last;
}

/** How many means in series lie before each node; infinitely many before what needs one of the last. */
function levelsOf({ nodes }: FinishedGraph, last: ReadonlySet<GraphNode>): Map<GraphNode, number> {
  const byName = new Map<string, number>();
  const levels = new Map<GraphNode, number>();
  for (const node of nodes) {
    const level = Math.max(0, ...node.inputs.map((name) => byName.get(name) ?? 0));
    const isMean = node.op === replicaMeanKernel;
    if (!isMean) levels.set(node, level);
    const after = last.has(node) ? Number.POSITIVE_INFINITY : level + 1;
    for (const name of node.outputs) byName.set(name, isMean ? after : level);
  }
  return levels;
}

/**
 * Moves nodes to the first level that needs them, where this keeps no more tensors: those whose inputs wait for that
 * level anyway, and small preparations of the graph's inputs, such as a filter in another order.
 */
function sink(graph: FinishedGraph, readers: Readers, levels: Map<GraphNode, number>): void {
  const made = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const light = new Set<GraphNode>();
  for (const node of graph.nodes) {
    if (levels.get(node) !== 0 || heavy.has(node.op)) continue;
    if (node.inputs.every((name) => isLight(made.get(name)))) light.add(node);
  }
  function isLight(node: GraphNode | undefined): boolean {
    return node === undefined || light.has(node);
  }
  const pinned = new Set(graph.outputs.map(({ name }) => name));
  const levelOf = (node: GraphNode) => levels.get(node) ?? Number.NEGATIVE_INFINITY;
  for (const node of graph.nodes.toReversed()) {
    const level = levels.get(node);
    if (level === undefined || node.outputs.some((name) => pinned.has(name))) continue;
    const needed = Math.min(...node.outputs.flatMap((name) => (readers.get(name) ?? []).map(levelOf)));
    if (!(needed > level)) continue;
    const waits = (name: string) => {
      const others = (readers.get(name) ?? []).filter((reader) => reader !== node);
      return !made.has(name) || others.some((reader) => levelOf(reader) >= needed);
    };
    if (light.has(node) || node.inputs.every(waits)) levels.set(node, needed);
  }
}

/** The calls of `mean`, none of which has more than `bucketBytes`. */
class Calls {
  readonly #sizeOf: (name: string) => number;
  readonly #limit: number;
  #collected: string[] = [];
  #size = 0;
  /** Elements of the first collected tensor that were called for. */
  #taken = 0;

  constructor(sizeOf: (name: string) => number, bucketBytes: number) {
    this.#sizeOf = sizeOf;
    this.#limit = Math.max(1, Math.floor(bucketBytes / Float32Array.BYTES_PER_ELEMENT));
  }

  get hasFullBucket(): boolean {
    return this.#size >= this.#limit;
  }

  collect(name: string): void {
    this.#collected.push(name);
    this.#size += this.#sizeOf(name);
  }

  /** The calls for tensors that are not collected. */
  of(names: readonly string[]): Piece[][] {
    const calls = new Calls(this.#sizeOf, this.#limit * Float32Array.BYTES_PER_ELEMENT);
    for (const name of names) calls.collect(name);
    return calls.takeAll();
  }

  takeFull(): Piece[][] {
    const taken: Piece[][] = [];
    while (this.hasFullBucket) taken.push(this.#take());
    return taken;
  }

  takeAll(): Piece[][] {
    const taken = this.takeFull();
    if (this.#size > 0) taken.push(this.#take());
    return taken;
  }

  #take(): Piece[] {
    const pieces: Piece[] = [];
    let room = this.#limit;
    while (room > 0 && this.#collected.length > 0) {
      const [name] = this.#collected;
      const left = this.#sizeOf(name) - this.#taken;
      const length = Math.min(left, room);
      pieces.push({ name, offset: this.#taken, length });
      room -= length;
      this.#size -= length;
      this.#taken += length;
      if (length < left) continue;
      this.#collected.shift();
      this.#taken = 0;
    }
    return pieces;
  }
}

/** Tells each stage how many of the calls before it make what it reads. */
function withAwaits(
  stages: readonly { readonly nodes: readonly GraphNode[]; readonly calls: readonly (readonly Piece[])[] }[],
): readonly Stage[] {
  const order = stages.flatMap(({ calls }) => calls);
  const ended = new Map(order.flatMap((call, i) => call.map(({ name }) => [name, i + 1] as const)));
  return stages.map(({ nodes, calls }) => {
    const read = nodes.flatMap(({ inputs }) => inputs.map((name) => ended.get(name) ?? 0));
    return { nodes, calls, awaits: read.reduce((most, count) => Math.max(most, count), 0) };
  });
}
