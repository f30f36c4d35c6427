import type { Tensor } from "onnxruntime-node";
import { sizeOf } from "./dtype.ts";
import { outputChannelsFirst } from "./kernels/window.ts";
import { requireArray, requireShape } from "./require.ts";
import { identityOrder, reorderedData } from "./value.ts";

/** A named float32 array outside tfjs: initial weights, checkpoints. */
export interface NamedArray {
  /** The dimensions, positive integers; `[]` for a scalar. */
  readonly shape: readonly number[];
  /** The elements, row-major: as many as the product of `shape`. */
  readonly data: Float32Array;
}

/** Arrays by name. */
export type NamedArrays = Readonly<Record<string, NamedArray>>;

/**
 * Arrays that live across the runs of compiled functions: parameters, optimizer slots, running statistics.
 *
 * One state may serve several compiled functions, for instance one per image size: each run reads what the
 * last one wrote, whichever function it was.
 */
export interface State {
  /** The names of the arrays, in the order given. */
  readonly names: readonly string[];
  /**
   * Copies of all arrays as they are now, in the layout they were given in.
   *
   * @throws RangeError if runs, fetches or disposals are under way, before or after which it could be; or if a
   * run has left an array on a GPU. {@link State.fetch} waits, and reads from there too.
   */
  read(): NamedArrays;
  /**
   * Waits for the runs that were asked for, brings back what they left on a GPU, and gives copies of all arrays
   * as {@link State.read} does. The next run there sends the arrays again.
   */
  fetch(): Promise<NamedArrays>;
  /**
   * Replaces some or all arrays by copies of `arrays`, or none if it throws.
   *
   * @throws RangeError if runs, fetches or disposals are under way: await them first. Also if a name is not in
   * the state, a shape is not the one the state was made with, or data has another length.
   * @throws TypeError if data is not a Float32Array.
   */
  write(arrays: NamedArrays): void;
}

/** One array of a state: what the next run reads, and what it writes. The two change places after the run. */
export interface Slot {
  readonly shape: readonly number[];
  /** The order in which the axes are stored. */
  readonly order: readonly number[];
  readonly stored: readonly number[];
  /** The dimensions of the graph's ports: those stored, without trailing ones for rank 4. */
  readonly held: readonly number[];
  current: Float32Array;
  /** Undefined until a function that updates the array in main memory is compiled. */
  next: Float32Array | undefined;
  /** The array on a device, of which `current` is then an old copy. */
  onDevice: DeviceArray | undefined;
}

/** An array that a run has left on a device. */
export interface DeviceArray {
  /** The array with the dimensions of the graph's ports. */
  readonly tensor: Tensor;
  /** A copy in main memory. */
  download(): Promise<Float32Array>;
  /** Frees it. */
  release(): void;
}

/** What compiled functions see of a state. */
export interface StateStorage {
  readonly slots: ReadonlyMap<string, Slot>;
  /** Runs, fetches and disposals that were asked for and have not ended. */
  pending: number;
  /** Resolves when the last of them has ended. */
  lastRun: Promise<unknown>;
}

/** The storage of `slots`, with nothing under way. */
export function createStorage(slots: ReadonlyMap<string, Slot>): StateStorage {
  return { slots, pending: 0, lastRun: Promise.resolve() };
}

/** Does something with the arrays when all has ended that was asked for before. */
export function enqueue<T>(storage: StateStorage, act: () => Promise<T>): Promise<T> {
  storage.pending += 1;
  const acting = storage.lastRun.then(act).finally(() => {
    storage.pending -= 1;
  });
  storage.lastRun = acting.catch(() => undefined);
  return acting;
}

const storages = new WeakMap<State, StateStorage>();

/** The storage of a state that {@link createState} made, or undefined for any other object. */
export function storageOf(state: State): StateStorage | undefined {
  return storages.get(state);
}

/**
 * Makes a state from initial values, which are copied.
 *
 * Arrays of rank 4 are taken for convolution filters (height, width, in, out) and are stored in the order
 * that convolutions read (out, in, height, width), so that a training step moves no filter. `read` and
 * `write` convert; nothing else shows it.
 *
 * @param arrays - The initial arrays by name, row-major.
 * @returns The state.
 * @throws RangeError if a shape is not made of positive integers or does not fit its data.
 * @throws TypeError if data is not a Float32Array.
 *
 * @example
 * ```ts
 * import { createState } from "@lmk/compile";
 *
 * const state = createState({ bias: { shape: [2], data: Float32Array.of(1, 2) } });
 * state.write({ bias: { shape: [2], data: Float32Array.of(3, 4) } });
 *
 * state.read().bias.data; // => Float32Array [3, 4]
 * ```
 */
export function createState(arrays: NamedArrays): State {
  const slots = new Map<string, Slot>();
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    requireShape("createState", `arrays["${name}"].shape`, shape);
    requireArray("createState", `arrays["${name}"].data`, data, "float32", shape);
    const order = shape.length === 4 ? outputChannelsFirst : identityOrder(shape.length);
    const current = new Float32Array(sizeOf(shape));
    const stored = order.map((axis) => shape[axis]);
    const length = stored.findLastIndex((dimension) => dimension !== 1) + 1;
    const held = shape.length === 4 ? stored.slice(0, length) : stored;
    const slot: Slot = {
      shape: [...shape],
      order,
      stored,
      held,
      current,
      next: undefined,
      onDevice: undefined,
    };
    store(slot, data);
    slots.set(name, slot);
  }
  const storage = createStorage(slots);
  const read = () => Object.fromEntries([...slots].map(([name, slot]) => [name, load(slot)]));
  const state: State = {
    names: [...slots.keys()],
    read: () => {
      requireIdle("State.read", storage);
      requireMainMemory("State.read", slots);
      return read();
    },
    fetch: () =>
      enqueue(storage, async () => {
        await bringBack(slots.values());
        return read();
      }),
    write: (values) => {
      requireIdle("State.write", storage);
      const checked = Object.entries(values).map(([name, { shape, data }]) => {
        const slot = requireSlot(slots, name, shape);
        requireArray("State.write", `arrays["${name}"].data`, data, "float32", slot.shape);
        return { slot, data };
      });
      for (const { slot, data } of checked) {
        store(slot, data);
        slot.onDevice?.release();
        slot.onDevice = undefined;
      }
    },
  };
  storages.set(state, storage);
  return state;
}

/** Moves arrays from devices to main memory. */
export async function bringBack(slots: Iterable<Slot>): Promise<void> {
  for (const slot of slots) {
    const { onDevice } = slot;
    if (onDevice === undefined) continue;
    slot.current.set(await onDevice.download());
    slot.onDevice = undefined;
    onDevice.release();
  }
}

/** Throws if the arrays are about to change. */
export function requireIdle(caller: string, { pending }: StateStorage): void {
  if (pending === 0) return;
  throw new RangeError(`${caller}: expected no run to be under way, got ${pending}; await them first`);
}

/** Throws if an array's present values are on a device. */
export function requireMainMemory(caller: string, slots: ReadonlyMap<string, Slot>): void {
  for (const [name, { onDevice }] of slots) {
    if (onDevice === undefined) continue;
    throw new RangeError(
      `${caller}: expected the state's arrays to be in main memory, got "${name}" on a GPU; first await State.fetch()`,
    );
  }
}

function requireSlot(slots: ReadonlyMap<string, Slot>, name: string, shape: readonly number[]): Slot {
  const slot = slots.get(name);
  if (slot === undefined) {
    throw new RangeError(`State.write: expected \`arrays\` to be named as the state's arrays, got "${name}"`);
  }
  if (shape.length === slot.shape.length && shape.every((dimension, i) => dimension === slot.shape[i]))
    return slot;
  throw new RangeError(
    `State.write: expected \`arrays["${name}"].shape\` to be [${slot.shape.join(", ")}], got [${shape.join(", ")}]`,
  );
}

function store(slot: Slot, data: Float32Array): void {
  const identity = identityOrder(slot.shape.length);
  slot.current.set(reordered(slot.shape, identity, data, slot.order));
}

function load(slot: Slot): NamedArray {
  const identity = identityOrder(slot.shape.length);
  return { shape: [...slot.shape], data: reordered(slot.shape, slot.order, slot.current, identity) };
}

/** A copy of `data`, whose axes are stored in the order `from`, with its axes in the order `to`. */
function reordered(
  shape: readonly number[],
  from: readonly number[],
  data: Float32Array,
  to: readonly number[],
): Float32Array {
  if (from.every((axis, i) => axis === to[i])) return data.slice();
  const layout = { shape, order: from, stored: from.map((axis) => shape[axis]) };
  return reorderedData({ ...layout, dtype: "float32", name: "" }, data, to) as Float32Array;
}
