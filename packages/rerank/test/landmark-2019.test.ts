import { type Landmark2019Revision, landmark2019Revisions, predictLabels, rerankByLabel } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { neighborsFrom } from "./fixtures.ts";

const train = {
  // One neighbor of label 0 each, at cosines 0.75, 0.375, 0.875 and 0.4375; image 4 has label 1.
  ids: Int32Array.of(0, 0, 0, 0, 1),
  scores: Float32Array.of(0.75, 0.375, 0.875, 0.4375, 1),
};
const labels = Int32Array.of(0, 1);

/** Three times the same neighbor, as three neighbors that agree. */
function votes(scores: Float32Array, ids: Int32Array) {
  return {
    ids: Int32Array.from({ length: ids.length * 3 }, (_, i) => ids[Math.floor(i / 3)]!),
    scores: Float32Array.from({ length: ids.length * 3 }, (_, i) => scores[Math.floor(i / 3)]!),
    rows: ids.length,
    k: 3,
  };
}

function order(revision: Landmark2019Revision, queryCosine: number): number[] {
  const { predictLabels: voting, rerankByLabel: ranking } = landmark2019Revisions[revision];
  const index = predictLabels(votes(train.scores, train.ids), labels, voting);
  const query = predictLabels(votes(Float32Array.of(queryCosine), Int32Array.of(0)), labels, voting);
  return [...rerankByLabel(neighborsFrom([[4]]), query, index, ranking).ids.subarray(0, 5)];
}

describe("landmark2019Revisions", () => {
  it("gives each row of the specification's table", () => {
    // By id, where 1 - d² = 2 s - 1 is above 0: not for images 1 and 3; not at all for an unsure query.
    expect(order("contest", 0.75)).toEqual([0, 2, 4, -1, -1]);
    expect(order("contest", 0.25)).toEqual([4, -1, -1, -1, -1]);
    expect(order("unrestricted", 0.25)).toEqual([0, 1, 2, 3, 4]);
    expect(order("ordered", 0.25)).toEqual([2, 0, 3, 1, 4]);
    // Mean cosines: 0.1875 and more than 0.4125 make more than 0.6.
    expect(order("final", 0.1875)).toEqual([2, 0, 3, 4, -1]);
  });

  it("ends with the defaults", () => {
    const { predictLabels: voting, rerankByLabel: ranking } = landmark2019Revisions.final;
    const lists = votes(train.scores, train.ids);
    expect(predictLabels(lists, labels, voting)).toEqual(predictLabels(lists, labels));
    const index = predictLabels(lists, labels);
    const query = predictLabels(votes(Float32Array.of(0.1875), Int32Array.of(0)), labels);
    const found = neighborsFrom([[4]]);
    expect(rerankByLabel(found, query, index, ranking)).toEqual(rerankByLabel(found, query, index));
  });
});
