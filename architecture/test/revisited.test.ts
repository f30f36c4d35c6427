import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type RevisitedName, readRevisited, revisitedProtocol } from "@lmk/data";
import { evaluateProtocol, evaluateRevisited } from "@lmk/eval";
import { describe, expect, it } from "vitest";
import { root } from "./repository.ts";

/** The ground truth of revisited Oxford and Paris belongs to its authors and is not in the repository. */
const photos = process.env.LMK_PHOTOS ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
const groundTruth = join(photos, "ground-truth");

interface Scores {
  readonly mAP: number;
  readonly "mP@[1,5,10,100]": readonly number[];
  readonly evaluatedQueries: number;
  readonly aps5: readonly number[];
}
interface Expected {
  readonly n: number;
  readonly nq: number;
  readonly counts: Readonly<Record<"easy" | "hard" | "junk", number>>;
  readonly results: Readonly<
    Record<"random" | "biased", Readonly<Record<"easy" | "medium" | "hard", Scores>>>
  >;
}
const golden = JSON.parse(
  readFileSync(join(root, "packages/eval/test/golden/originals.json"), "utf8"),
) as Record<RevisitedName, Expected>;

/** Key of a database row for a query: a hash, in 64-bit arithmetic. */
function keyOf(query: number, row: number): number {
  const i = BigInt(row);
  const q = BigInt(query);
  return Number(((i + 1n) * 2654435761n + (q + 1n) * 40503n * (i + 7n)) % 2n ** 32n);
}

function rankingOf(size: number, scale: (row: number) => number, query: number): Int32Array {
  const keys = Float64Array.from({ length: size }, (_, row) => keyOf(query, row) / 2 ** 32 / scale(row));
  return Int32Array.from({ length: size }, (_, row) => row).sort((a, b) => keys[a]! - keys[b]! || a - b);
}

describe("@lmk/data reads the revisited sets and @lmk/eval scores them as the original program does", () => {
  it.skipIf(!existsSync(groundTruth)).each(["roxford5k", "rparis6k"] as const)(
    "%s (skipped where LMK_PHOTOS has none)",
    async (name) => {
      const { n, nq, counts, results } = golden[name];
      const truth = await readRevisited(groundTruth, { name });
      for (const kind of ["easy", "hard", "junk"] as const) {
        expect(truth[kind].reduce((sum, ids) => sum + ids.length, 0)).toBe(counts[kind]);
      }
      for (const mode of ["random", "biased"] as const) {
        const rankings = truth.easy.map((easy, query) => {
          const scales = new Map<number, number>();
          if (mode === "biased") {
            for (const row of easy) scales.set(row, 64);
            for (const row of truth.hard[query]!) scales.set(row, 8);
            for (const row of truth.junk[query]!) scales.set(row, 16);
          }
          return rankingOf(n, (row) => scales.get(row) ?? 1, query);
        });
        expect(rankings.length).toBe(nq);
        const report = evaluateRevisited(rankings, truth, { ranks: [1, 5, 10, 100] });
        for (const protocol of ["easy", "medium", "hard"] as const) {
          const expected = results[mode][protocol];
          const found = report[protocol];
          expect(found.meanAveragePrecision).toBeCloseTo(expected.mAP, 12);
          expect(found.evaluated).toBe(expected.evaluatedQueries);
          for (const [i, value] of expected["mP@[1,5,10,100]"].entries()) {
            expect(found.meanPrecisions[i]).toBeCloseTo(value, 12);
          }
          for (const [query, value] of expected.aps5.entries()) {
            expect(found.averagePrecisions[query]).toBeCloseTo(value, 12);
          }
          const alone = evaluateProtocol(rankings, revisitedProtocol(truth, protocol), {
            ranks: [1, 5, 10, 100],
          });
          expect(alone).toEqual(found);
        }
      }
    },
  );
});
