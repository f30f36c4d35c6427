import type { FreeSpec } from "../dynamic/trace-any-size.ts";
import type { Provider } from "../providers.ts";
import { requirePositiveInteger } from "../require.ts";

/** The processes of a data-parallel job, as one of them sees them. */
export interface Replicas {
  /** How many there are, this one included. */
  readonly size: number;
  /**
   * Replaces each value by its mean over the replicas, in all arrays; equal bits on every replica. The compiled
   * functions of all replicas call it in the same order with arrays of the same lengths, and never ask for the next
   * mean before the last has resolved.
   */
  readonly mean: (arrays: readonly Float32Array[]) => Promise<void>;
}

/** Throws unless `replicas` has a size and a mean, and the function can be cut. */
export function requireReplicas(
  { size, mean }: Replicas,
  provider: Provider,
  inputs: ReadonlyMap<string, FreeSpec>,
): void {
  requirePositiveInteger("compile", "options.replicas.size", size);
  if (typeof mean !== "function") {
    throw new TypeError(`compile: expected \`options.replicas.mean\` to be a function, got ${String(mean)}`);
  }
  if (size === 1) return;
  if (provider === "webgpu") {
    throw new RangeError(
      `compile: expected \`options.provider\` to be "cpu" or "cuda" with \`options.replicas\`, got "webgpu"`,
    );
  }
  for (const [name, { shape }] of inputs) {
    if (shape.every((dimension) => typeof dimension === "number")) continue;
    throw new RangeError(
      `compile: expected \`signature.inputs["${name}"].shape\` to have no free dimension with ` +
        `\`options.replicas\`, got ${JSON.stringify(shape)}`,
    );
  }
}

/** What {@link Replicas.mean} failed with. */
export class ReplicaFailure extends Error {
  constructor(cause: unknown) {
    super("a mean over the replicas failed", { cause });
  }
}

/** The calls of one run: one after the other, none after one that failed. */
export class MeanQueue {
  readonly #mean: Replicas["mean"];
  readonly #calls: Promise<void>[] = [];
  #stopped = false;

  constructor(mean: Replicas["mean"]) {
    this.#mean = mean;
  }

  /** Asks for a mean when those before have ended. */
  ask(arrays: readonly Float32Array[]): void {
    const before = this.#calls.at(-1) ?? Promise.resolve();
    const call = before.then(async () => {
      if (this.#stopped) return;
      try {
        await this.#mean(arrays);
      } catch (error) {
        throw new ReplicaFailure(error);
      }
    });
    // Who awaits it hears of it.
    call.catch(() => undefined);
    this.#calls.push(call);
  }

  /** Waits for the first `count` calls, or for all. */
  async ended(count: number = this.#calls.length): Promise<void> {
    if (count > 0) await this.#calls[count - 1];
  }

  /** Begins no further call, and waits for the one under way: it writes to arrays that the next run uses. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#calls);
  }
}
