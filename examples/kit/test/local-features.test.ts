import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageFailure, LocalFeatureExtractor } from "@lmk/models/local-features";
import { countInliers } from "@lmk/rerank/geometry";
import {
  type ExtractLocalFeaturesOptions,
  extractLocalFeatures,
  openLocalFeatures,
  openRunFolder,
  UserError,
} from "@lmk-example/kit";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

const root = mkdtempSync(join(tmpdir(), "lmk-local-features-"));
let folder = "";
let made = 0;
beforeEach(() => {
  folder = join(root, `${made++}`);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Features that a file's name decides: `5.jpg` has five, on a parabola; `bad-….jpg` fails. */
function featuresOf(file: string) {
  const count = Number.parseInt(file, 10);
  return {
    points: Float32Array.from({ length: 2 * count }, (_, i) =>
      i % 2 === 0 ? 8 * i : count * (i - 1) ** 2 + 0.25,
    ),
    scores: Float32Array.from({ length: count }, (_, i) => 1 / (i + 1)),
    descriptors: {
      data: Float32Array.from({ length: 3 * count }, (_, i) => Math.sin(1 + i + 100 * count)),
      rows: count,
      columns: 3,
    },
  };
}

/** What extractors did. */
interface Log {
  opened: number;
  disposed: number;
  readonly files: string[];
}

function fakeExtractor(log: Log): LocalFeatureExtractor {
  log.opened += 1;
  return {
    dimension: 3,
    async *extract(images, { onProgress } = {}) {
      let row = 0;
      for (const file of images as Iterable<string>) {
        log.files.push(file);
        onProgress?.(row + 1);
        if (file.startsWith("bad"))
          yield { row, failure: { row, path: file, message: "Input file is missing" } };
        else yield { row, features: featuresOf(file) };
        row += 1;
      }
    },
    extractAll: () => Promise.reject(new Error("not used")),
    async dispose() {
      log.disposed += 1;
    },
  };
}

const newLog = (): Log => ({ opened: 0, disposed: 0, files: [] });

const paths = [
  "3.jpg",
  "unusable.jpg",
  "0.jpg",
  "7.jpg",
  "bad-4.jpg",
  "2.jpg",
  "5.jpg",
  "unusable.jpg",
  "1.jpg",
];
const rows = Int32Array.of(0, 2, 3, 4, 5, 6, 8);
const usable = Array.from(rows, (row) => paths[row]!);

const optionsOf = (
  log: Log,
  others: Partial<ExtractLocalFeaturesOptions> = {},
): ExtractLocalFeaturesOptions => ({
  paths,
  rows,
  settings: { method: "fake" },
  after: [],
  createExtractor: async () => fakeExtractor(log),
  imagesPerPart: 3,
  ...others,
});

/** The files of a folder and their bytes, by their paths in it. */
function contents(of: string): Record<string, string> {
  const files = readdirSync(of, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((file) => file.endsWith(".npy") || file.endsWith("part.json") || file.endsWith("features.json"))
      .sort()
      .map((file) => [file.slice(of.length), readFileSync(file, "base64")]),
  );
}

describe("local features of a split", () => {
  it("are read by image, from parts that stay where they are made", async () => {
    const [log, failures, done]: [Log, ImageFailure[], number[]] = [newLog(), [], []];
    const stage = await extractLocalFeatures(
      openRunFolder(folder),
      "features/index",
      optionsOf(log, {
        onFailure: (failure) => failures.push(failure),
        onProgress: (count) => done.push(count),
      }),
    );
    expect(log).toEqual({ opened: 1, disposed: 1, files: usable });
    expect(failures).toEqual([{ row: 4, path: "bad-4.jpg", message: "Input file is missing" }]);
    expect(JSON.parse(readFileSync(join(stage.folder, "failures.json"), "utf8"))).toEqual(failures);
    expect(done).toEqual([0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 7]);
    expect(readdirSync(`${stage.folder}.parts-${stage.key}`)).toEqual([
      "part-000000",
      "part-000001",
      "part-000002",
    ]);

    const store = await openLocalFeatures(stage);
    expect([store.rows, store.dimension, ...store.counts]).toEqual([7, 3, 3, 0, 7, 0, 2, 5, 1]);
    for (const [image, file] of usable.entries()) {
      const { points, descriptors } = await store.featuresOf(image);
      const expected = featuresOf(file.startsWith("bad") ? "0.jpg" : file);
      expect(points).toEqual(expected.points);
      expect(descriptors).toEqual(expected.descriptors);
    }
    const asked = [5, 2, 1, 5, 0];
    const { locations, descriptors, starts } = await store.slice(Int32Array.from(asked));
    const expected = asked.map((image) => featuresOf(usable[image]!));
    expect([...starts]).toEqual([0, 5, 12, 12, 17, 20]);
    expect([...locations]).toEqual(expected.flatMap((features) => [...features.points]));
    expect([...descriptors.data]).toEqual(expected.flatMap((features) => [...features.descriptors.data]));
    expect([descriptors.rows, descriptors.columns]).toEqual([20, 3]);
    await expect(store.slice(Int32Array.of(7))).rejects.toThrow(
      new RangeError("slice: expected `rows` to be from 0 to below 7, got 7"),
    );
    await store.close();
  });

  it("go where countInliers takes them", async () => {
    const stage = await extractLocalFeatures(openRunFolder(folder), "features", optionsOf(newLog()));
    const store = await openLocalFeatures(stage);
    const queries = await store.slice(Int32Array.of(2));
    const database = await store.slice(Int32Array.of(5, 2, 1));
    const neighbors = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(3, 2, 1), rows: 1, k: 3 };
    const { ids, scores } = countInliers(queries, database, neighbors);
    expect([ids[0], scores[0], ids[2], scores[2]]).toEqual([1, 7, 2, 0]);
    await store.close();
  });

  it("are the same to the byte from shards, and go on after a kill", async () => {
    const whole = await extractLocalFeatures(openRunFolder(folder), "features", optionsOf(newLog()));
    const other = `${folder}-shards`;
    const log = newLog();
    for (const index of [1, 0]) {
      const run = { ...openRunFolder(other), sharing: { target: "features", shard: { index, count: 2 } } };
      await extractLocalFeatures(run, "features", optionsOf(log));
    }
    expect(existsSync(join(other, "features", "done.json"))).toBe(false);
    rmSync(join(`${whole.folder}.parts-${whole.key}`.replace(folder, other), "part-000001"), {
      recursive: true,
    });
    const again = newLog();
    const stage = await extractLocalFeatures(openRunFolder(other), "features", optionsOf(again));
    expect(again).toEqual({ opened: 1, disposed: 1, files: usable.slice(3, 6) });
    expect(stage.key).toBe(whole.key);
    const ended = contents(folder);
    expect(Object.keys(ended)).toHaveLength(3 * 4 + 2);
    const shards = Object.entries(contents(other)).filter(([file]) => !file.includes("shard-"));
    expect(Object.fromEntries(shards)).toEqual(ended);
    const idle = newLog();
    await extractLocalFeatures(openRunFolder(other), "features", optionsOf(idle));
    expect(idle.opened).toBe(0);
  });

  it("are read at once from more parts than are open", async () => {
    const files = Array.from({ length: 40 }, (_, i) => `${i % 6}.jpg`);
    const all = { paths: files, rows: Int32Array.from(files.keys()), imagesPerPart: 1 };
    const stage = await extractLocalFeatures(openRunFolder(folder), "features", optionsOf(newLog(), all));
    const store = await openLocalFeatures(stage);
    const orders = [files.map((_, i) => (7 * i) % 40), files.map((_, i) => 39 - i)];
    const found = await Promise.all(orders.map((order) => store.slice(Int32Array.from(order))));
    await store.close();
    found.forEach(({ locations }, i) => {
      expect([...locations]).toEqual(orders[i]!.flatMap((image) => [...featuresOf(files[image]!).points]));
    });
  });

  it("take half the space as float16, the points as they are", async () => {
    const options = optionsOf(newLog(), { precision: "float16" });
    const stage = await extractLocalFeatures(openRunFolder(folder), "features", options);
    const store = await openLocalFeatures(stage);
    const { points, descriptors } = await store.featuresOf(2);
    await store.close();
    const expected = featuresOf("7.jpg");
    expect(points).toEqual(expected.points);
    descriptors.data.forEach((value, i) => {
      expect(Math.abs(value - expected.descriptors.data[i]!)).toBeLessThanOrEqual(2 ** -12);
    });
  });

  it("are none of no images", async () => {
    const options = optionsOf(newLog(), { rows: new Int32Array() });
    const stage = await extractLocalFeatures(openRunFolder(folder), "features", options);
    const store = await openLocalFeatures(stage);
    expect([store.rows, ...(await store.slice(new Int32Array())).starts]).toEqual([0, 0]);
    await store.close();
  });
});

describe("local features are refused", () => {
  it("where every image of a part fails", async () => {
    const log = newLog();
    const bad = { paths: ["bad-1.jpg", "bad-2.jpg"], rows: Int32Array.of(0, 1) };
    await expect(
      extractLocalFeatures(openRunFolder(folder), "features", optionsOf(log, bad)),
    ).rejects.toThrow(
      new UserError(
        "bad-1.jpg: Input file is missing (and all 1 others of its part); bring the images back and run again",
      ),
    );
    expect(log.disposed).toBe(1);
  });

  it("where the stage did not end", async () => {
    const stage = { folder: join(folder, "features"), key: "0", seconds: 0 };
    await expect(openLocalFeatures(stage)).rejects.toThrow(
      new UserError(`${stage.folder}: expected local features, got none; run the stage to its end`),
    );
  });
});
