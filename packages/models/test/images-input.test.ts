import {
  longestSide,
  type Preprocessing,
  preprocessings,
  squash,
  toInput,
  toInputInto,
} from "@lmk/models/images";
import { describe, expect, it } from "vitest";
import { crc32OfBytes, hashedPixels, readResizeGoldens } from "./images-reference.ts";

const half = [0.5, 0.5, 0.5] as const;
const { gld2020First, torchvision, timm } = preprocessings;

/** The names in the golden file. */
const named: Readonly<Record<string, Preprocessing>> = {
  "gld2019 SS2": preprocessings.gld2019("SS2"),
  "gld2019 SS": preprocessings.gld2019("SS"),
  "gld2020First 64": gld2020First(64),
  "gld2020 longest 64, crop 56": {
    ...gld2020First(64),
    geometry: longestSide(64, { rounding: "albumentations", pad: true, crop: 56 }),
  },
  "gld2020Third 96": preprocessings.gld2020Third(96),
  "gld2021First 64": preprocessings.gld2021First(64),
  "gld2021Second 72": preprocessings.gld2021Second(72),
  "revisited 100": preprocessings.revisited(100),
  "torchvision 40, crop 36": torchvision({ size: 40, crop: 36 }),
  "torchvision 40, crop 36, bicubic": torchvision({ size: 40, crop: 36, interpolation: "bicubic" }),
  "torchvision 32, crop 41": torchvision({ size: 32, crop: 41 }),
  "timm 48": timm({ size: 48 }),
  "timm 48, share 0.95, half, bilinear": timm({
    size: 48,
    cropShare: 0.95,
    interpolation: "bilinear",
    mean: half,
    std: half,
  }),
};
const { inputs } = readResizeGoldens();

/** The bytes that were normalized. */
function bytesOf(values: Float32Array, { mean, std }: Preprocessing): Uint8Array {
  return Uint8Array.from(values, (value, i) => Math.round((value * std[i % 3] + mean[i % 3]) * 255));
}

describe("inputs of the references", () => {
  it("cover every preprocessing", () => {
    expect(new Set(inputs.map((golden) => golden.preprocessing))).toEqual(new Set(Object.keys(named)));
  });

  it.each(inputs)("$preprocessing, $from", (golden) => {
    const preprocessing = named[golden.preprocessing];
    const { data, width, height } = toInput(hashedPixels(golden.seed, ...golden.from, 3), preprocessing);
    expect([width, height]).toEqual(golden.to);
    expect(data.length).toBe(width * height * 3);
    expect(crc32OfBytes(bytesOf(data, preprocessing))).toBe(golden.crc32);
    for (const [i, value] of golden.values.entries()) {
      expect(Math.abs(data[i * golden.every] - value)).toBeLessThan(1e-6);
    }
  });
});

describe("preprocessings", () => {
  it("have the solutions' sizes", () => {
    const photo = { width: 1600, height: 1067 };
    const placed = (preprocessing: Preprocessing): object => preprocessing.geometry(photo);
    expect(placed(preprocessings.gld2019("L2"))).toEqual({ resize: { width: 800, height: 544 } });
    expect(placed(gld2020First(512))).toEqual({
      resize: { width: 768, height: 512 },
      crop: { left: 128, top: 0, width: 512, height: 512 },
    });
    expect(placed(preprocessings.gld2020Third(768))).toEqual({ resize: { width: 768, height: 768 } });
    expect(placed(preprocessings.revisited(1024))).toEqual({ resize: { width: 1024, height: 683 } });
  });

  it("have the defaults of torchvision and timm", () => {
    const photo = { width: 640, height: 480 };
    const expected = {
      resize: { width: 341, height: 256 },
      crop: { left: 58, top: 16, width: 224, height: 224 },
    };
    expect(torchvision().geometry(photo)).toEqual(expected);
    expect(timm().geometry(photo)).toEqual(expected);
    expect([torchvision().kernel, timm().kernel]).toEqual(["pillow-bilinear", "pillow-bicubic"]);
    for (const { mean, std } of [torchvision(), timm()]) {
      expect({ mean, std }).toEqual({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
    }
    // tf_efficientnet_b7_ns: 600 of floor(600 / 0.949).
    expect(timm({ size: 600, cropShare: 0.949 }).geometry(photo).resize).toEqual({ width: 842, height: 632 });
  });

  it("refuse shares that are none", () => {
    expect(() => timm({ cropShare: 1.1 })).toThrow(
      new RangeError("timm: expected `cropShare` to be at most 1, got 1.1"),
    );
    expect(() => timm({ cropShare: 0 })).toThrow(
      new RangeError("timm: expected `cropShare` to be a finite number above 0, got 0"),
    );
    expect(() => timm({ size: 0 })).toThrow(
      new RangeError("timm: expected `size` to be a whole number above 0, got 0"),
    );
  });
});

const tiny: Preprocessing = {
  geometry: squash({ width: 2, height: 2 }),
  kernel: "opencv-linear",
  mean: [0, 0.2, 0.4],
  std: [1, 0.5, 0.25],
};

describe("toInput", () => {
  it("normalizes by hand", () => {
    const image = { data: Uint8Array.of(0, 51, 102), width: 1, height: 1, channels: 3 };
    const { data } = toInput(image, { ...tiny, geometry: squash({ width: 1, height: 1 }) });
    expect([...data]).toEqual([0, 0, 0]);
    const white = toInput({ ...image, data: Uint8Array.of(255, 255, 255) }, tiny);
    expect([...white.data.subarray(0, 3)]).toEqual([1, 1.6, 2.4].map((value) => Math.fround(value)));
  });

  it("pads with normalized black on all sides and leaves the image between", () => {
    const image = hashedPixels(2, 4, 2, 3);
    const { data, width, height } = toInput(image, { ...tiny, geometry: longestSide(4, { pad: true }) });
    expect([width, height]).toEqual([4, 4]);
    const bytes = bytesOf(data, tiny);
    expect([...bytes]).toEqual([...new Uint8Array(12), ...image.data, ...new Uint8Array(12)]);
  });

  it("reads a crop that reaches over the border of the padded image only where there are pixels", () => {
    const image = hashedPixels(4, 2, 2, 3);
    const placement = {
      resize: { width: 2, height: 2 },
      pad: { left: 1, top: 0, right: 0, bottom: 1 },
      crop: { left: 0, top: 1, width: 2, height: 2 },
    };
    const { data } = toInput(image, { ...tiny, geometry: () => placement });
    expect([...bytesOf(data, tiny)]).toEqual([0, 0, 0, ...image.data.subarray(6, 9), 0, 0, 0, 0, 0, 0]);
  });

  it("refuses other than RGB, wrong bytes, and means and deviations that are none", () => {
    const image = hashedPixels(2, 4, 2, 3);
    expect(() => toInput(hashedPixels(2, 4, 2, 4), tiny)).toThrow(
      new RangeError("toInput: expected `channels` to be 3, got 4"),
    );
    expect(() => toInput({ ...image, width: 5 }, tiny)).toThrow(
      new RangeError("toInput: expected `data` to hold 5 × 2 × 3 bytes, got 24"),
    );
    expect(() => toInput(image, { ...tiny, std: [1, 0, 1] })).toThrow(
      new RangeError("toInput: expected `std` to hold three finite numbers above 0, got 0"),
    );
    expect(() => toInput(image, { ...tiny, mean: [0, 0, Number.NaN] })).toThrow(
      new RangeError("toInput: expected `mean` to hold three finite numbers, got NaN"),
    );
  });
});

describe("toInputInto", () => {
  it("writes what toInput gives and nothing else", () => {
    const images = [hashedPixels(2, 9, 6, 3), hashedPixels(4, 5, 8, 3)];
    const batch = new Float32Array(2 * 12 + 2).fill(7);
    for (const [i, image] of images.entries()) {
      expect(toInputInto(batch, 1 + 12 * i, image, tiny)).toEqual({ width: 2, height: 2 });
    }
    const alone = images.map((image) => [...toInput(image, tiny).data]);
    expect([...batch]).toEqual([7, ...alone[0], ...alone[1], 7]);
  });

  it("fills only its own part with black", () => {
    const batch = new Float32Array(3 * 48).fill(7);
    toInputInto(batch, 48, hashedPixels(2, 4, 2, 3), { ...tiny, geometry: longestSide(4, { pad: true }) });
    expect(batch.subarray(0, 48).every((value) => value === 7)).toBe(true);
    expect(batch.subarray(48, 96).includes(7)).toBe(false);
    expect(batch.subarray(96).every((value) => value === 7)).toBe(true);
  });

  it("refuses offsets that are not whole and targets that are too short, and writes nothing then", () => {
    const image = hashedPixels(2, 4, 2, 3);
    const target = new Float32Array(20);
    expect(() => toInputInto(target, -1, image, tiny)).toThrow(
      new RangeError("toInputInto: expected `offset` to be a whole number from 0 on, got -1"),
    );
    expect(() => toInputInto(target, 9, image, tiny)).toThrow(
      new RangeError("toInputInto: expected `target` to hold 21 values, got 20"),
    );
    expect(() => toInputInto(target, 0, { ...image, channels: 1, width: 12 }, tiny)).toThrow(
      new RangeError("toInputInto: expected `channels` to be 3, got 1"),
    );
    expect(() => toInputInto(target, 0, image, { ...tiny, std: [0, 1, 1] })).toThrow(
      new RangeError("toInputInto: expected `std` to hold three finite numbers above 0, got 0"),
    );
    expect(target).toEqual(new Float32Array(20));
  });
});
