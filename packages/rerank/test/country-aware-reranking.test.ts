import { rerankByLandmarkAndCountry, rerankByVotedReferences, type TagVotes, voteTags } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { matrixFrom, neighborsFrom, product, randomUnitRows, rowOf, search } from "./fixtures.ts";

describe("voteTags", () => {
  const three = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(0.5, 0.25, 0.25), rows: 1, k: 3 };

  it("shares the scores of neighbors among their tags, in the example of its documentation", () => {
    const votes = voteTags(three, Int32Array.of(7, 4, 7));
    expect(votes).toEqual({
      tags: Int32Array.of(7, 4, -1),
      shares: Float64Array.of(0.75, 0.25, 0),
      rows: 1,
      count: 3,
    });
    expect(votes).toEqual(voteTags(three, Int32Array.of(7, 4, 7), { neighborCount: 3 }));
  });

  it("puts the smaller of equal tags first, and lets references without a tag not vote", () => {
    const equal = voteTags(three, Int32Array.of(-1, 9, 4));
    expect([...equal.tags]).toEqual([4, 9, -1]);
    expect([...equal.shares]).toEqual([0.5, 0.5, 0]);
  });

  it("takes lists that are shorter than asked for like lists that end early", () => {
    const two = {
      ids: Int32Array.of(0, 1, 2, 1),
      scores: Float32Array.of(0.5, 0.25, 0.75, 0.25),
      rows: 2,
      k: 2,
    };
    const padded = {
      ids: Int32Array.of(0, 1, -1, 2, 1, -1),
      scores: Float32Array.of(0.5, 0.25, -Infinity, 0.75, 0.25, -Infinity),
      rows: 2,
      k: 3,
    };
    const votes = voteTags(two, Int32Array.of(7, 4, 9));
    expect(votes).toEqual(voteTags(padded, Int32Array.of(7, 4, 9)));
    expect([...votes.tags]).toEqual([7, 4, -1, 9, 4, -1]);
  });

  it("gives no tags where there are no votes, or no positive ones", () => {
    const missing = voteTags(neighborsFrom([[-1, -1, -1]]), Int32Array.of(1));
    expect([...missing.tags]).toEqual([-1, -1, -1]);
    expect([...missing.shares]).toEqual([0, 0, 0]);
    const negative = { ...three, scores: Float32Array.of(0.5, -0.25, -0.25) };
    expect([...voteTags(negative, Int32Array.of(1, 2, 3)).tags]).toEqual([-1, -1, -1]);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`voteTags: ${message}`);
    expect(() => voteTags(three, Int32Array.of(1, 2))).toThrow(
      refusal("expected `neighbors.ids` to be -1 or a row number below 2, got 2 for query 0"),
    );
    expect(() => voteTags(three, Int32Array.of(1, -2, 3))).toThrow(
      refusal("expected `tags` to be -1 or more, got -2 for row 1"),
    );
    expect(() =>
      voteTags({ ...three, scores: three.scores.with(0, Infinity) }, Int32Array.of(1, 2, 3)),
    ).toThrow(refusal("expected `neighbors.scores` to be finite, got Infinity in row 0"));
  });
});

describe("rerankByLandmarkAndCountry", () => {
  const neighbors = { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.5, 0.25), rows: 1, k: 2 };
  const evidence = {
    queryLandmarks: { tags: Int32Array.of(7), shares: Float64Array.of(1), rows: 1, count: 1 },
    queryCountries: { tags: Int32Array.of(3), shares: Float64Array.of(1), rows: 1, count: 1 },
    indexLandmarks: Int32Array.of(7, 4),
    indexCountries: Int32Array.of(3, 3),
  };

  it("adds what landmark and country share, in the example of its documentation", () => {
    const { ids, scores } = rerankByLandmarkAndCountry(neighbors, [evidence]);
    expect([...ids]).toEqual([0, 1]);
    expect(scores[0]).toBeCloseTo(0.25 + 1 + 0.1, 6);
    expect(scores[1]).toBeCloseTo(0.5 + 0.1, 6);
  });

  it("equals the formula", () => {
    const q = randomUnitRows(1, 4, 8);
    const x = randomUnitRows(2, 30, 8);
    const found = search(q, x, 30);
    const indexLandmarks = Int32Array.from({ length: 30 }, (_, i) => (i % 7) - 1);
    const indexCountries = indexLandmarks.map((tag) => (tag < 0 ? -1 : tag % 2));
    const queryLandmarks = voteTags(found, indexLandmarks);
    const queryCountries = voteTags(found, indexCountries);
    const shareOf = (votes: TagVotes, row: number, tag: number): number => {
      const at = [...votes.tags.subarray(row * 3, row * 3 + 3)].indexOf(tag);
      return tag < 0 || at < 0 ? 0 : votes.shares[row * 3 + at]!;
    };
    const options = { landmarkWeight: 0.7, countryWeight: 0.3, k: 12 };
    const given = { queryLandmarks, queryCountries, indexLandmarks, indexCountries };
    const result = rerankByLandmarkAndCountry(found, [given], options);
    for (let row = 0; row < 4; row++) {
      const expected = [...found.ids.subarray(row * 30, row * 30 + 30)]
        .map((id, i) => ({
          id,
          score:
            found.scores[row * 30 + i]! +
            0.7 * shareOf(queryLandmarks, row, indexLandmarks[id]!) +
            0.3 * shareOf(queryCountries, row, indexCountries[id]!),
        }))
        .sort((a, b) => b.score - a.score || a.id - b.id)
        .slice(0, 12);
      expect([...result.ids.subarray(row * 12, row * 12 + 12)]).toEqual(expected.map(({ id }) => id));
      for (const [i, { score }] of expected.entries()) {
        expect(result.scores[row * 12 + i]).toBeCloseTo(score, 6);
      }
    }
  });

  it("weighs landmarks by 1, countries by 0.1 and keeps the length of lists unless told otherwise", () => {
    const result = rerankByLandmarkAndCountry(neighbors, [evidence]);
    const explicit = { landmarkWeight: 1, countryWeight: 0.1, k: 2 };
    expect(result).toEqual(rerankByLandmarkAndCountry(neighbors, [evidence], explicit));
    for (const change of [{ landmarkWeight: 0.9 }, { countryWeight: 0.2 }, { k: 1 }]) {
      expect(rerankByLandmarkAndCountry(neighbors, [evidence], { ...explicit, ...change })).not.toEqual(
        result,
      );
    }
  });

  it("leaves lists as they are without evidence, without tags and without queries", () => {
    expect(rerankByLandmarkAndCountry(neighbors, [])).toEqual(neighbors);
    const unknown = { tags: Int32Array.of(-1), shares: Float64Array.of(0), rows: 1, count: 1 };
    const nothing = { ...evidence, queryLandmarks: unknown, queryCountries: unknown };
    const untagged = { ...nothing, indexLandmarks: Int32Array.of(-1, -1) };
    expect(rerankByLandmarkAndCountry(neighbors, [untagged])).toEqual(neighbors);
    const none = { ids: new Int32Array(), scores: new Float32Array(), rows: 0, k: 2 };
    expect(rerankByLandmarkAndCountry(none, [])).toEqual(none);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`rerankByLandmarkAndCountry: ${message}`);
    expect(() =>
      rerankByLandmarkAndCountry(neighbors, [evidence, { ...evidence, indexCountries: Int32Array.of(1) }]),
    ).toThrow(refusal("expected `evidence[1].indexCountries` to have 2 rows, got 1"));
    expect(() =>
      rerankByLandmarkAndCountry(neighbors, [
        { ...evidence, queryLandmarks: { ...evidence.queryLandmarks, rows: 2 } },
      ]),
    ).toThrow(refusal("expected `evidence[0].queryLandmarks` to have 1 rows, got 2"));
    expect(() =>
      rerankByLandmarkAndCountry(neighbors, [
        { ...evidence, queryCountries: { ...evidence.queryCountries, count: 2 } },
      ]),
    ).toThrow(
      refusal("expected `evidence[0].queryCountries` to hold 1 x 2 = 2 tags and shares, got 1 and 1"),
    );
    const shares = Float64Array.of(Number.NaN);
    expect(() =>
      rerankByLandmarkAndCountry(neighbors, [
        { ...evidence, queryLandmarks: { ...evidence.queryLandmarks, shares } },
      ]),
    ).toThrow(refusal("expected `evidence[0].queryLandmarks.shares` to be finite, got NaN for query 0"));
    expect(() =>
      rerankByLandmarkAndCountry(neighbors, [{ ...evidence, indexLandmarks: Int32Array.of(1, -3) }]),
    ).toThrow(refusal("expected `evidence[0].indexLandmarks` to be -1 or more, got -3 for row 1"));
    for (const name of ["landmarkWeight", "countryWeight"]) {
      expect(() => rerankByLandmarkAndCountry(neighbors, [evidence], { [name]: Number.NaN })).toThrow(
        refusal(`expected \`${name}\` to be a finite number, got NaN`),
      );
    }
    const endless = { ...neighbors, scores: Float32Array.of(Infinity, 0) };
    expect(() => rerankByLandmarkAndCountry(endless, [evidence])).toThrow(
      refusal("expected `neighbors.scores` to be finite, got Infinity in row 0"),
    );
    expect(() => rerankByLandmarkAndCountry(neighbors, [evidence], { k: 0 })).toThrow(
      refusal("expected `k` to be a positive integer, got 0"),
    );
  });
});

describe("rerankByVotedReferences", () => {
  const database = matrixFrom([
    [0.8, 0.6],
    [0, 1],
  ]);
  const neighbors = neighborsFrom([[0, 1]]);
  const options = {
    references: matrixFrom([
      [1, 0],
      [0, 1],
    ]),
    labels: Int32Array.of(5, 5),
    referenceNeighbors: neighborsFrom([[0]]),
    neighborCount: 1,
  };

  it("puts first what is near to any image of a voted label, in the example of its documentation", () => {
    const result = rerankByVotedReferences(neighbors, database, { ...options, threshold: 0.9 });
    expect(result).toEqual({ ids: Int32Array.of(1, 0), scores: Float32Array.of(1, 0.5), rows: 1, k: 2 });
    const other = { ...options, labels: Int32Array.of(5, 6), threshold: 0.9 };
    expect([...rerankByVotedReferences(neighbors, database, other).ids]).toEqual([0, 1]);
    const unlabelled = { ...options, labels: Int32Array.of(-1, -1), threshold: 0.9 };
    expect([...rerankByVotedReferences(neighbors, database, unlabelled).ids]).toEqual([0, 1]);
  });

  it("equals the published procedure", () => {
    const q = randomUnitRows(1, 5, 6);
    const x = randomUnitRows(2, 25, 6);
    const references = randomUnitRows(3, 40, 6);
    const labels = Int32Array.from({ length: 40 }, (_, i) => i % 9);
    const referenceNeighbors = search(q, references, 3);
    const found = search(q, x, 25);
    const result = rerankByVotedReferences(found, x, { references, labels, referenceNeighbors });
    for (let row = 0; row < 5; row++) {
      const voted = [...referenceNeighbors.ids.subarray(row * 3, row * 3 + 3)].map((id) => labels[id]!);
      const members = [...labels.keys()].filter((i) => voted.includes(labels[i]!));
      const isGood = (id: number): boolean =>
        Math.max(...members.map((i) => product(rowOf(x, id), rowOf(references, i)))) > 0.6;
      const list = [...found.ids.subarray(row * 25, row * 25 + 25)];
      const expected = [...list.filter(isGood), ...list.filter((id) => !isGood(id))];
      expect([...result.ids.subarray(row * 25, row * 25 + 25)]).toEqual(expected);
      expect(result.scores[row * 25 + 24]).toBeCloseTo(1 - 24 / 25, 6);
    }
    const explicit = { references, labels, referenceNeighbors, neighborCount: 3, threshold: 0.6 };
    expect(rerankByVotedReferences(found, x, explicit)).toEqual(result);
    expect(rerankByVotedReferences(found, x, { ...explicit, neighborCount: 1 })).not.toEqual(result);
    expect(rerankByVotedReferences(found, x, { ...explicit, threshold: 0.8 })).not.toEqual(result);
  });

  it("takes lists of references that are shorter than asked for like lists that end early", () => {
    const both = matrixFrom([
      [1, 0],
      [0, 1],
    ]);
    const lists = neighborsFrom([
      [0, 1],
      [1, 0],
    ]);
    const one = { references: both, labels: Int32Array.of(5, 6), threshold: 0.9 };
    const short = rerankByVotedReferences(lists, both, {
      ...one,
      referenceNeighbors: neighborsFrom([[1], [0]]),
    });
    const padded = neighborsFrom([
      [1, -1, -1],
      [0, -1, -1],
    ]);
    expect(short).toEqual(rerankByVotedReferences(lists, both, { ...one, referenceNeighbors: padded }));
    expect([...short.ids]).toEqual([1, 0, 0, 1]);
  });

  it("passes over missing entries and takes no queries", () => {
    const gaps = neighborsFrom([[-1, 1]]);
    expect([...rerankByVotedReferences(gaps, database, options).ids]).toEqual([1, -1]);
    const missing = { ...options, referenceNeighbors: neighborsFrom([[-1]]) };
    expect([...rerankByVotedReferences(neighbors, database, missing).ids]).toEqual([0, 1]);
    const none = { ids: new Int32Array(), scores: new Float32Array(), rows: 0, k: 2 };
    expect(rerankByVotedReferences(none, database, { ...options, referenceNeighbors: none })).toEqual(none);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`rerankByVotedReferences: ${message}`);
    const rerank = (change: object) => () =>
      rerankByVotedReferences(neighbors, database, { ...options, ...change });
    expect(rerank({ references: matrixFrom([[1, 0, 0]]) })).toThrow(
      refusal("expected `references` to have 2 columns like `database`, got 3"),
    );
    expect(rerank({ labels: Int32Array.of(1) })).toThrow(refusal("expected `labels` to have 2 rows, got 1"));
    expect(rerank({ referenceNeighbors: neighborsFrom([[2]]) })).toThrow(
      refusal("expected `referenceNeighbors.ids` to be -1 or a row number below 2, got 2 for query 0"),
    );
    expect(rerank({ referenceNeighbors: neighborsFrom([[1], [0]]) })).toThrow(
      refusal("expected `referenceNeighbors` to have 1 rows, got 2"),
    );
    const long = matrixFrom([
      [1, 0],
      [0, 2],
    ]);
    expect(rerank({ references: long })).toThrow(
      refusal("expected rows of `references` to have length 1, got 2 in row 1; scale them first"),
    );
    expect(rerank({ references: long, labels: Int32Array.of(5, -1) })).not.toThrow();
    expect(() => rerankByVotedReferences(neighbors, long, options)).toThrow(
      refusal("expected rows of `database` to have length 1, got 2 in row 1; scale them first"),
    );
    expect(rerank({ threshold: Number.NaN })).toThrow(
      refusal("expected `threshold` to be a finite number, got NaN"),
    );
  });
});
