import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Pixels, resizePixels } from "@lmk/models/images";
import { type DetectSiftOptions, detectSift, type SiftFeatures } from "@lmk/models/local-features";
import { describe, expect, it } from "vitest";
import { type Drawing, drawn } from "./sift-images.ts";

interface Golden {
  readonly name: string;
  readonly image: Drawing;
  readonly options: Readonly<Record<string, number>>;
  readonly sha256: string;
  /** x, y, size, angle and response of each feature. */
  readonly features: readonly (readonly number[])[];
  readonly every: number;
  readonly descriptors: readonly (readonly number[])[];
}

const goldens: readonly Golden[] = JSON.parse(
  readFileSync(new URL("./golden/sift.json", import.meta.url), "utf8"),
).cases;

function optionsOf({ options, features }: Golden): DetectSiftOptions {
  return {
    limit: options.nfeatures ?? features.length + 100,
    octaveLayers: options.nOctaveLayers ?? 3,
    contrastThreshold: options.contrastThreshold ?? 0.04,
    edgeThreshold: options.edgeThreshold ?? 10,
    sigma: options.sigma ?? 1.6,
  };
}

function rowsOf({ points, sizes, angles, responses }: SiftFeatures): number[][] {
  return Array.from(sizes, (size, i) => [
    points[2 * i]!,
    points[2 * i + 1]!,
    size,
    angles[i]!,
    responses[i]!,
  ]);
}

const turn = (a: number, b: number) => Math.abs(((a - b + 540) % 360) - 180);

/** How far a feature may be from another: pixels, part of the size, degrees. */
interface Near {
  readonly pixels: number;
  readonly size: number;
  readonly degrees: number;
}

/** The position in `others` of a feature, or -1. */
function positionOf(feature: readonly number[], others: readonly (readonly number[])[], near: Near): number {
  const [x, y, size, angle] = feature as [number, number, number, number];
  return others.findIndex(
    (other) =>
      Math.hypot(other[0]! - x, other[1]! - y) < near.pixels &&
      Math.abs(other[2]! / size - 1) < near.size &&
      turn(other[3]!, angle) < near.degrees,
  );
}

function rowOf({ descriptors }: SiftFeatures, row: number): Float32Array {
  return descriptors.data.subarray(128 * row, 128 * (row + 1));
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [product, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    squareA += a[i]! ** 2;
    squareB += b[i]! ** 2;
  }
  return product / Math.sqrt(squareA * squareB);
}

const nothing: SiftFeatures = {
  points: new Float32Array(),
  sizes: new Float32Array(),
  angles: new Float32Array(),
  responses: new Float32Array(),
  descriptors: { data: new Float32Array(), rows: 0, columns: 128 },
};

const missingIn = (
  features: readonly (readonly number[])[],
  others: readonly (readonly number[])[],
  near: Near,
) => features.filter((feature) => positionOf(feature, others, near) < 0);

const gray = drawn(goldens[0]!.image);
const everything: DetectSiftOptions = { limit: 10_000 };

describe("SIFT beside OpenCV's", () => {
  const near = { pixels: 1e-3, size: 1e-4, degrees: 0.1 };

  it.each(goldens)("finds the same features, and none besides: $name", (golden) => {
    const image = drawn(golden.image);
    expect(createHash("sha256").update(image.data).digest("hex")).toBe(golden.sha256);
    const found = rowsOf(detectSift(image, optionsOf(golden)));
    expect(missingIn(golden.features, found, near)).toEqual([]);
    expect(missingIn(found, golden.features, near)).toEqual([]);
    expect(found.length).toBe(golden.features.length);
    for (const feature of golden.features) {
      expect(found[positionOf(feature, found, near)]![4]).toBeCloseTo(feature[4]!, 6);
    }
  });

  it.each(goldens)("describes them by the same numbers, up to a rounding: $name", (golden) => {
    const found = detectSift(drawn(golden.image), { ...optionsOf(golden), normalization: "opencv" });
    const rows = rowsOf(found);
    const unequal = golden.descriptors.map((expected, i) => {
      const row = positionOf(golden.features[i * golden.every]!, rows, near);
      const actual = found.descriptors.data.subarray(128 * row, 128 * (row + 1));
      expect(Math.max(...expected.map((value, j) => Math.abs(value - actual[j]!)))).toBeLessThanOrEqual(1);
      return expected.filter((value, j) => value !== actual[j]).length;
    });
    expect(unequal.filter((count) => count > 0).length).toBeLessThanOrEqual(2);
  });
});

describe("SIFT", () => {
  it("gives a blob its middle and its size", () => {
    const [deviation, k] = [3, 2 ** (1 / 3)];
    const data = Uint8Array.from({ length: 64 * 64 }, (_, i) => {
      const square = ((i % 64) - 30) ** 2 + (Math.floor(i / 64) - 25) ** 2;
      return 20 + 200 * Math.exp(-square / (2 * deviation ** 2));
    });
    const [x, y, size] = rowsOf(
      detectSift({ data, width: 64, height: 64, channels: 1 }, { upright: true }),
    )[0]!;
    // OpenCV's quarter of a pixel; and 1/(S + k²σ²) - 1/(S + σ²), S = deviation² - 0.5², is lowest at σ² = S / k.
    expect(x! - 30).toBeCloseTo(0.25, 1);
    expect(y! - 25).toBeCloseTo(0.25, 1);
    const expected = 2 * Math.sqrt((deviation ** 2 - 0.25) / k);
    expect(Math.abs(size! / expected - 1)).toBeLessThan(0.01);
  });

  it("turns with the image", () => {
    const { width, height } = gray;
    const turned: Pixels = {
      data: new Uint8Array(width * height),
      width: height,
      height: width,
      channels: 1,
    };
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) turned.data[x * height + height - 1 - y] = gray.data[y * width + x]!;
    }
    const [before, after] = [detectSift(gray, everything), detectSift(turned, everything)];
    const expected = rowsOf(before).map(([x, y, size, angle]) => [height - 0.5 - y!, x!, size!, angle! + 90]);
    const rows = rowsOf(after);
    const cosines = expected.flatMap((feature, i) => {
      const position = positionOf(feature, rows, { pixels: 0.5, size: 0.1, degrees: 5 });
      return position < 0 ? [] : [cosine(rowOf(before, i), rowOf(after, position))];
    });
    // Octaves after the first keep every second pixel, which are others when the image is turned.
    expect(cosines.length / expected.length).toBeGreaterThan(0.9);
    expect(Math.min(...cosines)).toBeGreaterThan(0.98);
  });

  it("grows with the image", () => {
    const { width, height } = gray;
    const large = resizePixels(gray, { width: 2 * width, height: 2 * height, kernel: "opencv-linear" });
    // Smaller features differ: the blur that a photo is taken to have does not grow with it.
    const features = rowsOf(detectSift(gray, everything)).filter((row) => row[2]! > 4);
    const near = { pixels: 1, size: 0.1, degrees: 5 };
    for (const doubled of [true, false]) {
      const shift = doubled ? 0.25 : 0;
      const expected = features.map(([x, y, size, angle]) => [
        2 * x! + shift,
        2 * y! + shift,
        2 * size!,
        angle!,
      ]);
      const rows = rowsOf(detectSift(large, { ...everything, doubled }));
      expect(missingIn(expected, rows, near).length / expected.length).toBeLessThan(0.2);
    }
  });

  it("keeps the best, the best first", () => {
    const all = detectSift(gray, everything);
    const some = detectSift(gray, { limit: 17 });
    expect([...all.responses]).toEqual([...all.responses].sort((a, b) => b - a));
    expect([some.points.length, some.sizes.length, some.angles.length]).toEqual([34, 17, 17]);
    expect(some.points).toEqual(all.points.slice(0, 34));
    expect(some.angles).toEqual(all.angles.slice(0, 17));
    expect(some.descriptors).toEqual({
      data: all.descriptors.data.slice(0, 17 * 128),
      rows: 17,
      columns: 128,
    });
    expect(detectSift(gray)).toEqual(all);
    expect(new Set(rowsOf(all).map(String)).size).toBe(all.sizes.length);
    expect(all.angles.every((angle) => angle >= 0 && angle < 360)).toBe(true);
  });

  it("is upright where that is asked for: each place once, without a direction", () => {
    const places = (features: SiftFeatures) =>
      new Set(rowsOf(features).map(([x, y, size]) => `${x} ${y} ${size}`));
    const upright = detectSift(gray, { ...everything, upright: true });
    expect(upright.angles.every((angle) => angle === 0)).toBe(true);
    expect(places(upright)).toEqual(places(detectSift(gray, everything)));
    expect(upright.sizes.length).toBe(places(upright).size);
  });

  it("has three forms of one descriptor", () => {
    const [root, l2, whole] = (["root", "l2", "opencv"] as const).map((normalization) =>
      detectSift(gray, { normalization }),
    ) as [SiftFeatures, SiftFeatures, SiftFeatures];
    expect(detectSift(gray)).toEqual(root);
    const largest = { unit: 0, root: 0, whole: 0 };
    for (let row = 0; row < l2.sizes.length; row++) {
      const unit = rowOf(l2, row);
      const [sum, squares] = [unit.reduce((a, b) => a + b), unit.reduce((a, b) => a + b * b, 0)];
      largest.unit = Math.max(largest.unit, Math.abs(squares - 1));
      unit.forEach((value, i) => {
        const [rooted, rounded] = [rowOf(root, row)[i]!, rowOf(whole, row)[i]!];
        largest.root = Math.max(largest.root, Math.abs(rooted - Math.sqrt(value / sum)));
        largest.whole = Math.max(largest.whole, Math.abs(rounded - Math.min(255, 512 * value)));
      });
    }
    expect(largest.unit).toBeLessThan(1e-6);
    expect(largest.root).toBeLessThan(1e-6);
    expect(largest.whole).toBeLessThan(0.50001);
    expect(whole.descriptors.data.every(Number.isInteger)).toBe(true);
  });

  it("reads gray as OpenCV does, and no alpha", () => {
    const { data, width, height } = drawn(goldens[2]!.image);
    const area = width * height;
    const alpha = new Uint8Array(4 * area).map((_, i) =>
      i % 4 === 3 ? i % 251 : data[3 * (i >> 2) + (i % 4)]!,
    );
    const one = Uint8Array.from({ length: area }, (_, i) =>
      Math.floor((9798 * data[3 * i]! + 19235 * data[3 * i + 1]! + 3735 * data[3 * i + 2]!) / 32768 + 0.5),
    );
    const features = detectSift({ data, width, height, channels: 3 });
    expect(features.sizes.length).toBe(goldens[2]!.features.length);
    expect(detectSift({ data: alpha, width, height, channels: 4 })).toEqual(features);
    expect(detectSift({ data: one, width, height, channels: 1 })).toEqual(features);
  });

  it.each([
    [1, 1],
    [8, 8],
    [1, 40],
    [40, 2],
    [3, 3],
  ])("finds nothing in %i × %i pixels", (width, height) => {
    const data = Uint8Array.from({ length: width * height }, (_, i) => (i * 97) % 256);
    expect(detectSift({ data, width, height, channels: 1 })).toEqual(nothing);
  });

  it("finds nothing where all is one value", () => {
    const data = new Uint8Array(64 * 48).fill(200);
    expect(detectSift({ data, width: 64, height: 48, channels: 1 })).toEqual(nothing);
    expect(detectSift({ data, width: 64, height: 48, channels: 1 }, { contrastThreshold: 0 })).toEqual(
      nothing,
    );
  });

  it("runs the example of its documentation", () => {
    const data = new Uint8Array(32 * 32);
    for (let i = 0; i < data.length; i++) {
      const square = ((i % 32) - 14) ** 2 + (Math.floor(i / 32) - 17) ** 2;
      data[i] = 255 * Math.exp(-square / 18);
    }
    const { points, descriptors } = detectSift(
      { data, width: 32, height: 32, channels: 1 },
      { upright: true },
    );
    expect([...points].map(Math.round)).toEqual([14, 17]);
    expect(descriptors.rows).toBe(1);
  });
});

describe("SIFT refuses", () => {
  const image: Pixels = { data: new Uint8Array(48), width: 4, height: 4, channels: 3 };
  const call =
    (change: object, options: object = {}) =>
    () =>
      detectSift({ ...image, ...change }, options);

  it("images that it cannot read", () => {
    expect(call({ channels: 2, data: new Uint8Array(32) })).toThrow(
      new RangeError("detectSift: expected `channels` to be 1, 3 or 4, got 2"),
    );
    expect(call({ channels: 5 })).toThrow(
      new RangeError("detectSift: expected `channels` to be 1, 2, 3 or 4, got 5"),
    );
    expect(call({ width: 0 })).toThrow(
      new RangeError("detectSift: expected `width` to be a whole number above 0, got 0"),
    );
    expect(call({ height: 1.5 })).toThrow(
      new RangeError("detectSift: expected `height` to be a whole number above 0, got 1.5"),
    );
    expect(call({ data: new Uint8Array(47) })).toThrow(
      new RangeError("detectSift: expected `data` to hold 4 × 4 × 3 bytes, got 47"),
    );
    expect(call({ data: new Float32Array(48) })).toThrow(
      new TypeError("detectSift: expected `data` to be a Uint8Array, got Float32Array"),
    );
  });

  it("options out of their range", () => {
    expect(call({}, { limit: 0 })).toThrow(
      new RangeError("detectSift: expected `limit` to be a whole number above 0, got 0"),
    );
    expect(call({}, { octaveLayers: 2.5 })).toThrow(
      new RangeError("detectSift: expected `octaveLayers` to be a whole number above 0, got 2.5"),
    );
    expect(call({}, { contrastThreshold: -0.1 })).toThrow(
      new RangeError("detectSift: expected `contrastThreshold` to be a finite number, 0 or above, got -0.1"),
    );
    expect(call({}, { edgeThreshold: 0 })).toThrow(
      new RangeError("detectSift: expected `edgeThreshold` to be a finite number above 0, got 0"),
    );
    expect(call({}, { sigma: Number.NaN })).toThrow(
      new RangeError("detectSift: expected `sigma` to be a finite number above 0, got NaN"),
    );
    expect(call({}, { normalization: "l1" })).toThrow(
      new RangeError("detectSift: expected `normalization` to be one of root, l2, opencv, got l1"),
    );
  });
});
