import type { GraphBuilder, GraphNode } from "../graph.ts";

/** Finds its way in the nodes of a graph: who makes a tensor, who reads it, what a constant holds. */
export class GraphReader {
  readonly #graph: GraphBuilder;
  readonly #makers = new Map<string, GraphNode>();
  readonly #readers = new Map<string, GraphNode[]>();

  constructor(graph: GraphBuilder) {
    this.#graph = graph;
    for (const node of graph.allNodes) {
      for (const name of node.outputs) this.#makers.set(name, node);
      for (const name of new Set(node.inputs)) {
        const readers = this.#readers.get(name);
        if (readers === undefined) this.#readers.set(name, [node]);
        else readers.push(node);
      }
    }
  }

  /** The node that makes `name`, if it is an `op`. */
  maker(name: string, op: string): GraphNode | undefined {
    const maker = this.#makers.get(name);
    return maker?.op === op ? maker : undefined;
  }

  /** The nodes of kind `op` that read the first output of `node`. */
  readers(node: GraphNode, op: string): readonly GraphNode[] {
    return (this.#readers.get(node.outputs[0]) ?? []).filter((reader) => reader.op === op);
  }

  /** A constant of one element. */
  scalar(name: string): number | undefined {
    const data = this.#graph.initializer(name)?.data;
    return data?.length === 1 ? Number(data[0]) : undefined;
  }

  /** The elements of a constant, such as axes or a shape; none if it is computed. */
  integers(name: string): number[] {
    return Array.from(this.#graph.initializer(name)?.data ?? [], Number);
  }

  /** The length of a vector that is a graph input or a constant. */
  vectorLength(name: string): number | undefined {
    const dims = this.#graph.givenDims(name);
    return dims?.length === 1 && dims[0] > 1 ? dims[0] : undefined;
  }

  /** The vector of which `name` is the image of one pixel, [1, C, 1, 1]. */
  perChannel(name: string): string | undefined {
    const reshape = this.maker(name, "Reshape");
    if (reshape === undefined) return undefined;
    const [first, , ...last] = this.integers(reshape.inputs[1]);
    return first === 1 && last.join() === "1,1" ? reshape.inputs[0] : undefined;
  }

  /** C of an element-wise node that reads an image of one pixel, [1, C, 1, 1]. */
  channelsOf(node: GraphNode): number | undefined {
    const pixel = node.inputs.find((name) => this.perChannel(name) !== undefined);
    const reshape = pixel === undefined ? undefined : this.maker(pixel, "Reshape");
    return reshape && this.integers(reshape.inputs[1])[1];
  }
}

/** The input of a node of two that is not `name`. */
export function otherInput({ inputs }: GraphNode, name: string): string {
  return inputs[0] === name ? inputs[1] : inputs[0];
}
