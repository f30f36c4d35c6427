import { layOutExternalData, modelByteLimit } from "./external-data.ts";
import type { FinishedGraph, GraphNode, Initializer } from "./graph.ts";
import { encodeModel } from "./onnx-model.ts";
import { requireOneOf } from "./require.ts";
import { requireIdle, requireMainMemory, type Slot, type StateStorage } from "./state.ts";
import { portName, type Trace } from "./trace.ts";

/** Options of {@link Compiled.toOnnx}. */
export interface ExportOptions {
  /**
   * What becomes of the state: `"constants"` writes its present values into the file, which then computes the
   * outputs from the inputs and changes nothing; with `"inputs"` the file takes each array as an input `NAME`
   * and gives its new value as an output `next/NAME`. Arrays of rank 4 are filters there, in ONNX's order (out,
   * in, height, width), and without trailing dimensions of 1.
   *
   * @defaultValue "constants"
   */
  readonly state?: "constants" | "inputs";
  /**
   * Key-value pairs that runtimes show as the model's metadata.
   *
   * @defaultValue none
   */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * What the model is, in a sentence or more.
   *
   * @defaultValue no text
   */
  readonly documentation?: string;
  /**
   * Bytes of constants above which those of 64 KiB and more are given apart, as `externalData`.
   *
   * @defaultValue 2,080,374,784: a model itself must stay below 2 GiB
   */
  readonly externalDataLimit?: number;
  /**
   * The name of the file that the caller will write `externalData` to, beside the model.
   *
   * @defaultValue "model.onnx.data"
   */
  readonly externalDataLocation?: string;
}

/** An ONNX file. */
export interface OnnxModel {
  /** The bytes of the file: IR version 9, operator set 18. */
  readonly model: Uint8Array;
  /**
   * What to write, one array after the other, to the file `externalDataLocation`; empty if there is none. They
   * share the memory of the compiled function's constants.
   */
  readonly externalData: readonly Uint8Array[];
}

/** Writes a traced function as a file for other runtimes; see {@link Compiled.toOnnx}. */
export function exportModel(traced: Trace, storage: StateStorage, options: ExportOptions): OnnxModel {
  const { slots } = storage;
  const {
    state = "constants",
    metadata = {},
    documentation,
    externalDataLimit = modelByteLimit,
    externalDataLocation = "model.onnx.data",
  } = options;
  requireOneOf("Compiled.toOnnx", "options.state", state, ["constants", "inputs"]);
  requireLimit(externalDataLimit);
  requireFileName(externalDataLocation);
  if (state === "constants" && slots.size > 0) {
    requireIdle("Compiled.toOnnx", storage);
    requireMainMemory("Compiled.toOnnx", slots);
  }
  const graph = withPlainNames(state === "constants" ? withState(traced, slots) : traced.graph);
  const external = layOutExternalData(graph.initializers, externalDataLocation, externalDataLimit);
  const model = encodeModel(graph, {
    metadata,
    ...(documentation === undefined ? {} : { documentation }),
    ...(external === undefined ? {} : { external }),
  });
  return { model, externalData: external?.chunks ?? [] };
}

/** The graph of the outputs alone, with copies of the state's arrays as constants. */
function withState({ graph, outputs }: Trace, slots: ReadonlyMap<string, Slot>): FinishedGraph {
  const kept = new Set([...outputs.keys()].map(portName.output));
  const pruned = prune({ ...graph, outputs: graph.outputs.filter(({ name }) => kept.has(name)) });
  const bySlot = new Map([...slots].map(([name, slot]) => [portName.state(name), slot]));
  const baked = pruned.inputs.flatMap(({ name, dims }): Initializer[] => {
    const slot = bySlot.get(name);
    return slot === undefined ? [] : [{ name, dims, type: "float32", data: slot.current.slice() }];
  });
  return {
    ...pruned,
    initializers: [...pruned.initializers, ...baked],
    inputs: pruned.inputs.filter(({ name }) => !bySlot.has(name)),
  };
}

/** The graph without what its outputs do not need. */
function prune(graph: FinishedGraph): FinishedGraph {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const name of node.inputs) needed.add(name);
    nodes.push(node);
  }
  return {
    nodes: nodes.reverse(),
    initializers: graph.initializers.filter(({ name }) => needed.has(name)),
    inputs: graph.inputs.filter(({ name }) => needed.has(name)),
    outputs: graph.outputs,
  };
}

/**
 * The graph with its ports called as the user calls them. Ports that would then share a name, for instance an
 * input and an output "x", and new values of the state keep theirs: `input/x`, `output/x`, `next/w`.
 */
function withPlainNames(graph: FinishedGraph): FinishedGraph {
  const ports = [...graph.inputs, ...graph.outputs].map(({ name }) => name);
  const stateNames = graph.initializers.map(({ name }) => name).filter((name) => name.startsWith("state/"));
  const taken = new Set([
    ...ports,
    ...graph.initializers.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const uses = new Map<string, number>();
  const plainOf = (name: string) => name.replace(/^(input|output|state)\//, "");
  for (const name of [...ports, ...stateNames]) {
    uses.set(plainOf(name), (uses.get(plainOf(name)) ?? 0) + 1);
  }
  const renamed = new Map(
    [...ports, ...stateNames]
      .filter((name) => uses.get(plainOf(name)) === 1 && !taken.has(plainOf(name)))
      .map((name) => [name, plainOf(name)]),
  );
  const rename = (name: string) => renamed.get(name) ?? name;
  const renamePort = <T extends { readonly name: string }>(port: T): T => ({
    ...port,
    name: rename(port.name),
  });
  return {
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    })),
    initializers: graph.initializers.map(renamePort),
    inputs: graph.inputs.map(renamePort),
    outputs: graph.outputs.map(renamePort),
  };
}

function requireLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 0 && limit <= modelByteLimit) return;
  throw new RangeError(
    `Compiled.toOnnx: expected \`options.externalDataLimit\` to be an integer from 0 to ${modelByteLimit}, got ${limit}`,
  );
}

/** ONNX allows no path that leaves the model's folder. */
function requireFileName(location: string): void {
  if (/^[^/\\]+$/.test(location) && location !== "." && location !== "..") return;
  throw new RangeError(
    `Compiled.toOnnx: expected \`options.externalDataLocation\` to be the name of a file, got "${location}"`,
  );
}
