import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GenerateOptions, generateLandmarks } from "@lmk/data/landmarks";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const tiny: GenerateOptions = {
  landmarks: 6,
  trainImages: 16,
  indexImages: 8,
  testImages: 6,
  noiseRate: 0.25,
  distractorRate: 0.25,
  unseenRate: 0.2,
  nearDuplicateRate: 0.2,
  longSide: 48,
};

let root: string;
let first: string;
const folderFor = (name: string): string => join(root, name);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "lmk-landmarks-"));
  first = folderFor("first");
  await generateLandmarks(first, tiny);
});

afterAll(() => rm(root, { recursive: true, force: true }));

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

async function hashOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of await filesIn(folder)) hash.update(file).update(await readFile(join(folder, file)));
  return hash.digest("hex");
}

async function rowsOf(folder: string, table: string): Promise<string[][]> {
  const [, ...lines] = (await readFile(join(folder, table), "utf8")).trimEnd().split("\n");
  return lines.map((line) => line.split(","));
}

function imagePath(folder: string, id: string): string {
  return join(folder, "train", id[0]!, id[1]!, id[2]!, `${id}.jpg`);
}

async function thumbnailOf(bytes: Buffer): Promise<Buffer> {
  return sharp(bytes).resize(8, 8, { fit: "fill" }).raw().toBuffer();
}

function meanDifference(a: Buffer, b: Buffer): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

describe("generateLandmarks", () => {
  it("writes the published layout, with the published headers", async () => {
    const files = await filesIn(first);
    const images = files.filter((file) => file.endsWith(".jpg"));
    expect(images).toHaveLength(16 + 8 + 6);
    for (const file of images)
      expect(file).toMatch(/^(train|index|test)\/(\w)\/(\w)\/(\w)\/\2\3\4[0-9a-f]{13}\.jpg$/);
    const headers: Record<string, string> = {};
    for (const file of files.filter((name) => name.endsWith(".csv"))) {
      headers[file] = (await readFile(join(first, file), "utf8")).split("\n", 1)[0]!;
    }
    const hierarchy = "landmark_id,category,supercategory,hierarchical_label,natural_or_human_made";
    expect(headers).toEqual({
      "index.csv": "id",
      "index_image_to_landmark.csv": "id,landmark_id",
      "index_label_to_category.csv": "landmark_id,category",
      "index_label_to_hierarchical.csv": hierarchy,
      "recognition_solution_v2.1.csv": "id,landmarks,Usage",
      "retrieval_solution_v2.1.csv": "id,images,Usage",
      "test.csv": "id",
      "train.csv": "id,url,landmark_id",
      "train_attribution.csv": "id,url,author,license,title",
      "train_clean.csv": "landmark_id,images",
      "train_label_to_category.csv": "landmark_id,category",
      "train_label_to_country.csv": "landmark_id,country,continent",
      "train_label_to_hierarchical.csv": hierarchy,
    });
    expect(files.filter((file) => !file.endsWith(".jpg") && !file.endsWith(".csv"))).toEqual([
      "landmarks.json",
    ]);
  });

  it("lists each image once, and no image that is not there", async () => {
    for (const split of ["train", "index", "test"]) {
      const listed = (await rowsOf(first, `${split}.csv`)).map(([id]) => id);
      const written = (await filesIn(first)).filter(
        (file) => file.startsWith(`${split}/`) && file.endsWith(".jpg"),
      );
      expect(listed).toEqual(written.map((file) => file.slice(-20, -4)));
    }
  });

  it("gives the same bytes for the same options, and others for another seed", async () => {
    await generateLandmarks(folderFor("again"), { ...tiny, workers: 0 });
    await generateLandmarks(folderFor("other"), { ...tiny, seed: 2 });
    const hash = await hashOf(first);
    expect(await hashOf(folderFor("again"))).toBe(hash);
    expect(await hashOf(folderFor("other"))).not.toBe(hash);
    const ids = new Set((await rowsOf(first, "train.csv")).map(([id]) => id));
    expect((await rowsOf(folderFor("other"), "train.csv")).some(([id]) => ids.has(id))).toBe(false);
  });

  it("gives the same bytes from worker threads", async () => {
    const folder = folderFor("workers");
    const report = await generateLandmarks(folder, { ...tiny, workers: 2 });
    expect(report.workers).toBe(2);
    expect(await hashOf(folder)).toBe(await hashOf(first));
  });

  it("stops a worker thread at a signal, and goes on from there", async () => {
    const folder = folderFor("stopped-workers");
    const controller = new AbortController();
    const reason = new RangeError("enough");
    const onProgress = (): void => controller.abort(reason);
    await expect(
      generateLandmarks(folder, { ...tiny, workers: 1, signal: controller.signal, onProgress }),
    ).rejects.toBe(reason);
    const report = await generateLandmarks(folder, tiny);
    expect(report.rendered).toBeGreaterThan(0);
    expect(report.rendered).toBeLessThan(30);
    expect(await hashOf(folder)).toBe(await hashOf(first));
  });

  it("makes one folder several times at once", async () => {
    const folder = folderFor("at-once");
    await Promise.all(Array.from({ length: 4 }, () => generateLandmarks(folder, tiny)));
    expect(await hashOf(folder)).toBe(await hashOf(first));
  });

  it("gives a worker thread's error with its code", async () => {
    const folder = folderFor("blocked");
    const file = (await filesIn(first)).find((name) => name.endsWith(".jpg"))!;
    await generateLandmarks(folder, tiny);
    await rm(join(folder, file));
    await mkdir(join(folder, file));
    const error = await generateLandmarks(folder, { ...tiny, workers: 1 }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: "EISDIR", syscall: "rename" });
  });

  it("copies photos at the duplicate rate, cropped or encoded anew, under the same label", async () => {
    const folder = folderFor("duplicates");
    const report = await generateLandmarks(folder, { ...tiny, trainImages: 40, duplicateRate: 0.25 });
    expect(report.duplicates).toBe(10);
    const labelOf = new Map((await rowsOf(folder, "train.csv")).map(([id, , label]) => [id!, label]));
    const pairs = await rowsOf(folder, "train_duplicates.csv");
    expect(pairs).toHaveLength(10);
    for (const [copy, original] of pairs as [string, string][]) {
      expect(labelOf.get(copy)).toBe(labelOf.get(original));
      const [a, b] = await Promise.all([copy, original].map((id) => readFile(imagePath(folder, id))));
      expect(a!.equals(b!)).toBe(false);
      const [small, other] = await Promise.all([a!, b!].map((bytes) => thumbnailOf(bytes)));
      expect(meanDifference(small!, other!)).toBeLessThan(40);
    }
    const ids = pairs.map(([copy]) => copy!);
    const strangers = [...labelOf.keys()].filter((id) => labelOf.get(id) !== labelOf.get(ids[0]!));
    const far = await Promise.all(
      strangers.map(async (id) =>
        meanDifference(
          await thumbnailOf(await readFile(imagePath(folder, id))),
          await thumbnailOf(await readFile(imagePath(folder, ids[0]!))),
        ),
      ),
    );
    expect(Math.max(...far)).toBeGreaterThan(40);
  });

  it("names an option that came later in the manifest only where it is not as before", async () => {
    const recipeIn = async (folder: string): Promise<Record<string, unknown>> =>
      JSON.parse(await readFile(join(folder, "landmarks.json"), "utf8")).recipe;
    const later = ["duplicateRate", "sceneDifficulty"];
    expect(Object.keys(await recipeIn(first)).filter((key) => later.includes(key))).toEqual([]);
    const folder = folderFor("harder");
    await generateLandmarks(folder, { ...tiny, sceneDifficulty: 1 });
    expect(await recipeIn(folder)).toMatchObject({ sceneDifficulty: 1 });
    await expect(generateLandmarks(first, { ...tiny, sceneDifficulty: 1 })).rejects.toThrow(
      "made with `sceneDifficulty` 0.5 instead of 1",
    );
    await expect(generateLandmarks(folder, tiny)).rejects.toThrow(
      "made with `sceneDifficulty` 1 instead of 0.5",
    );
  });

  it("writes JPEG files whose longer side is as asked", async () => {
    for (const file of (await filesIn(first)).filter((name) => name.endsWith(".jpg"))) {
      const { format, width, height } = await sharp(join(first, file)).metadata();
      expect(format).toBe("jpeg");
      expect(Math.max(width, height)).toBe(48);
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(27);
    }
  });

  it("keeps what is there, and makes only what is missing", async () => {
    const folder = folderFor("again");
    const [kept, lost] = (await filesIn(folder)).filter((file) => file.endsWith(".jpg")) as [string, string];
    await utimes(join(folder, kept), 1, 1);
    const lostBytes = await readFile(join(folder, lost));
    await rm(join(folder, lost));
    await rm(join(folder, "test.csv"));
    const progress: number[] = [];
    const report = await generateLandmarks(folder, {
      ...tiny,
      onProgress: ({ done, total }) => progress.push(done, total),
    });
    expect(report.rendered).toBe(1);
    expect(progress).toEqual([30, 30]);
    expect((await stat(join(folder, kept))).mtimeMs).toBe(1000);
    expect(await readFile(join(folder, lost))).toEqual(lostBytes);
    expect(await hashOf(folder)).toBe(await hashOf(first));
  });

  it("stops at a signal, says so, and goes on from there", async () => {
    const folder = folderFor("stopped");
    const controller = new AbortController();
    const reason = new RangeError("enough");
    const stopAtFive = ({ done }: { done: number }): void => {
      if (done === 5) controller.abort(reason);
    };
    await expect(
      generateLandmarks(folder, { ...tiny, signal: controller.signal, onProgress: stopAtFive }),
    ).rejects.toBe(reason);
    expect((await filesIn(folder)).filter((file) => file.endsWith(".csv"))).toEqual([]);
    expect(JSON.parse(await readFile(join(folder, "landmarks.json"), "utf8")).isComplete).toBe(false);
    const report = await generateLandmarks(folder, tiny);
    expect(report.rendered).toBe(30 - 5);
    expect(await hashOf(folder)).toBe(await hashOf(first));
  });

  it("does nothing when the signal was given before", async () => {
    const reason = new RangeError("too late");
    await expect(generateLandmarks(folderFor("never"), { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    await expect(stat(folderFor("never"))).rejects.toThrow("ENOENT");
  });

  it("reports what the folder holds", async () => {
    expect(await generateLandmarks(first, tiny)).toEqual({
      landmarks: 6,
      trainLandmarks: 5,
      images: { train: 16, index: 8, test: 6 },
      wrongLabels: 4,
      duplicates: 0,
      rendered: 0,
      workers: 0,
    });
  });

  it("refuses a folder that was made with other options", async () => {
    await expect(generateLandmarks(first, { ...tiny, noiseRate: 0.5 })).rejects.toThrow(
      new RangeError(
        `generateLandmarks: expected \`folder\` to be empty or made with the same options, got ${first} made with \`noiseRate\` 0.25 instead of 0.5; choose another folder or delete it`,
      ),
    );
  });

  it("refuses a folder with anything else in it, and leaves that alone", async () => {
    const folder = await mkdtemp(join(root, "mine-"));
    await writeFile(join(folder, "train.csv"), "mine");
    await expect(generateLandmarks(folder, tiny)).rejects.toThrow(
      new RangeError(
        `generateLandmarks: expected \`folder\` to be empty or made by it, got ${folder} with train.csv in it; choose another folder or delete it`,
      ),
    );
    expect(await filesIn(folder)).toEqual(["train.csv"]);
  });

  it("refuses a folder whose manifest is broken, of another program or of another renderer", async () => {
    const cases = {
      "{": "whose landmarks.json is not JSON",
      null: "whose landmarks.json is of another program",
      '{"format":"lmk-landmarks","renderer":0}': "made by version 0 of the renderer instead of 1",
    };
    for (const [content, problem] of Object.entries(cases)) {
      const folder = await mkdtemp(join(root, "broken-"));
      await writeFile(join(folder, "landmarks.json"), content);
      await expect(generateLandmarks(folder, tiny)).rejects.toThrow(
        new RangeError(
          `generateLandmarks: expected \`folder\` to be empty or made with the same options, got ${folder} ${problem}; choose another folder or delete it`,
        ),
      );
    }
  });

  it.each<[GenerateOptions, string]>([
    [{ seed: Number.NaN }, "`seed` to be a finite number or a string, got NaN"],
    [{ landmarks: 1 }, "`landmarks` to be an integer from 2 to 200000, got 1"],
    [{ trainImages: 2.5 }, "`trainImages` to be an integer from 1 to 10000000, got 2.5"],
    [{ trainImages: 100 }, "`trainImages` to be at least 200, one right image for each landmark, got 100"],
    [{ indexImages: 0 }, "`indexImages` to be an integer from 1 to 10000000, got 0"],
    [{ testImages: 0 }, "`testImages` to be an integer from 1 to 10000000, got 0"],
    [{ tailExponent: -1 }, "`tailExponent` to be a number from 0 to 4, got -1"],
    [{ noiseRate: 1 }, "`noiseRate` to be a number from 0 to below 1, got 1"],
    [{ distractorRate: -0.1 }, "`distractorRate` to be a number from 0 to below 1, got -0.1"],
    [{ nearDuplicateRate: 0.6 }, "`nearDuplicateRate` to be a number from 0 to 0.5, got 0.6"],
    [{ unseenRate: 1 }, "`unseenRate` to be a number from 0 to below 1, got 1"],
    [{ unseenRate: 0.999 }, "`unseenRate` to be a share that leaves 2 landmarks in the train set, got 0.999"],
    [{ duplicateRate: 1 }, "`duplicateRate` to be a number from 0 to below 1, got 1"],
    [
      { noiseRate: 0.5, duplicateRate: 0.5 },
      "`duplicateRate` to be a share that leaves other images beside the wrong labels, got 0.5",
    ],
    [
      { trainImages: 300, duplicateRate: 0.4 },
      "`trainImages` to be at least 360, one right image for each landmark, got 300",
    ],
    [{ sceneDifficulty: 1.5 }, "`sceneDifficulty` to be a number from 0 to 1, got 1.5"],
    [{ longSide: 16 }, "`longSide` to be an integer from 32 to 2048, got 16"],
    [{ jpegQuality: 100 }, "`jpegQuality` to be an integer from 20 to 95, got 100"],
    [{ countries: [] }, "`countries` to be at least one country code, got none"],
    [{ workers: -1 }, "`workers` to be an integer from 0 to 1024, got -1"],
  ])("refuses %o before it touches the disk", async (options, problem) => {
    const folder = folderFor("refused");
    await expect(generateLandmarks(folder, options)).rejects.toThrow(
      new RangeError(`generateLandmarks: expected ${problem}`),
    );
    await expect(stat(folder)).rejects.toThrow("ENOENT");
  });

  it("refuses a country that it does not know", async () => {
    await expect(generateLandmarks(folderFor("refused"), { countries: ["FR", "XX"] })).rejects.toThrow(
      /^generateLandmarks: expected `countries` to be codes out of AT AU .* ZA, got XX$/,
    );
  });
});
