import type { InferenceSession, Tensor } from "onnxruntime-node";
import { makeArray, sizeOf } from "../dtype.ts";
import { type Runner, runInPlace, tensorOf } from "../run-in-place.ts";
import { bringBack, type Slot } from "../state.ts";
import { portName, type Trace } from "../trace.ts";
import { type Buffer, makeBuffers } from "./buffers.ts";
import type { CutGraph } from "./cut.ts";
import { MeanQueue, type Replicas } from "./replicas.ts";

/**
 * Runs a graph in stages, with means over replicas between them. What passes from stage to stage is written once, to
 * where the next one reads it and where it is averaged; the state changes when all has succeeded.
 */
export function stagesRunner(
  sessions: readonly InferenceSession[],
  cut: CutGraph,
  traced: Trace,
  slots: ReadonlyMap<string, Slot>,
  mean: Replicas["mean"],
): Runner {
  const updated = traced.updates.map((name) => {
    const slot = slots.get(name) as Slot;
    slot.next ??= new Float32Array(slot.current.length);
    return { name, slot };
  });
  const isOutput = new Set(traced.graph.outputs.map(({ name }) => name));
  const passed = makeBuffers(cut, (place) => isOutput.has(place));
  const stages = cut.stages.map(({ graph, awaits, calls }, i) => ({
    session: sessions[i],
    inputs: graph.inputs.map(({ name }) => name),
    outputs: graph.outputs.map(({ name }) => name),
    awaits,
    calls,
  }));
  const states = [...slots].filter(([name]) =>
    traced.graph.inputs.some((port) => port.name === portName.state(name)),
  );

  return {
    execute: async (feeds, specs) => {
      await bringBack(slots.values());
      const given = new Map(Object.entries(feeds));
      for (const [name, slot] of states) {
        given.set(portName.state(name), tensorOf("float32", slot.current, slot.held));
      }
      const made = new Map<string, Buffer>();
      const outputs = [...specs].map(([name, { shape, dtype }]) => {
        const data = makeArray(dtype, sizeOf(shape));
        made.set(portName.output(name), { data, tensor: tensorOf(dtype, data, shape) });
        return [name, { data, shape }] as const;
      });
      for (const { name, slot } of updated) {
        const data = slot.next as Float32Array;
        made.set(portName.next(name), { data, tensor: tensorOf("float32", data, slot.held) });
      }
      const bufferOf = (name: string) => {
        const place = cut.placeOf(name);
        return (made.get(place) ?? passed.get(place)) as Buffer;
      };
      const tensors = (names: readonly string[]): Record<string, Tensor> =>
        Object.fromEntries(names.map((name) => [name, given.get(name) ?? bufferOf(name).tensor]));

      const queue = new MeanQueue(mean);
      try {
        for (const stage of stages) {
          await queue.ended(stage.awaits);
          await runInPlace(stage.session, tensors(stage.inputs), tensors(stage.outputs));
          for (const call of stage.calls) {
            queue.ask(
              call.map(({ name, offset, length }) => {
                const data = bufferOf(name).data as Float32Array;
                return data.length === length ? data : data.subarray(offset, offset + length);
              }),
            );
          }
        }
        await queue.ended();
      } catch (error) {
        await queue.stop();
        throw error;
      }
      for (const { slot } of updated) [slot.current, slot.next] = [slot.next as Float32Array, slot.current];
      return Object.fromEntries(outputs);
    },
    close: async () => undefined,
  };
}
