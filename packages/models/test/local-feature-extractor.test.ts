import "@tensorflow/tfjs-backend-cpu";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createAlike, detectKeypoints, type NamedArrays, sampleDescriptors } from "@lmk/models";
import { loadWeights } from "@lmk/models/checkpoints";
import { type Pixels, resizePixels } from "@lmk/models/images";
import {
  type CompileFunction,
  createLocalFeatureExtractor,
  detectSift,
  type ExtractedImage,
  type ImageLocalFeatures,
  type ImageSource,
  type LocalFeatureExtractor,
} from "@lmk/models/local-features";
import * as tf from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { hashedPixels } from "./images-reference.ts";
import { dotted, network } from "./local-feature-models.ts";

const photos = process.env.LMK_PHOTOS ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));

beforeAll(() => tf.setBackend("cpu"));

/** Soft spots, as SIFT finds them, 12 pixels apart at least. */
function spotted(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  const spots = [
    [30, 24, 4],
    [62, 50, 6],
    [96, 30, 5],
  ] as const;
  for (let place = 0; place < width * height; place++) {
    const [x, y] = [place % width, Math.floor(place / width)];
    const light = spots.reduce(
      (sum, [left, top, sigma]) => sum + Math.exp(-((x - left) ** 2 + (y - top) ** 2) / (2 * sigma ** 2)),
      0,
    );
    data.fill(Math.round(30 + 200 * Math.min(1, light)), 3 * place, 3 * place + 3);
  }
  return { data, width, height, channels: 3 };
}

/** The features of one image. */
async function featuresOf(
  extractor: LocalFeatureExtractor,
  source: ImageSource,
): Promise<ImageLocalFeatures> {
  const images: ExtractedImage[] = [];
  for await (const image of extractor.extract([source])) images.push(image);
  expect(images.map(({ failure }) => failure)).toEqual([undefined]);
  return images[0]!.features!;
}

describe("a network's features", () => {
  const image = dotted(20, 14, [
    [5, 6, 128],
    [12, 8, 255],
  ]);

  it("are the maxima of its scores, best first, with unit descriptors", async () => {
    const extractor = await network();
    const { features, failures } = await extractor.extractAll([image]);
    expect([extractor.dimension, failures, [...features.starts]]).toEqual([3, [], [0, 2]]);
    expect([...features.locations].map((value) => Math.round(1e4 * value) / 1e4)).toEqual([12, 8, 5, 6]);
    const expected = [
      [255 / Math.hypot(255, 3 * 255), 0, 765 / Math.hypot(255, 3 * 255)],
      [128 / Math.hypot(128, 3 * 255), 0, 765 / Math.hypot(128, 3 * 255)],
    ].flat();
    expected.forEach((value, i) => {
      expect(features.descriptors.data[i]).toBeCloseTo(value, 5);
    });
    const { features: one } = await (await network({ limit: 1 })).extractAll([image]);
    expect([...one.locations]).toEqual([...features.locations.subarray(0, 2)]);
  });

  it("are the same when it is compiled, once for each multiple of 32", async () => {
    const shapes: string[] = [];
    const compile: CompileFunction = async (fn, { inputs }) => ({
      async run({ images }) {
        const shape = inputs.images.shape;
        shapes.push(shape.join("×"));
        const { scores, descriptors } = tf.tidy(() => fn({ images: tf.tensor(images!, [...shape]) }).outputs);
        return { scores: { data: await scores!.data() }, descriptors: { data: await descriptors!.data() } };
      },
      dispose: async () => {
        shapes.push("end");
      },
    });
    const images = [image, hashedPixels(5, 32, 33, 3), hashedPixels(6, 9, 31, 3)];
    const compiled = await network({ compile });
    const eager = await network();
    expect(await compiled.extractAll(images)).toEqual(await eager.extractAll(images));
    await compiled.dispose();
    expect(shapes).toEqual(["1×32×32×3", "1×64×32×3", "1×32×32×3", "end", "end"]);
    const tensors = tf.memory().numTensors;
    await eager.dispose();
    expect(tf.memory().numTensors).toBe(tensors - 1);
  });

  it("lie in pixels of the image before it was shrunk", async () => {
    const wide = dotted(60, 30, []);
    // Blocks of 3 × 3 become one pixel each.
    for (let y = 15; y < 18; y++) for (let x = 27; x < 30; x++) wide.data[3 * (60 * y + x)] = 255;
    const { features } = await (await network({ maxSide: 20 })).extractAll([wide]);
    expect(features.locations[0]).toBeCloseTo(28, 4);
    expect(features.locations[1]).toBeCloseTo(16, 4);
    expect((await (await network({ maxSide: 60 })).extractAll([image])).features).toEqual(
      (await (await network()).extractAll([image])).features,
    );
  });

  const file = join(photos, "weights/alike-t.pth");
  const photo = join(photos, "smvs-landmarks/query/001.jpg");
  it.skipIf(!existsSync(file) || !existsSync(photo))(
    "are ALIKE's of a photo (skipped where LMK_PHOTOS has no weights)",
    async () => {
      const model = createAlike("alike-t");
      const limit = 200;
      const extractor = await createLocalFeatureExtractor({
        method: { kind: "network", model, weights: file, threshold: 0.05 },
        limit,
        maxSide: 72,
      });
      const shown = await featuresOf(extractor, photo);
      const { data, info } = await sharp(photo).autoOrient().raw().toBuffer({ resolveWithObject: true });
      const scale = 72 / Math.max(info.width, info.height);
      const [width, height] = [Math.round(info.width * scale), Math.round(info.height * scale)];
      const pixels = { data, width: info.width, height: info.height, channels: 3 };
      const small = resizePixels(pixels, { width, height, kernel: "opencv-area" });
      const arrays: NamedArrays = await loadWeights(model, file);
      const [scores, descriptors] = tf.tidy(() => {
        const parameters = Object.fromEntries(
          Object.entries(arrays).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
        );
        const input = tf.tensor4d(
          Float32Array.from(small.data, (byte) => byte / 255),
          [1, height, width, 3],
        );
        const maps = model.apply(parameters, input);
        return [maps.scores.dataSync<"float32">(), maps.descriptors.dataSync<"float32">()] as const;
      });
      const found = detectKeypoints({ scores, height, width }, { threshold: 0.05, limit });
      const map = { descriptors, height, width, dimension: 64 };
      expect(found.scores.length).toBeGreaterThan(20);
      expect([...shown.scores]).toEqual([...found.scores]);
      const places = found.points.map(
        (value, i) => ((value + 0.5) * [info.width, info.height][i % 2]!) / [width, height][i % 2]! - 0.5,
      );
      shown.points.forEach((value, i) => {
        expect(value).toBeCloseTo(places[i]!, 3);
      });
      sampleDescriptors(map, found.points).data.forEach((value, i) => {
        if (Math.abs(value - shown.descriptors.data[i]!) > 1e-5) expect.fail(`descriptor value ${i}`);
      });
    },
  );
});

describe("SIFT's features", () => {
  const image = spotted(128, 80);

  it("are those of detectSift", async () => {
    const extractor = await createLocalFeatureExtractor({ method: { kind: "sift" }, limit: 2 });
    const shown = await featuresOf(extractor, image);
    const expected = detectSift(image, { limit: 2 });
    expect(extractor.dimension).toBe(128);
    expect([...shown.points]).toEqual([...expected.points]);
    expect([...shown.scores]).toEqual([...expected.responses]);
    expected.descriptors.data.forEach((value, i) => {
      expect(shown.descriptors.data[i]).toBeCloseTo(value, 6);
    });
  });

  it("stay where they are when images are shrunk", async () => {
    const extractor = await createLocalFeatureExtractor({
      method: { kind: "sift", upright: true },
      limit: 3,
      maxSide: 80,
    });
    const { features } = await extractor.extractAll([image]);
    const places = Array.from({ length: 3 }, (_, i) => [...features.locations.subarray(2 * i, 2 * i + 2)]);
    const sorted = places.sort(([a], [b]) => a! - b!).flat();
    [30, 24, 62, 50, 96, 30].forEach((value, i) => {
      expect(Math.abs(sorted[i]! - value)).toBeLessThan(1);
    });
  });
});
