import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Pixels, resizePixels } from "@lmk/models/images";
import {
  createLocalFeatureExtractor,
  type ExtractedImages,
  type LocalFeatureExtractorOptions,
  type OnnxFeatures,
} from "@lmk/models/local-features";
import { describe, expect, it } from "vitest";
import { painted } from "./embedder-models.ts";
import { hashedPixels } from "./images-reference.ts";

const fileOf = (name: string, folder = "local-feature-files"): string =>
  fileURLToPath(new URL(`./${folder}/${name}.onnx`, import.meta.url));

type Method = Omit<OnnxFeatures, "kind">;

async function extract(
  images: readonly Pixels[],
  method: Method,
  options: Omit<LocalFeatureExtractorOptions, "method"> = {},
): Promise<ExtractedImages> {
  const extractor = await createLocalFeatureExtractor({ method: { kind: "onnx", ...method }, ...options });
  const found = await extractor.extractAll(images);
  await extractor.dispose();
  return found;
}

/** x, y and color of the pixels with the most of a value, of equal ones the first. */
function brightest(image: Pixels, count: number, value: (color: readonly number[]) => number) {
  const { data, width, height } = image;
  return Array.from({ length: width * height }, (_, place) => {
    const color = [...data.subarray(3 * place, 3 * place + 3)].map((byte) => byte / 255);
    return { place, x: place % width, y: Math.floor(place / width), color };
  })
    .sort((a, b) => value(b.color) - value(a.color) || a.place - b.place)
    .slice(0, count);
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-5);
  });
}

const photos = [hashedPixels(1, 9, 7, 3), hashedPixels(2, 5, 12, 3)];
const red = ([value]: readonly number[]): number => value!;

describe("an ONNX file gives features", () => {
  it("with whole numbers as points, and descriptors in columns", async () => {
    const { features, failures } = await extract(
      photos,
      { onnx: new Uint8Array(readFileSync(fileOf("whole-points"))) },
      { limit: 3, normalize: false },
    );
    const expected = photos.flatMap((photo) => brightest(photo, 3, red));
    expect(failures).toEqual([]);
    expect([...features.starts]).toEqual([0, 3, 6]);
    expectClose(
      features.locations,
      expected.flatMap(({ x, y }) => [x, y]),
    );
    expectClose(
      features.descriptors.data,
      expected.flatMap(({ color }) => color),
    );
    expect([features.descriptors.rows, features.descriptors.columns]).toEqual([6, 3]);
  });

  it("with normalized points, descriptors in rows, and a value for its other input", async () => {
    const { features } = await extract(photos, {
      onnx: fileOf("normalized-points"),
      feeds: { top_k: 5 },
      coordinates: "normalized",
    });
    const expected = photos.flatMap((photo) => brightest(photo, 5, red));
    expectClose(
      features.locations,
      expected.flatMap(({ x, y }) => [x, y]),
    );
    expectClose(
      features.descriptors.data,
      expected.flatMap(({ color }) => color.map((value) => value / Math.hypot(...color))),
    );
  });

  it("of gray images of one size, without scores", async () => {
    const photo = hashedPixels(3, 10, 6, 3);
    const { features } = await extract([photo], { onnx: fileOf("gray") }, { normalize: false });
    const small = resizePixels(photo, { width: 8, height: 5, kernel: "opencv-area" });
    const gray = ([r, g, b]: readonly number[]): number => 0.299 * r! + 0.587 * g! + 0.114 * b!;
    const expected = brightest(small, 2, gray);
    expectClose(
      features.locations,
      expected.flatMap(({ x, y }) => [(x + 0.5) * (10 / 8) - 0.5, (y + 0.5) * (6 / 5) - 0.5]),
    );
    expectClose(
      features.descriptors.data,
      expected.flatMap(({ color }) => [gray(color), gray(color), gray(color)]),
    );
  });

  it("with less a mean and a deviation", async () => {
    const [photo] = photos;
    const options = { mean: [0.5, 0.25, 0], std: [0.5, 0.25, 0.125] } as const;
    const { features } = await extract(
      [photo!],
      { onnx: fileOf("whole-points"), ...options },
      { limit: 1, normalize: false },
    );
    const { color } = brightest(photo!, 1, red)[0]!;
    const expected = color.map((value, c) => (value - options.mean[c]!) / options.std[c]!);
    expectClose(features.descriptors.data, expected);
  });

  it("by maps, the descriptors at half the size", async () => {
    const image = painted([0, 0, 255], 16, 12);
    image.data[3 * (5 * 16 + 9)] = 255;
    const { features } = await extract([image], { onnx: fileOf("maps"), multiple: 8 });
    // 9, 5 lies at 4.25, 2.25 of the map, whose place 4, 2 has the colors 0.25, 0, 1 and the others 0, 0, 1.
    const length = Math.hypot(0.25, 1);
    const vector = [(0.5625 * 0.25) / length, 0, 0.5625 / length + 0.4375];
    expectClose(features.locations, [9, 5]);
    expectClose(
      features.descriptors.data,
      vector.map((value) => value / Math.hypot(...vector)),
    );
  });

  it("on the image only, where it is padded", async () => {
    // All are as red, so the first four pixels of the padded image are found, two of them outside.
    const black = painted([0, 0, 0], 2, 5);
    const { features } = await extract([black], { onnx: fileOf("whole-points"), multiple: 8 });
    expect([...features.locations]).toEqual([0, 0, 1, 0]);
    const { features: none } = await extract([black], {
      onnx: fileOf("whole-points"),
      multiple: 8,
      threshold: 0,
    });
    expect([none.descriptors.rows, none.descriptors.columns, ...none.starts]).toEqual([0, 3, 0, 0]);
  });

  it("of the outputs that are named", async () => {
    const outputs = { points: "keypoints", descriptors: "descriptors" };
    const method = { onnx: fileOf("whole-points"), outputs, input: "image", channels: 3 } as const;
    const { features } = await extract(photos, { ...method, layout: "NCHW" });
    const { features: all } = await extract(photos, { onnx: fileOf("whole-points") });
    expect(features).toEqual(all);
  });
});

describe("an ONNX file", () => {
  it("that fails at one image goes on with the next", async () => {
    const { features, failures } = await extract([photos[0]!, painted([1, 2, 3], 1, 1), photos[1]!], {
      onnx: fileOf("whole-points"),
      session: { logSeverityLevel: 4 },
    });
    expect([...features.starts]).toEqual([0, 4, 4, 8]);
    expect(failures).toEqual([{ row: 1, message: expect.stringMatching(/^The network failed: .*TopK/) }]);
  });

  it.each<[string, Method, string]>([
    [
      "whose features its shapes do not tell",
      { onnx: fileOf("free", "embedder-files") },
      "`outputs` to name the features, got none, of embedding [N, 4] of float32, best [N, 1] of int64, sums [] of float32, map [N, 3, H, W] of float32",
    ],
    [
      "without the output that is named",
      { onnx: fileOf("maps"), outputs: { points: "keypoints", descriptors: "feats" } },
      "`outputs.points` to be one of heatmap, feats, got keypoints",
    ],
    [
      "whose other input has no value",
      { onnx: fileOf("normalized-points") },
      "`feeds` to have the input top_k, got none",
    ],
    [
      "without the input that is fed",
      { onnx: fileOf("maps"), feeds: { top_k: 5 } },
      "`feeds` to name other inputs, got top_k",
    ],
    [
      "without the input that is named",
      { onnx: fileOf("maps"), input: "x" },
      "`input` to be one of image, got x",
    ],
    [
      "of gray images as one of colors",
      { onnx: fileOf("gray"), channels: 3 },
      "an input of shape [1, 1 or 3, H, W], got [1, 1, 6, 8]",
    ],
    [
      "of three images",
      { onnx: fileOf("three-images", "embedder-files") },
      "an input of shape [1, 1 or 3, H, W], got [3, 3, H, W]",
    ],
    [
      "of bytes",
      { onnx: fileOf("bytes", "embedder-files"), input: "images" },
      "the input images to be float32, got uint8",
    ],
    [
      "with sides of no multiple",
      { onnx: fileOf("maps"), multiple: 0 },
      "`multiple` to be a whole number above 0, got 0",
    ],
  ])("%s is refused", async (_, method, message) => {
    await expect(extract([], method)).rejects.toThrow(
      new RangeError(`createLocalFeatureExtractor: expected ${message}`),
    );
  });

  it.each<[string, Method, string]>([
    [
      "points",
      { onnx: fileOf("whole-points"), outputs: { points: "descriptors", descriptors: "descriptors" } },
      "the output for points to have shape [1, N, 2], got [1, 3, 4]",
    ],
    [
      "descriptors",
      { onnx: fileOf("whole-points"), outputs: { points: "keypoints", descriptors: "scores" } },
      "the output for descriptors to have shape [1, 4, D], got [1, 4]",
    ],
    [
      "scores",
      {
        onnx: fileOf("whole-points"),
        outputs: { points: "keypoints", scores: "keypoints", descriptors: "descriptors" },
      },
      "the output for scores to have shape [1, 4], got [1, 4, 2]",
    ],
    [
      "a score map",
      { onnx: fileOf("maps"), outputs: { scoreMap: "feats", descriptorMap: "feats" } },
      "the output for scoreMap to have shape [1, 1, 7, 9], got [1, 3, 3, 4]",
    ],
    [
      "a descriptor map",
      { onnx: fileOf("maps") },
      "the output for descriptorMap to have shape [1, D, 7 / s, 9 / s], got [1, 3, 3, 4]",
    ],
  ])("is refused when it gives %s of another shape", async (_, method, message) => {
    await expect(extract(photos, method)).rejects.toThrow(new RangeError(`extract: expected ${message}`));
  });
});
