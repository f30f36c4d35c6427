import { setTimeout } from "node:timers/promises";
import { summarize } from "../measure/interleave.ts";

/** A side that is asked for one query at a time. */
export interface LatencySide {
  readonly name: string;
  readonly threads: number;
  /** Milliseconds of each of some queries, one after the other. */
  latencies(places: readonly number[]): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** How long one search takes, in milliseconds. */
export interface Latency {
  readonly name: string;
  readonly threads: number;
  readonly searches: number;
  readonly median: number;
  /** Of twenty searches, one takes longer. */
  readonly p95: number;
}

/** Threads of the side before come to rest within this. */
const restMs = 50;

/**
 * Asks the sides in turns for some queries each; the first round is not counted.
 *
 * @param each - Queries of a side in a round.
 */
export async function measureLatencies(
  sides: readonly LatencySide[],
  { rounds, each, queries }: { readonly rounds: number; readonly each: number; readonly queries: number },
): Promise<Latency[]> {
  const times = sides.map(() => [] as number[]);
  for (let round = 0; round <= rounds; round++) {
    const places = Array.from({ length: each }, (_, i) => (round * each + i) % queries);
    for (const [i, side] of sides.entries()) {
      await setTimeout(restMs);
      const milliseconds = await side.latencies(places);
      if (round > 0) times[i]!.push(...milliseconds);
    }
  }
  return sides.map(({ name, threads }, i) => {
    const sorted = times[i]!.toSorted((a, b) => a - b);
    const p95 = sorted[Math.ceil(0.95 * sorted.length) - 1]!;
    return { name, threads, searches: sorted.length, median: summarize(sorted).median, p95 };
  });
}
