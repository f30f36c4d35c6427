import { InferenceSession, Tensor } from "onnxruntime-node";
import { inTurn } from "./cleanup.ts";
import type { TypedArray } from "./dtype.ts";
import { encodeModel } from "./onnx-model.ts";
import { type CreateRunner, tensorOf } from "./run-in-place.ts";
import { bringBack, type Slot } from "./state.ts";
import { portName } from "./trace.ts";

/** Moves an array to the device, or back. */
interface Ferry {
  carry(tensor: Tensor): Promise<Tensor>;
  release(): Promise<void>;
}

/**
 * The state on a WebGPU device: what a run writes, the next one reads there. Arrays go to the device when a run
 * first needs them, and come back when something else than this device asks for them.
 */
export const deviceRunner: CreateRunner = (session, traced, slots, fed) => {
  let ferries: Ferries | undefined;
  const open = async () => {
    ferries ??= await createFerries();
    return ferries;
  };
  const land = (slot: Slot, owner: Tensor) => {
    slot.onDevice = {
      tensor: seenAs(owner, slot.held),
      download: async () => {
        const flat = seenAs(owner, [slot.current.length]);
        return (await (await open()).back.carry(flat)).data as Float32Array;
      },
      release: () => owner.dispose(),
    };
  };
  return {
    execute: async (feeds, specs) => {
      const given = { ...feeds };
      for (const [name, slot] of slots) {
        const port = portName.state(name);
        if (!fed.has(port)) continue;
        if (slot.onDevice === undefined) {
          const { there } = await open();
          land(slot, await there.carry(tensorOf("float32", slot.current, [slot.current.length])));
        }
        given[port] = (slot.onDevice as NonNullable<Slot["onDevice"]>).tensor;
      }
      const results = await session.run(given);
      for (const name of traced.updates) {
        const slot = slots.get(name) as Slot;
        slot.onDevice?.release();
        land(slot, results[portName.next(name)]);
      }
      const outputs = [...specs].map(([name, { shape }]) => {
        return [name, { data: results[portName.output(name)].data as TypedArray, shape }] as const;
      });
      return Object.fromEntries(outputs);
    },
    close: async () => {
      // Buffers do not outlive the sessions that made them.
      await inTurn([
        () => bringBack(slots.values()),
        async () => ferries?.there.release(),
        async () => ferries?.back.release(),
      ]);
    },
  };
};

/** The same buffer as a tensor of other dimensions; the one that owns it must outlive it. */
function seenAs({ gpuBuffer }: Tensor, dims: readonly number[]): Tensor {
  return Tensor.fromGpuBuffer(gpuBuffer, { dataType: "float32", dims: [...dims] });
}

interface Ferries {
  readonly there: Ferry;
  readonly back: Ferry;
}

async function createFerries(): Promise<Ferries> {
  const there = await createFerry("gpu-buffer");
  try {
    return { there, back: await createFerry("cpu") };
  } catch (error) {
    await there.release();
    throw error;
  }
}

async function createFerry(destination: "cpu" | "gpu-buffer"): Promise<Ferry> {
  const session = await InferenceSession.create(ferryModel(), {
    executionProviders: ["webgpu"],
    preferredOutputLocation: destination,
  });
  return {
    carry: async (tensor) => (await session.run({ x: tensor })).y,
    release: () => session.release(),
  };
}

/** A vector of any length, given back as it is. */
function ferryModel(): Uint8Array {
  return encodeModel({
    nodes: [{ op: "Identity", inputs: ["x"], outputs: ["y"], attributes: {} }],
    initializers: [],
    inputs: [{ name: "x", dims: [-1], type: "float32" }],
    outputs: [{ name: "y", dims: [-1], type: "float32" }],
  });
}
