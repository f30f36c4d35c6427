import type { FinishedGraph, GraphNode } from "./graph.ts";

/**
 * The graph with its nodes in an order from which onnxruntime makes one that holds little memory.
 *
 * onnxruntime does not run nodes in the model's order. It walks back from those that no other one reads, the last one in
 * the model first, and from a node to those it reads, again the last one first; a node runs when all that it reads was
 * walked. In the order of tracing this has two faults. `velocity · momentum` is traced behind the gradient that it is
 * added to, so it runs first and its result is held during the whole step; and where updates are traced from the last
 * layer to the first, every gradient is held until the end.
 *
 * Here nodes are sorted by depth, the number of nodes in the longest chain before them: of what a node reads, the longer
 * chain runs first, and what follows from the graph's inputs in a few nodes just before its use. Behind them stand the
 * nodes that no other one reads, the deepest first: those that can be reached soonest run soonest, so that an update runs
 * when the gradients behind its layer are known and those before it are not begun.
 *
 * @param graph - Its nodes stand behind those they read, and so they do in the result. Those of equal depth keep their
 * order.
 */
export function inExecutionOrder(graph: FinishedGraph): FinishedGraph {
  const depthOf = new Map<string, number>();
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs.filter((name) => name !== "")));
  const inner: [GraphNode, number][] = [];
  const last: [GraphNode, number][] = [];
  for (const node of graph.nodes) {
    const depth = 1 + node.inputs.reduce((most, name) => Math.max(most, depthOf.get(name) ?? 0), 0);
    for (const name of node.outputs) depthOf.set(name, depth);
    (node.outputs.some((name) => read.has(name)) ? inner : last).push([node, depth]);
  }
  inner.sort(([, a], [, b]) => a - b);
  last.sort(([, a], [, b]) => b - a);
  return { ...graph, nodes: [...inner, ...last].map(([node]) => node) };
}
