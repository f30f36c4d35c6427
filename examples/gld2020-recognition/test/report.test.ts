import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CompletedStage,
  createContext,
  makeLists,
  prepareLandmarks,
  usableRows,
} from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Config } from "../src/config.ts";
import { methodsOf } from "../src/methods.ts";
import { presets, withMembers } from "../src/presets.ts";
import { shownAnswers } from "../src/shown-answers.ts";
import { evaluate } from "../src/stages/evaluate.ts";
import { folds } from "../src/stages/folds.ts";
import { recognizeBy } from "../src/stages/recognize.ts";
import { report } from "../src/stages/report.ts";
import type { Lists } from "../src/stages/search.ts";
import type { EmbeddedSystem, SystemContext, SystemData } from "../src/system.ts";

const one = withMembers(presets.embedded, ["b3"]);
const config: Config = {
  ...one,
  landmarks: { ...one.landmarks, landmarks: 6, trainImages: 48, testImages: 24, longSide: 48 },
};

let folder = "";
let context: SystemContext;
let data: SystemData;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-report-"));
  const options = { preset: "embedded", provider: "cpu", threads: 1, skipCorrupt: false } as const;
  context = createContext(folder, config, options);
  data = await folds(context, await prepareLandmarks(context));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The landmark that is said for each test image: the right one for every second, else the first that is wrong. */
function saidLandmarks(): number[] {
  const { recognition } = data.prepared.data;
  const right = new Map(Array.from(recognition!.queries, (row, i) => [row, recognition!.landmarkIds[i]!]));
  return Array.from(usableRows(data.prepared, "test"), (row, place) => {
    const landmarks = right.get(row) ?? new Int32Array();
    if (landmarks.length > 0 && place % 2 === 0) return landmarks[0]!;
    return data.gallery.labels.find((label) => !landmarks.includes(label))!;
  });
}

/** Lists of `k` for each test image, the same for the whole row but for scores that fall. */
function listsOf(name: string, k: number, idOf: (place: number, rank: number) => number) {
  const rows = usableRows(data.prepared, "test").length;
  return makeLists(context, {
    name,
    settings: {},
    rows,
    rowsPerPart: rows,
    rowsAtOnce: rows,
    async listsOf() {
      const ids = Int32Array.from({ length: rows * k }, (_, i) => idOf(Math.floor(i / k), i % k));
      const scores = Float32Array.from(
        ids,
        (_, i) => 0.9 - 0.1 * (i % k) - 0.25 * (Math.floor(i / k) / rows),
      );
      return { ids, scores, rows, k };
    },
  });
}

it("writes the results, two curves, and what was said about the surest test images", async () => {
  const said = saidLandmarks();
  const { gallery } = data;
  const imagesOf = (landmark: number): number[] => [
    ...Int32Array.from(gallery.labels.keys()).filter((id) => gallery.labels[id] === landmark),
  ];
  const neighbors = await listsOf("search/ensemble/test-gallery", 5, (place, rank) => {
    const images = imagesOf(said[place]!);
    return images[rank % images.length]!;
  });
  const classes = await listsOf("head/ensemble", 2, (place, rank) => (rank === 0 ? said[place]! : -1));
  const lists: Lists = new Map([
    ["ensemble/test-gallery", neighbors],
    ["b3/test-gallery", neighbors],
    ["ensemble/test-classes", classes],
  ]);
  const embedded = { test: neighbors, gallery: neighbors };
  const system: EmbeddedSystem = { data, trained: new Map(), embeddings: new Map([["b3", embedded]]) };
  const methods = methodsOf(config, { nonLandmarks: false });
  const recognized = new Map<string, CompletedStage>();
  for (const method of methods) {
    recognized.set(method.name, await recognizeBy(context, system, lists, method));
  }
  const evaluated = await evaluate(context, system, recognized);
  const written = await report(context, { system, lists, methods, recognized, evaluated });

  const page = readFileSync(join(written.folder, "report.html"), "utf8");
  for (const text of [
    "Google Landmark Recognition 2020, 3rd place",
    "generated landmarks: 24 test images, ",
    "b3 (tf_efficientnet_b3_ns)",
    "the 5 nearest searched images vote for their landmarks with cosine^9 × head^10",
    "Precision of the surest predictions",
    "GAP of the surest predictions",
    "Best answers",
    "Most confident mistakes",
    "Distractors accepted",
  ]) {
    expect(page).toContain(text);
  }
  // The first image is the surest; it is said to show the right landmark, if it shows one.
  const first = data.prepared.data.test.ids.at(usableRows(data.prepared, "test")[0]!);
  expect(page).toMatch(
    new RegExp(`${first} · landmark ${said[0]}.* · score [^ ]+ · heads: ${said[0]} 0\\.90<`),
  );
  expect(readFileSync(join(written.folder, "tables.md"), "utf8")).toContain("| fusion as submitted");
});

it("shows the searched images that vote, with their rows of the train table", () => {
  const { gallery, prepared } = data;
  const list = (ids: number[], scores: number[]) => ({
    ids: Int32Array.from(ids),
    scores: Float32Array.from(scores),
    rows: 2,
    k: 3,
  });
  const neighbors = list([0, 1, 2, 2, 0, -1], [0.9, 0.8, 0.7, 0.6, 0.5, -Infinity]);
  const classes = list([12, 7, 5, -1, -1, -1], [0.5, 0.25, -0.5, -Infinity, -Infinity, -Infinity]);
  const shown = shownAnswers({ gallery, prepared }, { neighbors, classes }, 2);
  expect(shown.supportOf(0)).toEqual([
    { row: gallery.rows[0], caption: "cosine 0.90" },
    { row: gallery.rows[1], caption: "cosine 0.80" },
  ]);
  expect(shown.supportOf(1).map(({ row }) => row)).toEqual([gallery.rows[2], gallery.rows[0]]);
  expect(shown.remarkOf!(0)).toBe("heads: 12 0.50, 7 0.25, 5 -0.50");
  expect(shown.remarkOf!(1)).toBeUndefined();
});
