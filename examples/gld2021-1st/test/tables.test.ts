import { ownPlaces, textTable } from "@lmk-example/kit";
import { describe, expect, it } from "vitest";
import { pairsOfRanking, pairsOfRecognition, recognitionList, retrievalList } from "../src/list-names.ts";
import {
  handedIn,
  membersOf,
  recognitionMethods,
  retrievalMethods,
  submittedRecognition,
} from "../src/methods.ts";
import { presets, withMembers } from "../src/presets.ts";
import { publishedTable, recognitionTable, retrievalTable } from "../src/results-table.ts";
import { searchDepth } from "../src/search-depth.ts";

const { paper } = presets;
const challenge = (all: number) => ({ private: all / 2, public: all / 4, all });

describe("methods", () => {
  it("leave out what the chosen networks are no members of", () => {
    const one = withMembers(paper, ["effnet-b3"]);
    expect(retrievalMethods(one, { labelledIndex: true })).toEqual([]);
    expect(recognitionMethods(one, { nonLandmarks: true }).map(({ name }) => name)).toEqual([
      ...["A", "A-B", "submitted", "quantiles", "effnet-mean", "effnet-b3"],
    ]);
    expect(membersOf(paper, "retrieval")).toHaveLength(8);
  });

  it("have neither B nor C where images without a landmark are not known", () => {
    const methods = recognitionMethods(paper, { nonLandmarks: false });
    expect(new Set(methods.map(({ way }) => way.terms))).toEqual(new Set(["A"]));
    expect(handedIn(methods).name).toBe("A");
    expect(handedIn(recognitionMethods(paper, { nonLandmarks: true }))).toBe(submittedRecognition);
  });

  it("name landmarks by the index too where it is labelled, and by train images alone beside it", () => {
    const by = (labelledIndex: boolean) =>
      retrievalMethods(paper, { labelledIndex }).map(({ name, way }) => [name, way.labelled]);
    const train = by(true).filter(([, labelled]) => labelled === "train");
    expect(train).toEqual([["soft-train", "train"]]);
    expect(by(true)).toContainEqual(["submitted", "train-and-index"]);
    expect(by(false)).toEqual(
      by(true)
        .filter(([name]) => name !== "soft-train")
        .map(([name]) => [name, "train"]),
    );
  });

  it("have names of their own", () => {
    for (const methods of [
      retrievalMethods(paper, { labelledIndex: true }),
      recognitionMethods(paper, { nonLandmarks: true }),
    ]) {
      expect(new Set(methods.map(({ name }) => name)).size).toBe(methods.length);
    }
  });

  it("read the lists that they need", () => {
    const train = ["test-index", "test-gallery", "index-gallery"];
    expect(pairsOfRanking({ rerank: "none", labelled: "train" })).toEqual(["test-index"]);
    expect(pairsOfRanking({ rerank: "soft", labelled: "train" })).toEqual(train);
    expect(pairsOfRanking({ rerank: "hard", labelled: "train-and-index" })).toEqual([
      ...[...train, "test-labelled", "index-labelled"],
    ]);
    expect(pairsOfRecognition({ terms: "A-B" })).toEqual(["test-gallery", "gallery-non-landmarks"]);
    expect(recognitionList({ networks: "dolg", quantiles: true }, "test-gallery")).toBe(
      "recognition/dolg-quantiles/test-gallery",
    );
    expect(retrievalList("dolg-b5", "test-index")).toBe("retrieval/dolg-b5/test-index");
  });
});

it("lists hold the whole index, and are shorter for many test images", () => {
  const depth = (tests: number, index: number) => searchDepth(paper.retrieval, { tests, index });
  expect(depth(1129, 78_959)).toBe(78_959);
  expect(depth(117_577, 761_757)).toBe(1141);
  expect(depth(1_000_000, 761_757)).toBe(750);
  expect(depth(1_000_000, 300)).toBe(300);
});

it("numbers of both rankings are the authors'", () => {
  expect(paper.retrieval).toEqual({
    ...{ mostListed: 134_217_728, kept: 750, neighborCount: 3, labelScore: "vote_mean", up: 1, down: 0.1 },
  });
  expect(paper.recognition).toEqual({
    ...{ galleryCount: 5, testCount: 10, neighborCount: 3, weight: 1, shortlist: 1000 },
  });
  expect([paper.images.kernel, paper.images.normalization]).toEqual([
    "opencv-linear",
    { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  ]);
});

it("a test image without a landmark has its place among them", () => {
  expect([...ownPlaces(Int32Array.of(1, 3), 5)]).toEqual([-1, 0, -1, 1, -1]);
});

describe("tables", () => {
  const scores = {
    retrieval: {
      submitted: { meanAveragePrecision: challenge(0.8), averagePrecisions: {} },
      "dolg-b5-soft": { meanAveragePrecision: challenge(0.4), averagePrecisions: {} },
    },
    recognition: {
      submitted: { gap: challenge(0.6), accuracy: 0.9 },
      "dolg-b5": { gap: challenge(0.2), accuracy: 0.3 },
    },
  };

  it("have the published scores beside ours", () => {
    const { rows } = publishedTable(scores, "five images");
    expect(rows).toHaveLength(10);
    expect(rows[0]).toEqual(["dolg-b5", 768, 2, "GLDv2x", 47.6, 49.7, 10, 5, 20, 47.8, 46.4, 20, 10, 40]);
    expect(rows[6]!.slice(9)).toEqual(Array(5).fill(undefined));
    expect(rows[9]).toEqual([
      ...["ensemble", undefined, undefined, undefined],
      ...[51.3, 53.4, 30, 15, 60],
      ...[53.7, 51.8, 40, 20, 80],
    ]);
  });

  it("have A alone where it was handed in", () => {
    const recognition = { A: { gap: challenge(0.4), accuracy: 0.5 } };
    expect(publishedTable({ retrieval: {}, recognition }, "").rows[9]!.slice(6, 9)).toEqual([20, 10, 40]);
  });

  it("have a row for each method", () => {
    const ranked = textTable(
      retrievalTable(retrievalMethods(paper, { labelledIndex: true }), scores.retrieval),
    );
    expect(ranked).toContain("soft re-ranking as submitted");
    expect(ranked).toContain("80.00");
    expect(ranked).toContain("an index image does not name itself");
    const train = retrievalTable(retrievalMethods(paper, { labelledIndex: false }), scores.retrieval);
    expect(textTable(train)).toContain("no landmarks of index images, which the authors also used");
    const methods = recognitionMethods(paper, { nonLandmarks: true });
    expect(recognitionTable(methods, scores.recognition).rows[2]).toEqual([
      ...["A − B − C as submitted", 30, 15, 60, 90],
    ]);
  });
});
