import { setTimeout } from "node:timers/promises";
import type { Peer } from "./peer.ts";
import { createRandom } from "./random.ts";
import { steps, warmup } from "./settings.ts";

/** Spinning threads of the other sides come to rest within this. */
const restMs = 50;

/** Milliseconds. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What one side of a comparison took and gave. */
export interface Series extends Summary {
  /** Of the first run. */
  readonly first: ArrayLike<number>;
  /** Of the last run. */
  readonly last: ArrayLike<number>;
  /** Of each counted run. */
  readonly times: readonly number[];
}

/**
 * Runs the peers one by one in turns, so that all meet the same state of the machine. Each round has another order:
 * who runs behind whom decides what the caches hold.
 *
 * @param afterFirst - What to do when each has run once.
 * @param rounds - Runs that are counted, and runs before.
 */
export async function interleave(
  peers: readonly Peer[],
  afterFirst: () => Promise<void> = async () => undefined,
  rounds: { readonly steps: number; readonly warmup: number } = { steps, warmup },
): Promise<Record<string, Series>> {
  const runs = peers.map(({ name }) => ({ name, times: [] as number[], values: [] as ArrayLike<number>[] }));
  const random = createRandom(1);
  for (let i = -rounds.warmup; i < rounds.steps; i++) {
    const order = peers.map((peer, index) => ({ peer, index, place: random() }));
    for (const { peer, index } of order.toSorted((a, b) => a.place - b.place)) {
      await setTimeout(restMs);
      const { milliseconds, values } = await peer.run();
      if (i >= 0) runs[index].times.push(milliseconds);
      if (i === -rounds.warmup || i === rounds.steps - 1) runs[index].values.push(values);
    }
    if (i === -rounds.warmup) await afterFirst();
  }
  return Object.fromEntries(
    runs.map(({ name, times, values }) => [
      name,
      { ...summarize(times), first: values[0], last: values[values.length - 1], times },
    ]),
  );
}

/** Median, least and most. */
export function summarize(times: readonly number[]): Summary {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}

/** The largest difference of two arrays over the largest element of the second. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let error = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    // A difference that is not a number is one.
    error = Math.max(error, Math.abs(actual[i] - expected[i]) || (actual[i] === expected[i] ? 0 : Infinity));
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return error / scale;
}
