import "@tensorflow/tfjs-backend-cpu";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createLocalFeatureExtractor,
  type ExtractedImage,
  type LocalFeatureExtractorOptions,
} from "@lmk/models/local-features";
import * as tf from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { painted } from "./embedder-models.ts";
import { colors, dotted, network, weights } from "./local-feature-models.ts";

const folder = mkdtempSync(join(tmpdir(), "lmk-local-features-"));

beforeAll(() => tf.setBackend("cpu"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a stream of images", () => {
  it("is worked on in its order, with what fails in its place", async () => {
    const good = join(folder, "good.png");
    const dots = dotted(24, 16, [[9, 7, 255]]);
    await sharp(dots.data, { raw: { width: 24, height: 16, channels: 3 } })
      .png()
      .toFile(good);
    const gone = join(folder, "gone.png");
    const gray = { data: new Uint8Array(16), width: 4, height: 4, channels: 1 };
    const turned = await sharp(good)
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
      .toBuffer();
    const sources = [
      good,
      gone,
      new Uint8Array(7),
      dots,
      gray,
      sharp(good),
      painted([0, 0, 0], 1, 1),
      turned,
    ];
    const done: number[] = [];
    const extractor = await network();
    const found: ExtractedImage[] = [];
    for await (const image of extractor.extract(sources, { onProgress: (count) => done.push(count) })) {
      found.push(image);
    }
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(found.map(({ row }) => row)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(found.flatMap(({ failure }) => failure ?? [])).toEqual([
      { row: 1, path: gone, message: "Input file is missing" },
      { row: 2, message: "Input buffer contains unsupported image format" },
      { row: 4, message: "extract: expected `channels` to be 3, got 1" },
    ]);
    expect(
      [0, 3, 5].map((row) => [...found[row]!.features!.points].map((value) => +value.toFixed(4))),
    ).toEqual([
      [9, 7],
      [9, 7],
      [9, 7],
    ]);
    expect([...found[6]!.features!.points]).toEqual([]);
    // Turned to the right: 24 × 16 becomes 16 × 24, and 9, 7 becomes 15 - 7, 9.
    expect([...found[7]!.features!.points.subarray(0, 2)].map(Math.round)).toEqual([8, 9]);

    const { features, failures } = await extractor.extractAll(sources);
    expect([...features.starts]).toEqual([0, 1, 1, 1, 2, 2, 3, 3, features.descriptors.rows]);
    expect(failures.map(({ row }) => row)).toEqual([1, 2, 4]);
    const { features: none } = await extractor.extractAll([gone]);
    expect([none.descriptors.rows, none.descriptors.columns, ...none.starts]).toEqual([0, 3, 0, 0]);
  });

  it("ends with its signal, and after the extractor is disposed", async () => {
    const extractor = await network();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(extractor.extractAll([painted([1, 2, 3])], { signal })).rejects.toThrow("enough");
    await extractor.dispose();
    await extractor.dispose();
    await expect(extractor.extractAll([painted([1, 2, 3])])).rejects.toThrow(
      new RangeError("extract: expected the extractor to be in use, got a disposed one"),
    );
  });

  it("is refused where it is none", async () => {
    const extractor = await network();
    await expect(extractor.extractAll("photo.jpg")).rejects.toThrow(
      new TypeError("extract: expected `images` to be a list or a stream of images, got one string"),
    );
    await expect(extractor.extractAll([7 as unknown as string])).rejects.toThrow(
      new TypeError(
        "extract: expected `images` to hold paths, bytes, sharp objects or pixels, got Number at 0",
      ),
    );
  });
});

describe("an extractor is refused", () => {
  const sift = { kind: "sift" } as const;
  it.each<[LocalFeatureExtractorOptions, string]>([
    [{ method: sift, limit: 0 }, "`limit` to be a whole number above 0, got 0"],
    [{ method: sift, maxSide: 0.5 }, "`maxSide` to be a whole number above 0, got 0.5"],
    [{ method: sift, concurrency: -1 }, "`concurrency` to be a whole number above 0, got -1"],
    [{ method: { kind: "orb" as "sift" } }, "`method.kind` to be one of sift, network, onnx, got orb"],
    [
      { method: { kind: "network", model: colors, weights: {} } },
      "`weights` to have factor of shape [3], got none",
    ],
    [
      { method: { kind: "network", model: colors, weights, threshold: 2 } },
      "`threshold` to be between 0 and 1, got 2",
    ],
    [
      { method: { kind: "network", model: colors, weights, multiple: 0 } },
      "`multiple` to be a whole number above 0, got 0",
    ],
  ])("for %j", async (options, message) => {
    await expect(createLocalFeatureExtractor(options)).rejects.toThrow(
      new RangeError(`createLocalFeatureExtractor: expected ${message}`),
    );
  });

  it("for options that SIFT refuses", async () => {
    await expect(createLocalFeatureExtractor({ method: { kind: "sift", sigma: 0 } })).rejects.toThrow(
      new RangeError("detectSift: expected `sigma` to be a finite number above 0, got 0"),
    );
  });
});
