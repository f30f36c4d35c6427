import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LandmarkData } from "@lmk/data";
import {
  type Context,
  extractEmbeddings,
  groupsOf,
  makeLists,
  openRunFolder,
  type PreparedData,
  prepareData,
  type RunFolder,
  readCounts,
  readEmbeddings,
  readLists,
  readRawEmbeddings,
  trainLabels,
  UserError,
  usableRows,
} from "@lmk-example/kit";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

let folder = "";
let data: LandmarkData;
let notices: string[] = [];

/** Four train images: landscape, portrait, one that cannot be read, landscape; one index and one test image. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-prepared-"));
  await image("a", 16, 8, 10);
  await image("b", 8, 16, 20);
  writeFileSync(join(folder, "c.png"), "no image");
  await image("d", 16, 8, 40);
  data = {
    train: { ...tableOf("a", "b", "c", "d"), landmarkIds: Int32Array.of(5, 5, 6, 7) },
    index: tableOf("a"),
    test: tableOf("b"),
  } as unknown as LandmarkData;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  notices = [];
});

async function image(name: string, width: number, height: number, red: number): Promise<void> {
  const background = { r: red, g: 0, b: 0 };
  await sharp({ create: { width, height, channels: 3, background } }).toFile(join(folder, `${name}.png`));
}

function tableOf(...names: string[]): { ids: string[]; paths: string[] } {
  return { ids: names, paths: names.map((name) => join(folder, `${name}.png`)) };
}

function contextOf(name: string, skipCorrupt = true, how: Partial<RunFolder> = {}): Context<unknown> {
  return {
    run: { ...openRunFolder(join(folder, name)), ...how },
    options: { skipCorrupt },
    progress: () => ({ update: () => {}, stop: () => {} }),
    notice: (line: string) => void notices.push(line),
  } as unknown as Context<unknown>;
}

const prepare = (context: Context<unknown>): Promise<PreparedData> =>
  prepareData(context, { name: "prepare", data, check: "header" });

const template = {
  edges: [1],
  sizes: [
    { width: 4, height: 2 },
    { width: 2, height: 4 },
  ],
};

it("measures every image, and leaves out those that cannot be read", async () => {
  const prepared = await prepare(contextOf("measured"));
  expect([...prepared.sizes.train.widths]).toEqual([16, 8, 0, 16]);
  expect([...prepared.sizes.train.heights]).toEqual([8, 16, 0, 8]);
  expect([...usableRows(prepared, "train")]).toEqual([0, 1, 3]);
  expect([...trainLabels(prepared)]).toEqual([5, 5, 7]);
  expect([...groupsOf(prepared, "train", template)]).toEqual([0, 1, -1, 0]);
  expect(readCounts(prepared)).toEqual({ train: 4, index: 1, test: 1, landmarks: 3, corrupt: 1 });
  expect(notices).toEqual([expect.stringContaining(`left out ${join(folder, "c.png")}: `)]);
});

it("names the first image that cannot be read, and the way out", async () => {
  const error = await prepare(contextOf("refused", false)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message).toMatch(/c\.png: .*; remove or replace it, or pass --skip-corrupt$/);
  expect(existsSync(join(folder, "refused", "prepare", "done.json"))).toBe(false);
});

/** Embeds an image as the red of its first pixel and a 1, and logs when it is opened, how far it is, and its end. */
function embedding(prepared: PreparedData, log: string[]) {
  return {
    openEmbedder: async () => {
      log.push("open");
      return {
        dimension: 2,
        async embedPrepared({ data: images, count }: { data: Float32Array; count: number }) {
          const size = images.length / count;
          const rows = Array.from({ length: count }, (_, i) => [Math.round(images[i * size]!), 1]);
          return { data: Float32Array.from(rows.flat()), rows: count, columns: 2 };
        },
        dispose: async () => void log.push("end"),
      } as never;
    },
    template,
    batchSize: 1,
    normalization: { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] } as never,
    paths: prepared.data.train.paths,
    groups: groupsOf(prepared, "train", template),
    onProgress: (done: number) => void log.push(`${done}`),
    imagesPerPart: 2,
  };
}

it("embeds usable rows in their order, also by shards", async () => {
  const context = contextOf("embedded");
  const prepared = await prepare(context);
  const log: string[] = [];
  const embed = (how: Partial<RunFolder>) =>
    extractEmbeddings(
      { ...context.run, ...how },
      "predict",
      { settings: 1, after: [prepared.stage] },
      embedding(prepared, log),
    );
  for (const index of [1, 0]) await embed({ sharing: { target: "predict", shard: { index, count: 2 } } });
  expect(log.filter((line) => Number.isNaN(Number(line)))).toEqual(["open", "end", "open", "end"]);
  const stage = await embed({ mergeOnly: true });
  const raw = await readRawEmbeddings(stage);
  expect({ ...raw, data: [...raw.data] }).toEqual({ rows: 3, columns: 2, data: [10, 1, 20, 1, 40, 1] });
  const { data: unit } = await readEmbeddings(stage);
  expect(unit[0]).toBeCloseTo(10 / Math.hypot(10, 1), 6);
  expect(readdirSync(stage.folder).sort()).toEqual(["begun.json", "done.json", "embeddings.npy"]);
});

it("makes lists in parts, and refuses to read them before they are joined", async () => {
  const lists = (how: Partial<RunFolder>) =>
    makeLists(contextOf("lists", true, how), {
      name: "search",
      settings: 1,
      rows: 5,
      rowsPerPart: 3,
      rowsAtOnce: 2,
      async listsOf(first, end) {
        const rows = end - first;
        const ids = Int32Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? first + i / 2 : -1));
        return { ids, scores: Float32Array.from(ids, (id) => (id < 0 ? -Infinity : id)), rows, k: 2 };
      },
    });
  const shards = [0, 1].map((index) => ({ sharing: { target: "search", shard: { index, count: 2 } } }));
  const shard = await lists(shards[0]!);
  await expect(readLists(shard)).rejects.toThrow(
    new UserError(
      `${shard.folder}: expected its lists, got none; merge the shards that make them, then run this again`,
    ),
  );
  await lists(shards[1]!);
  const { ids, scores, rows, k } = await readLists(await lists({ mergeOnly: true }));
  expect({ rows, k, ids: [...ids] }).toEqual({ rows: 5, k: 2, ids: [0, -1, 1, -1, 2, -1, 3, -1, 4, -1] });
  expect([...scores.subarray(6)]).toEqual([3, -Infinity, 4, -Infinity]);
});
