import { type Kernel, type Pixels, resizePixels } from "@lmk/models/images";
import { describe, expect, it } from "vitest";
import { crc32OfBytes, hashedPixels, readResizeGoldens } from "./images-reference.ts";

const kernels: readonly Kernel[] = [
  "opencv-linear",
  "opencv-area",
  "opencv-cubic",
  "pillow-nearest",
  "pillow-box",
  "pillow-bilinear",
  "pillow-bicubic",
  "pillow-lanczos",
];

function line(...values: number[]): Pixels {
  return { data: Uint8Array.from(values), width: values.length, height: 1, channels: 1 };
}

function resizedLine(kernel: Kernel, width: number, ...values: number[]): number[] {
  return [...resizePixels(line(...values), { width, height: 1, kernel }).data];
}

const { resize: goldens } = readResizeGoldens();

describe.each(kernels)("resizePixels, %s", (kernel) => {
  const cases = goldens.filter((golden) => golden.kernel === kernel);

  it("has goldens", () => {
    expect(cases.length).toBe(22);
  });

  it.each(cases)("equals the reference: $from to $to, $channels channels, seed $seed", (golden) => {
    const image = hashedPixels(golden.seed, ...golden.from, golden.channels);
    const [width, height] = golden.to;
    const resized = resizePixels(image, { width, height, kernel });
    expect({ ...resized, data: resized.data.length }).toEqual({
      width,
      height,
      channels: golden.channels,
      data: width * height * golden.channels,
    });
    expect(golden.bytes.map((_, i) => resized.data[i * golden.every])).toEqual(golden.bytes);
    expect(crc32OfBytes(resized.data)).toBe(golden.crc32);
  });

  it("keeps a flat image flat", () => {
    for (const value of [0, 1, 127, 254, 255]) {
      const flat = { data: new Uint8Array(13 * 9 * 3).fill(value), width: 13, height: 9, channels: 3 };
      for (const [width, height] of [
        [5, 4],
        [31, 20],
        [5, 20],
      ]) {
        expect(new Set(resizePixels(flat, { width, height, kernel }).data)).toEqual(new Set([value]));
      }
    }
  });

  it("copies an image that keeps its size and leaves its input alone", () => {
    const image = hashedPixels(2, 7, 5, 3);
    const before = image.data.slice();
    const same = resizePixels(image, { width: 7, height: 5, kernel });
    expect(same).toEqual(image);
    expect(same.data.buffer).not.toBe(image.data.buffer);
    resizePixels(image, { width: 3, height: 9, kernel });
    expect(image.data).toEqual(before);
  });

  it("reads only its part of a larger buffer", () => {
    const image = hashedPixels(4, 6, 5, 3);
    const larger = new Uint8Array(200).fill(77);
    larger.set(image.data, 50);
    const view = { ...image, data: larger.subarray(50, 50 + image.data.length) };
    const size = { width: 4, height: 7, kernel };
    expect(resizePixels(view, size)).toEqual(resizePixels(image, size));
  });

  it("treats channels alike", () => {
    const image = hashedPixels(6, 11, 9, 4);
    const size = { width: 6, height: 14, kernel };
    const together = resizePixels(image, size).data;
    for (let c = 0; c < 4; c++) {
      const data = image.data.filter((_, i) => i % 4 === c);
      const alone = resizePixels({ ...image, data, channels: 1 }, size).data;
      const of = together.filter((_, i) => i % 4 === c);
      // Cubic lines are blended in float32 and in integers by position; both may round a value differently.
      const allowed = kernel === "opencv-cubic" ? 1 : 0;
      expect(Math.max(...of.map((value, i) => Math.abs(value - alone[i])))).toBeLessThanOrEqual(allowed);
    }
  });
});

describe("resizePixels", () => {
  it("gives the example of its documentation", () => {
    expect(resizedLine("opencv-linear", 2, 0, 10, 20, 30, 40, 50, 60, 70)).toEqual([15, 55]);
    expect(resizedLine("pillow-bilinear", 2, 0, 10, 20, 30, 40, 50, 60, 70)).toEqual([19, 51]);
  });

  it("follows each formula on two pixels by hand", () => {
    // Positions 1/4, 3/4, 5/4, 7/4 of pixels centered at 1/2 and 3/2.
    expect(resizedLine("opencv-linear", 4, 0, 100)).toEqual([0, 25, 75, 100]);
    expect(resizedLine("pillow-bilinear", 4, 0, 100)).toEqual([0, 25, 75, 100]);
    expect(resizedLine("opencv-area", 4, 0, 100)).toEqual([0, 0, 100, 100]);
    expect(resizedLine("pillow-nearest", 4, 0, 100)).toEqual([0, 0, 100, 100]);
    expect(resizedLine("pillow-box", 4, 0, 100)).toEqual([0, 0, 100, 100]);
    // Second value: 200 (K(3/4) + K(7/4)) = 200 (0.26172 - 0.03516). Outer ones: K(5/4) = -0.10547 goes beyond.
    expect(resizedLine("opencv-cubic", 4, 0, 200)).toEqual([0, 45, 155, 221]);
    // a = -1/2, without the pixels outside: K(3/4) / (K(1/4) + K(3/4)) = 0.22656 / 1.09375.
    expect(resizedLine("pillow-bicubic", 4, 0, 200)[1]).toBe(41);
  });

  it("takes means of whole blocks", () => {
    expect(resizedLine("opencv-area", 2, 1, 2, 6, 10, 20, 30)).toEqual([3, 20]);
    expect(resizedLine("pillow-box", 2, 1, 2, 6, 10, 20, 30)).toEqual([3, 20]);
  });

  it("rounds the mean of 2 × 2 bytes up at a half, but to even with two channels", () => {
    const block = (channels: number): Pixels => {
      const data = new Uint8Array(4 * channels).fill(2, 0, 2 * channels);
      return { data: data.map((v, i) => (i < channels ? 0 : v)), width: 2, height: 2, channels };
    };
    const halved = (channels: number): number[] => {
      return [...resizePixels(block(channels), { width: 1, height: 1, kernel: "opencv-area" }).data];
    };
    expect(halved(1)).toEqual([1]); // 2 / 4
    expect(halved(2)).toEqual([0, 0]);
    expect(halved(3)).toEqual([1, 1, 1]);
  });

  it("refuses what it cannot resize", () => {
    const image = line(1, 2, 3);
    const size = { width: 2, height: 1, kernel: "opencv-linear" } as const;
    const refusals: readonly [Partial<Pixels>, object, Error][] = [
      [
        { width: 0 },
        {},
        new RangeError("resizePixels: expected `width` to be a whole number above 0, got 0"),
      ],
      [
        { height: 1.5 },
        {},
        new RangeError("resizePixels: expected `height` to be a whole number above 0, got 1.5"),
      ],
      [{ channels: 5 }, {}, new RangeError("resizePixels: expected `channels` to be 1, 2, 3 or 4, got 5")],
      [{ height: 2 }, {}, new RangeError("resizePixels: expected `data` to hold 3 × 2 × 1 bytes, got 3")],
      [
        { data: new Float32Array(3) as unknown as Uint8Array },
        {},
        new TypeError("resizePixels: expected `data` to be a Uint8Array, got Float32Array"),
      ],
      [
        {},
        { width: -1 },
        new RangeError("resizePixels: expected `width` to be a whole number above 0, got -1"),
      ],
      [
        {},
        { height: 0 },
        new RangeError("resizePixels: expected `height` to be a whole number above 0, got 0"),
      ],
      [
        {},
        { kernel: "linear" },
        new RangeError(`resizePixels: expected \`kernel\` to be one of ${kernels.join(", ")}, got linear`),
      ],
    ];
    for (const [pixels, options, error] of refusals) {
      expect(() => resizePixels({ ...image, ...pixels }, { ...size, ...options })).toThrow(error);
    }
  });
});
