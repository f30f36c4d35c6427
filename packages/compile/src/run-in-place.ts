import { InferenceSession, Tensor } from "onnxruntime-node";
import { type Dtype, makeArray, sizeOf, type TypedArray } from "./dtype.ts";
import { encodeModel, stopName } from "./onnx-model.ts";
import { bringBack, type Slot } from "./state.ts";
import { portName, type TensorSpec, type Trace } from "./trace.ts";

/** An array that a run gives back. */
export interface OutputArray {
  /** The elements, row-major; a bool is a byte, 0 or 1. */
  readonly data: TypedArray;
  /** The dimensions; `[]` for a scalar. */
  readonly shape: readonly number[];
}

/** How a graph is run with a state. */
export interface Runner {
  /** Runs once, given the tensors of the function's inputs and what its outputs are, and updates the state. */
  execute(
    feeds: Record<string, Tensor>,
    outputs: ReadonlyMap<string, TensorSpec>,
  ): Promise<Readonly<Record<string, OutputArray>>>;
  /** Ends its hold on the state. */
  close(): Promise<void>;
}

/** Makes a {@link Runner}; `fed` are the ports that the graph has kept. */
export type CreateRunner = (
  session: InferenceSession,
  traced: Trace,
  slots: ReadonlyMap<string, Slot>,
  fed: ReadonlySet<string>,
) => Runner;

/** The state in main memory: each array has two buffers, one to read and one to write, which change places. */
export const hostRunner: CreateRunner = (session, traced, slots, fed) => {
  const updated = traced.updates.map((name) => {
    const slot = slots.get(name) as Slot;
    slot.next ??= new Float32Array(slot.current.length);
    return { name, slot };
  });
  return {
    execute: async (feeds, specs) => {
      await bringBack(slots.values());
      const given = { ...feeds };
      for (const [name, slot] of slots) {
        const port = portName.state(name);
        if (fed.has(port)) given[port] = tensorOf("float32", slot.current, slot.held);
      }
      const fetches: Record<string, Tensor> = {};
      const outputs = [...specs].map(([name, { shape, dtype }]) => {
        const data = makeArray(dtype, sizeOf(shape));
        fetches[portName.output(name)] = tensorOf(dtype, data, shape);
        return [name, { data, shape }] as const;
      });
      for (const { name, slot } of updated) {
        fetches[portName.next(name)] = tensorOf("float32", slot.next as Float32Array, slot.held);
      }
      await runInPlace(session, given, fetches);
      for (const { slot } of updated) [slot.current, slot.next] = [slot.next as Float32Array, slot.current];
      return Object.fromEntries(outputs);
    },
    close: async () => undefined,
  };
};

/** A tensor over an array's own memory. */
export function tensorOf(dtype: Dtype, data: TypedArray, dims: readonly number[]): Tensor {
  return new Tensor(dtype, data as Float32Array, dims);
}

/** How onnxruntime-node refuses to convert an output that is no tensor. */
const refusal = "Non tensor type";

/**
 * Runs a session so that the results are in the buffers of `fetches`; and nowhere else, if its model was encoded
 * with `stopsCopies`.
 *
 * onnxruntime-node lets the graph write into the buffers it is given, but then copies every output it was asked
 * for into a new array: for a training step that is all parameters and their slots, a quarter of the step's
 * time for a ResNet-18. It converts outputs in the model's order, after the run, and refuses what is no tensor.
 * With `stopsCopies` the model's first output is therefore an empty sequence: converting it ends the call with the
 * error that is expected here, before anything is copied. Where {@link canStopCopies} finds another behaviour,
 * models are encoded without, and the copies are made.
 */
export async function runInPlace(
  session: InferenceSession,
  feeds: Readonly<Record<string, Tensor>>,
  fetches: Readonly<Record<string, Tensor>>,
): Promise<void> {
  if (!session.outputNames.includes(stopName)) {
    const results = await session.run(feeds, fetches);
    for (const [name, { data }] of Object.entries(fetches)) {
      if (results[name].data !== data) (data as Float32Array).set(results[name].data as Float32Array);
    }
    return;
  }
  try {
    await session.run(feeds, { [stopName]: null, ...fetches });
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.message.includes(refusal);
}

let probed: Promise<boolean> | undefined;

/** Whether this onnxruntime-node ends a run as `stopsCopies` needs it, found out once by a model of one node. */
export function canStopCopies(): Promise<boolean> {
  probed ??= probe();
  return probed;
}

async function probe(): Promise<boolean> {
  const port = { dims: [2], type: "float32" } as const;
  const graph = {
    nodes: [{ op: "Neg", inputs: ["x"], outputs: ["y"], attributes: {} }],
    initializers: [],
    inputs: [{ name: "x", ...port }],
    outputs: [{ name: "y", ...port }],
  };
  try {
    const session = await InferenceSession.create(encodeModel(graph, { stopsCopies: true }));
    const stops = await endsWithResults(session);
    await session.release();
    return stops;
  } catch {
    return false;
  }
}

/** Whether a run of the probe ends with the expected error, and with the result in its buffer. */
export async function endsWithResults(session: Pick<InferenceSession, "run">): Promise<boolean> {
  const result = new Float32Array(2);
  const feeds = { x: tensorOf("float32", Float32Array.of(1, 2), [2]) };
  try {
    await session.run(feeds, { [stopName]: null, y: tensorOf("float32", result, [2]) });
    return false;
  } catch (error) {
    return isRefusal(error) && result[0] === -1 && result[1] === -2;
  }
}
