import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openGldv2 } from "@lmk/data";
import { generateLandmarks, writeContactSheet } from "@lmk/data/landmarks";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let root: string;
let folder: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "lmk-sheet-"));
  folder = join(root, "set");
  await generateLandmarks(folder, {
    landmarks: 5,
    trainImages: 30,
    indexImages: 12,
    testImages: 10,
    noiseRate: 0.3,
    distractorRate: 0.4,
    unseenRate: 0,
    longSide: 48,
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Pixels {
  readonly width: number;
  readonly height: number;
  at(x: number, y: number): readonly number[];
}

async function readPixels(file: string): Promise<Pixels> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { width, height, at: (x, y) => [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)] };
}

/** The red tiles of a line, by column; a tile is 30 wide with a gap of 4, the first at 190, 22. */
function redColumns(pixels: Pixels, line: number, columns: number): number[] {
  return Array.from({ length: columns }, (_, column) => column).filter((column) => {
    const [red, green, blue] = pixels.at(190 + 34 * column + 1, 22 + 34 * line + 1);
    return red! > 200 && green! < 40 && blue! < 40;
  });
}

describe("writeContactSheet", () => {
  it("shows a line for each landmark and one for queries without any", async () => {
    const file = join(root, "sheet.png");
    await writeContactSheet(folder, file, { imagesPerSplit: 2, tileSide: 30 });
    const { width, height } = await readPixels(file);
    expect([width, height]).toEqual([190 + 6 * 34, 22 + 6 * 34]);
  });

  it("frames in red the train images that are not in train_clean.csv", async () => {
    const file = join(root, "wide.png");
    await writeContactSheet(folder, file, { imagesPerSplit: 30, tileSide: 30 });
    const pixels = await readPixels(file);
    const { train, clean } = await openGldv2(folder);
    const isClean = new Set(clean);
    const groups = new Map<number, boolean[]>();
    for (const [row, id] of train.landmarkIds.entries())
      groups.set(id, [...(groups.get(id) ?? []), !isClean.has(row)]);
    const expected = [...groups]
      .sort((a, b) => b[1].length - a[1].length || a[0] - b[0])
      .map(([, wrong]) => wrong.flatMap((isWrong, i) => (isWrong ? [i] : [])));
    expect(expected.flat()).toHaveLength(9);
    expect(expected.map((_, line) => redColumns(pixels, line, 90))).toEqual(expected);
  });

  it("takes landmarks from the most to the least photographed", async () => {
    const file = join(root, "few.jpg");
    await writeContactSheet(folder, file, { landmarks: 2, imagesPerSplit: 8, tileSide: 30 });
    const { height, at } = await readPixels(file);
    expect(height).toBe(22 + 3 * 34);
    const { train } = await openGldv2(folder);
    const counts = [...new Set(train.landmarkIds)].map(
      (id) => train.landmarkIds.filter((other) => other === id).length,
    );
    const isPaper = (column: number, line: number): boolean =>
      at(190 + 34 * column + 10, 22 + 34 * line + 10).every((value) => value > 248);
    const shown = (line: number): number => [0, 1, 2, 3, 4, 5, 6, 7].filter((i) => !isPaper(i, line)).length;
    expect([shown(0), shown(1)]).toEqual([Math.min(8, Math.max(...counts)), Math.min(...counts)]);
  });

  it("does without the tables of names and without solutions", async () => {
    const bare = await mkdtemp(join(root, "bare-"));
    await generateLandmarks(join(bare, "set"), {
      landmarks: 3,
      trainImages: 9,
      indexImages: 3,
      testImages: 2,
      longSide: 32,
      unseenRate: 0,
    });
    for (const table of [
      "train_label_to_category.csv",
      "train_label_to_country.csv",
      "recognition_solution_v2.1.csv",
      "retrieval_solution_v2.1.csv",
      "train_clean.csv",
    ])
      await rm(join(bare, "set", table));
    await writeContactSheet(join(bare, "set"), join(bare, "sheet.png"), { tileSide: 30 });
    expect((await readPixels(join(bare, "sheet.png"))).height).toBe(22 + 3 * 34);
  });

  it.each([
    [{ landmarks: 0 }, "`landmarks` to be an integer >= 1, got 0"],
    [{ imagesPerSplit: 1.5 }, "`imagesPerSplit` to be an integer >= 1, got 1.5"],
    [{ tileSide: 8 }, "`tileSide` to be an integer from 16 to 1024, got 8"],
  ])("refuses %o", async (options, problem) => {
    await expect(writeContactSheet(folder, join(root, "no.png"), options)).rejects.toThrow(
      new RangeError(`writeContactSheet: expected ${problem}`),
    );
    await expect(readFile(join(root, "no.png"))).rejects.toThrow("ENOENT");
  });

  it("refuses a broken table by its line", async () => {
    const broken = await mkdtemp(join(root, "broken-"));
    await writeFile(join(broken, "train.csv"), "id,url,landmark_id\nzz,,1\n");
    for (const table of ["index.csv", "test.csv"])
      await writeFile(join(broken, table), "id\n0123456789abcdef\n");
    await expect(writeContactSheet(broken, join(root, "no.png"))).rejects.toThrow("train.csv:2");
  });
});
