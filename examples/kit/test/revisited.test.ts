import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRevisited } from "@lmk/data";
import { generateRevisited } from "@lmk/data/landmarks";
import { evaluateRevisited } from "@lmk/eval";
import type { Matrix } from "@lmk/index";
import { readNpy } from "@lmk/index/npy";
import type { Embedder, ImageSource } from "@lmk/models/embedder";
import { type Pixels, resizePixels } from "@lmk/models/images";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EvaluateRevisitedOptions } from "../src/revisited.ts";
import { evaluateRevisitedSet, type RevisitedScores } from "../src/revisited.ts";
import { type RevisitedEmbedderOptions, revisitedScales } from "../src/revisited-embeddings.ts";
import { cutQuery, pixelBox, queryLimit } from "../src/revisited-images.ts";
import { openRunFolder } from "../src/run-folder.ts";

const root = mkdtempSync(join(tmpdir(), "lmk-revisited-"));
const data = join(root, "data");
const counts = {
  landmarks: 3,
  queriesPerLandmark: 2,
  easyPerLandmark: 3,
  hardPerLandmark: 2,
  junkPerLandmark: 1,
};

beforeAll(async () => {
  await generateRevisited(data, { ...counts, distractors: 5, longSide: 64 });
});

afterAll(() => rmSync(root, { recursive: true }));

/** A small picture of the image in gray, its mean taken off, of length 1: as little as tells buildings apart. */
async function embeddingOf(source: ImageSource): Promise<Float32Array> {
  const pixels = source as Pixels;
  const { width, height } = pixels;
  const opened =
    typeof source === "string" ? sharp(source) : sharp(pixels.data, { raw: { width, height, channels: 3 } });
  const small = await opened.greyscale().resize(6, 6, { fit: "fill" }).raw().toBuffer();
  const values = Float32Array.from(small);
  const mean = values.reduce((sum, value) => sum + value, 0) / 36;
  const length = Math.hypot(...values.map((value) => value - mean));
  return values.map((value) => (value - mean) / length);
}

/** An embedder that counts what it is given, and gives the rows of a batch in no order. */
function countingEmbedder(seen: ImageSource[]): Embedder {
  return {
    dimension: 36,
    async *embed(images: AsyncIterable<ImageSource>) {
      const all: ImageSource[] = [];
      for await (const image of images) all.push(image);
      seen.push(...all);
      for (let row = all.length - 1; row >= 0; row--) {
        const embeddings = { data: await embeddingOf(all[row]!), rows: 1, columns: 36 };
        yield { embeddings, rows: Int32Array.of(row), failures: [] };
      }
    },
    dispose: async () => {},
  } as unknown as Embedder;
}

function evaluate(
  run: string,
  seen: ImageSource[],
  changes: Partial<EvaluateRevisitedOptions> = {},
): Promise<RevisitedScores | undefined> {
  return evaluateRevisitedSet({
    run: openRunFolder(join(root, run)),
    folder: data,
    name: "generated",
    network: "gray",
    openEmbedder: async () => countingEmbedder(seen),
    imagesPerPart: 7,
    ...changes,
  });
}

function halfToEven(value: number): number {
  return Number.isInteger(value - 0.5) ? 2 * Math.round(value / 2) : Math.round(value);
}

/** Every image of a table by similarity to each query, the slow way. */
function rankingsOf(queries: Matrix, index: Matrix): number[][] {
  return Array.from({ length: queries.rows }, (_, query) => {
    const scores = Array.from({ length: index.rows }, (__, row) => {
      let sum = 0;
      for (let i = 0; i < 36; i++) sum += queries.data[36 * query + i]! * index.data[36 * row + i]!;
      return sum;
    });
    return [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  });
}

describe("evaluateRevisitedSet", () => {
  it("embeds every image in its row and every query cut to its box, and scores all rankings", async () => {
    const seen: ImageSource[] = [];
    const scores = (await evaluate("first", seen))!;
    expect([scores.images, scores.queries, seen.length]).toEqual([23, 6, 29]);

    const truth = await readRevisited(data, { name: "generated" });
    const index = await readNpy(join(root, "first", "revisited-generated", "index.npy"));
    for (let row = 0; row < 23; row++) {
      expect(index.data.slice(36 * row, 36 * row + 36)).toEqual(await embeddingOf(truth.index.paths.at(row)));
    }
    const queries = await readNpy(join(root, "first", "revisited-generated", "queries.npy"));
    for (let query = 0; query < 6; query++) {
      const [x1, y1, x2, y2] = Array.from(truth.boxes.subarray(4 * query, 4 * query + 4), halfToEven);
      const cut = await sharp(truth.queries.paths.at(query))
        .extract({ left: x1!, top: y1!, width: x2! - x1!, height: y2! - y1! })
        .png()
        .toBuffer();
      const { data: pixels, info } = await sharp(cut).raw().toBuffer({ resolveWithObject: true });
      const own = await embeddingOf({ data: pixels, width: info.width, height: info.height, channels: 3 });
      expect(queries.data.slice(36 * query, 36 * query + 36)).toEqual(own);
    }

    const expected = evaluateRevisited(rankingsOf(queries, index), truth);
    for (const { protocol, meanAveragePrecision, meanPrecisions, queries: scored } of scores.protocols) {
      const report = expected[protocol as "easy"];
      expect(meanAveragePrecision).toBe(report.meanAveragePrecision);
      expect(meanPrecisions).toEqual([...report.meanPrecisions]);
      expect(scored).toBe(6);
    }
    expect(
      JSON.parse(readFileSync(join(root, "first", "revisited-generated-scores", "scores.json"), "utf8")),
    ).toEqual(scores);
    const [easy, , hard] = scores.protocols;
    expect(easy!.meanAveragePrecision).toBeGreaterThan(hard!.meanAveragePrecision);
  });

  it("embeds nothing again, goes on after a part, and begins anew with other settings", async () => {
    const seen: ImageSource[] = [];
    await evaluate("first", seen);
    expect(seen).toEqual([]);
    let opened = 0;
    const failing = async (): Promise<Embedder> => {
      opened += 1;
      const embedder = countingEmbedder(seen);
      return {
        ...embedder,
        embed: (images) => {
          if (seen.length >= 14) throw new Error("power cut");
          return embedder.embed(images);
        },
      };
    };
    await expect(evaluate("cut", seen, { openEmbedder: failing })).rejects.toThrow("power cut");
    expect([opened, seen.length]).toEqual([1, 14]);
    const scores = await evaluate("cut", seen);
    expect(seen.length).toBe(29);
    expect(scores).toEqual(await evaluate("first", []));
    await evaluate("cut", seen, { maxSide: 32 });
    expect(seen.length).toBe(58);
  });

  it("gives the network images of one size one after the other, and says how it is to be opened", async () => {
    let how: RevisitedEmbedderOptions | undefined;
    const seen: ImageSource[] = [];
    await evaluate("how", seen, {
      openEmbedder: async (options) => {
        how = options;
        return countingEmbedder(seen);
      },
    });
    expect([how!.batchSize, how!.autoOrient, how!.normalize]).toEqual([1, false, true]);
    expect(how!.scales).toEqual({
      scales: [Math.SQRT1_2, 1, Math.SQRT2],
      minimumSide: 32,
      sides: "stride",
      alignCorners: true,
      normalize: "none",
    });
    expect(revisitedScales.single.scales).toEqual([1]);
    expect(how!.preprocessing.geometry({ width: 1600, height: 1067 })).toEqual({
      resize: { width: 1024, height: 683 },
    });
    const sizes: string[] = [];
    for (const source of seen) {
      const { width, height } =
        typeof source === "string" ? await sharp(source).metadata() : (source as Pixels);
      sizes.push(`${width} × ${height}`);
    }
    const changes = sizes.filter((size, i) => i > 0 && size !== sizes[i - 1]).length;
    expect(changes).toBe(new Set(sizes).size - 1);
  });

  it("names images that are missing, a set that is, and the way out", async () => {
    const bare = join(root, "bare");
    const truth = {
      imlist: ["a", "b"],
      qimlist: ["q"],
      gnd: [{ bbx: [0, 0, 9, 9], easy: [0], hard: [], junk: [] }],
    };
    await generateRevisited(bare, { ...counts, landmarks: 1, distractors: 0, longSide: 32 });
    writeFileSync(join(bare, "gnd_roxford5k.json"), JSON.stringify(truth));
    await expect(evaluate("bare", [], { folder: bare, name: "roxford5k" })).rejects.toThrow(
      `roxford5k: expected 3 images, got 0; ${join(bare, "jpg", "a.jpg")}: ` +
        `Input file is missing; fetch the set by prepare --download roxford5k --data ${bare}`,
    );
    await expect(evaluate("bare", [], { folder: bare, name: "rparis6k" })).rejects.toThrow(
      `${bare}: expected gnd_rparis6k.pkl or gnd_rparis6k.json, here or in rparis6k/, got none; ` +
        `fetch the set by prepare --download rparis6k --data ${bare}`,
    );
  });

  it("scores the sets with their first labels", async () => {
    const { imlist, qimlist, gnd } = JSON.parse(readFileSync(join(data, "gnd_generated.json"), "utf8"));
    const old = gnd.map(
      ({ bbx, easy, hard, junk }: { bbx: number[]; easy: number[]; hard: number[]; junk: number[] }) => ({
        bbx,
        ok: [...easy, ...hard],
        junk,
      }),
    );
    writeFileSync(join(data, "gnd_paris6k.json"), JSON.stringify({ imlist, qimlist, gnd: old }));
    const scores = (await evaluate("old", [], { name: "paris6k" }))!;
    const medium = (await evaluate("first", []))!.protocols[1]!;
    expect(scores.protocols).toEqual([{ ...medium, protocol: "original" }]);
  });
});

describe("cutQuery", () => {
  const path = join(root, "ramp.png");
  const ramp = Uint8Array.from({ length: 20 * 10 * 3 }, (_, i) => 10 * (Math.floor(i / 3) % 20) + (i % 3));

  beforeAll(async () => {
    await sharp(ramp, { raw: { width: 20, height: 10, channels: 3 } })
      .png()
      .toFile(path);
  });

  it("rounds corners to pixels, halves to the even one, as Pillow does", () => {
    expect(pixelBox([0.5, 1.5, 10.49, 8.51])).toEqual({ left: 0, top: 2, width: 10, height: 7 });
    expect(pixelBox([-0.5, 2.5, 3, 3.5])).toEqual({ left: 0, top: 2, width: 3, height: 2 });
  });

  it("cuts the box out, and is black past the image", async () => {
    const full = { width: 20, height: 10 };
    const inside = await cutQuery(path, { left: 3, top: 2, width: 4, height: 2 }, full, 1024);
    expect([...inside.data.slice(0, 12)]).toEqual([30, 31, 32, 40, 41, 42, 50, 51, 52, 60, 61, 62]);
    const past = await cutQuery(path, { left: 18, top: 8, width: 4, height: 4 }, full, 1024);
    expect([past.width, past.height]).toEqual([4, 4]);
    expect([...past.data.slice(0, 12)]).toEqual([180, 181, 182, 190, 191, 192, 0, 0, 0, 0, 0, 0]);
    expect([...past.data.slice(24)]).toEqual(Array(24).fill(0));
  });

  it("shrinks to the limit, in proportion to the whole image in the later code", async () => {
    const [box, full] = [
      { width: 800, height: 600 },
      { width: 2048, height: 1536 },
    ];
    expect(queryLimit(box, full, { maxSide: 1024, queryCrop: "published" })).toBe(1024);
    expect(queryLimit(box, full, { maxSide: 1024, queryCrop: "head" })).toBe(400);
    expect(
      queryLimit({ width: 3, height: 5 }, { width: 9, height: 7 }, { maxSide: 4, queryCrop: "head" }),
    ).toBe(2);
    const small = await cutQuery(
      path,
      { left: 0, top: 0, width: 20, height: 10 },
      { width: 20, height: 10 },
      8,
    );
    const pixels = { data: ramp, width: 20, height: 10, channels: 3 };
    expect(small).toEqual(resizePixels(pixels, { width: 8, height: 4, kernel: "pillow-lanczos" }));
  });
});
