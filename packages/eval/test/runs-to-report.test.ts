import {
  averagePrecisions,
  bootstrapDifference,
  bootstrapInterval,
  evaluateRetrieval,
  pairedPermutationTest,
  type RetrievalAnswer,
} from "@lmk/eval";
import { leaderboardHtml, leaderboardText } from "@lmk/eval/report";
import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";

const random = createRandom(2019);

// Each of 60 queries has one relevant image; the re-ranked run has it a rank higher in five of six queries.
const solution: RetrievalAnswer[] = Array.from({ length: 60 }, (_, i) => {
  return { id: `q${i}`, images: [`right${i}`], usage: "Private" };
});
const ranks = solution.map(() => 2 + Math.floor(random() * 4));
const found = (rankOf: (i: number) => number): Map<string, string[]> =>
  new Map(
    solution.map(({ id, images }, i) => {
      const list = Array.from({ length: 8 }, (_, rank) => `wrong${rank}`);
      return [id, list.toSpliced(rankOf(i) - 1, 0, images[0]!)];
    }),
  );

const search = evaluateRetrieval(
  found((i) => ranks[i]!),
  solution,
);
const reranked = evaluateRetrieval(
  found((i) => ranks[i]! - (i % 6 === 0 ? 0 : 1)),
  solution,
);

describe("two runs, from their rankings to a report", () => {
  it("has the scores that the ranks say", () => {
    const mean = ranks.reduce((sum, rank) => sum + 1 / rank, 0) / 60;
    expect(search.meanAveragePrecision).toBeCloseTo(mean, 12);
    const rankings = [...found((i) => ranks[i]!).values()];
    const relevant = solution.map(({ images }) => images);
    expect([...averagePrecisions(rankings, relevant)]).toEqual([...search.averagePrecisions]);
  });

  it("takes what the statistics find as it is", () => {
    const interval = bootstrapInterval(search.averagePrecisions);
    const test = pairedPermutationTest(reranked.averagePrecisions, search.averagePrecisions);
    const runs = [
      {
        name: "search",
        scores: { map: { value: search.meanAveragePrecision, interval } },
        perQuery: search.averagePrecisions,
      },
      {
        name: "re-ranked",
        scores: {
          map: {
            value: reranked.meanAveragePrecision,
            interval: bootstrapInterval(reranked.averagePrecisions),
            pValue: test.pValue,
          },
        },
        perQuery: reranked.averagePrecisions,
      },
    ];
    const options = {
      metrics: [{ key: "map", label: "Private mAP@100" }],
      baseline: "search",
      queries: search.ids,
      queryCount: 3,
    };
    const percent = (value: number): string => (value * 100).toFixed(2);
    const text = leaderboardText(runs, options);
    const [first, second] = text.split("\n").slice(5);
    expect(first).toMatch(/^1 {2}re-ranked /);
    expect(first).toContain(` ${percent(reranked.meanAveragePrecision)}*  [`);
    expect(first).toContain(`+${percent(test.difference)}  < 0.001`);
    expect(second).toContain(`[${percent(interval.low)}, ${percent(interval.high)}]`);
    expect(text).toContain("Queries of re-ranked against search: 50 better, 0 worse, 10 equal");
    const page = leaderboardHtml(runs, options);
    expect(page).toContain(`[${percent(interval.low)}, ${percent(interval.high)}]`);
    expect(page).toContain("&lt; 0.001");
    expect(page.match(/<polyline/g)).toHaveLength(2);
  });

  it("agrees on the difference however it is found", () => {
    const { difference, pValue } = pairedPermutationTest(
      reranked.averagePrecisions,
      search.averagePrecisions,
    );
    const { estimate, low } = bootstrapDifference(reranked.averagePrecisions, search.averagePrecisions);
    expect(difference).toBeCloseTo(reranked.meanAveragePrecision - search.meanAveragePrecision, 12);
    expect(estimate).toBe(difference);
    expect(low).toBeGreaterThan(0);
    expect(pValue).toBe(1 / 10_001);
  });
});
