import {
  type AspectScale,
  aspectTemplates,
  type Geometry,
  longestSide,
  placedSize,
  shortestSide,
  squash,
} from "@lmk/models/images";
import { describe, expect, it } from "vitest";
import { readResizeGoldens } from "./images-reference.ts";

const sizeOf = (geometry: Geometry, width: number, height: number): number[] => {
  const { resize } = geometry({ width, height });
  return [resize.width, resize.height];
};

describe("sizes of the references", () => {
  const rules: Readonly<Record<string, Geometry>> = {
    "shortest torchvision": shortestSide(37),
    "shortest albumentations": shortestSide(37, { rounding: "albumentations" }),
    "longest albumentations": longestSide(37, { rounding: "albumentations" }),
    "longest pillow": longestSide(37),
  };
  const { sizes } = readResizeGoldens();

  it.each(Object.keys(rules))("%s", (name) => {
    expect(sizes.length).toBe(67);
    const ours = sizes.map(({ from }) => ({ from, size: sizeOf(rules[name], ...from) }));
    expect(ours).toEqual(sizes.map((golden) => ({ from: golden.from, size: golden[name] })));
  });
});

describe("squash", () => {
  it("ignores the shape of the image", () => {
    const geometry = squash({ width: 672, height: 544, crop: 512 });
    const placement = {
      resize: { width: 672, height: 544 },
      crop: { left: 80, top: 16, width: 512, height: 512 },
    };
    expect(geometry({ width: 3, height: 900 })).toEqual(placement);
    expect(geometry({ width: 672, height: 544 })).toEqual(placement);
    expect(squash({ width: 5, height: 7 })({ width: 1, height: 1 })).toEqual({
      resize: { width: 5, height: 7 },
    });
  });

  it("refuses sides that are not whole and a crop that does not fit", () => {
    expect(() => squash({ width: 0, height: 4 })).toThrow(
      new RangeError("squash: expected `width` to be a whole number above 0, got 0"),
    );
    expect(() => squash({ width: 4, height: 2.5 })).toThrow(
      new RangeError("squash: expected `height` to be a whole number above 0, got 2.5"),
    );
    expect(() => squash({ width: 4, height: 3, crop: 4 })).toThrow(
      new RangeError("squash: expected `crop` to be at most 3, got 4"),
    );
    expect(() => squash({ width: 4, height: 3, crop: 0 })).toThrow(
      new RangeError("squash: expected `crop` to be a whole number above 0, got 0"),
    );
    expect(() => squash({ width: 4, height: 3 })({ width: 4, height: -3 })).toThrow(
      new RangeError("squash: expected `height` to be a whole number above 0, got -3"),
    );
  });
});

describe("aspectTemplates", () => {
  // The table of the 2019 solution, group 0 first.
  const table: Readonly<Record<AspectScale, string>> = {
    SS: "384×256 256×256 256×384",
    SS2: "480×320 480×352 384×384 352×480 320×480",
    S: "512×384 448×448 384×512",
    S2: "512×352 512×384 448×448 384×512 352×512",
    SM2: "736×512 704×544 608×608 544×704 512×736",
    M: "800×608 704×704 608×800",
    M2: "800×544 800×608 704×704 608×800 544×800",
    L: "800×608 800×800 608×800",
    L2: "800×544 800×608 800×800 608×800 544×800",
  };

  it.each(Object.entries(table))("%s", (scale, expected) => {
    const geometry = aspectTemplates(scale as AspectScale);
    const ratios = scale.includes("2") ? [0.5, 0.7, 1, 1.4, 2] : [0.5, 1, 2];
    const sizes = ratios.map((ratio) => sizeOf(geometry, 1000, 1000 * ratio).join("×"));
    expect(sizes.join(" ")).toBe(expected);
  });

  it("puts a ratio on an edge in the upper group", () => {
    const heights = [669, 670, 769, 770, 1329, 1330, 1499, 1500];
    const sizes = heights.map((height) => sizeOf(aspectTemplates("S2"), 1000, height).join("×"));
    expect(sizes.join(" ")).toBe("512×352 512×384 512×384 448×448 448×448 384×512 384×512 352×512");
    const three = [769, 770, 1329, 1330].map((height) =>
      sizeOf(aspectTemplates("S"), 1000, height).join("×"),
    );
    expect(three.join(" ")).toBe("512×384 448×448 448×448 384×512");
  });

  it("refuses unknown scales and sizes that are not whole", () => {
    expect(() => aspectTemplates("XL" as AspectScale)).toThrow(
      new RangeError(
        "aspectTemplates: expected `scale` to be one of SS, SS2, S, S2, SM2, M, M2, L, L2, got XL",
      ),
    );
    expect(() => aspectTemplates("S")({ width: 0.5, height: 1 })).toThrow(
      new RangeError("aspectTemplates: expected `width` to be a whole number above 0, got 0.5"),
    );
  });
});

describe("shortestSide", () => {
  it("rounds the offset of the crop as its library does", () => {
    // 9 pixels are left: 4.5 goes to 4 either way. 11 are left: 5.5 goes to 6 or 5.
    const left = (width: number, rounding: "torchvision" | "albumentations"): number | undefined =>
      shortestSide(20, { crop: 16, rounding })({ width, height: 20 }).crop?.left;
    expect([left(25, "torchvision"), left(27, "torchvision")]).toEqual([4, 6]);
    expect([left(25, "albumentations"), left(27, "albumentations")]).toEqual([4, 5]);
  });

  it("pads to a crop that is larger than the shorter side", () => {
    expect(shortestSide(20, { crop: 25 })({ width: 20, height: 30 })).toEqual({
      resize: { width: 20, height: 30 },
      pad: { left: 2, top: 0, right: 3, bottom: 0 },
      crop: { left: 0, top: 2, width: 25, height: 25 },
    });
  });

  it("refuses wrong sizes, crops and roundings", () => {
    expect(() => shortestSide(0)).toThrow(
      new RangeError("shortestSide: expected `size` to be a whole number above 0, got 0"),
    );
    expect(() => shortestSide(8, { crop: 1.5 })).toThrow(
      new RangeError("shortestSide: expected `crop` to be a whole number above 0, got 1.5"),
    );
    expect(() => shortestSide(8, { crop: 9, rounding: "albumentations" })).toThrow(
      new RangeError("shortestSide: expected `crop` to be at most 8, got 9"),
    );
    expect(() => shortestSide(8, { rounding: "up" as "torchvision" })).toThrow(
      new RangeError("shortestSide: expected `rounding` to be one of torchvision, albumentations, got up"),
    );
    expect(() => shortestSide(8)({ width: 4, height: 0 })).toThrow(
      new RangeError("shortestSide: expected `height` to be a whole number above 0, got 0"),
    );
  });
});

describe("longestSide", () => {
  it("never enlarges, unless it rounds as albumentations", () => {
    expect(sizeOf(longestSide(100), 80, 60)).toEqual([80, 60]);
    expect(sizeOf(longestSide(100, { rounding: "albumentations" }), 80, 60)).toEqual([100, 75]);
    expect(sizeOf(longestSide(100), 4000, 3)).toEqual([100, 1]);
  });

  it("pads to a square, an odd pixel to the right and bottom, and cuts its middle", () => {
    const geometry = longestSide(64, { rounding: "albumentations", pad: true, crop: 55 });
    expect(geometry({ width: 128, height: 90 })).toEqual({
      resize: { width: 64, height: 45 },
      pad: { left: 0, top: 9, right: 0, bottom: 10 },
      crop: { left: 4, top: 4, width: 55, height: 55 },
    });
    const { crop: _crop, ...placement } = geometry({ width: 128, height: 90 });
    expect(longestSide(64, { pad: true })({ width: 128, height: 90 })).toEqual(placement);
    expect(placedSize(placement)).toEqual({ width: 64, height: 64 });
  });

  it("refuses wrong sizes, a crop without padding, and sides of no pixel", () => {
    expect(() => longestSide(2.5)).toThrow(
      new RangeError("longestSide: expected `size` to be a whole number above 0, got 2.5"),
    );
    expect(() => longestSide(8, { crop: 4 })).toThrow(
      new RangeError("longestSide: expected `pad` to be true with a crop, got false"),
    );
    expect(() => longestSide(8, { pad: true, crop: 9 })).toThrow(
      new RangeError("longestSide: expected `crop` to be at most 8, got 9"),
    );
    expect(() => longestSide(8, { rounding: "torchvision" as "pillow" })).toThrow(
      new RangeError("longestSide: expected `rounding` to be one of pillow, albumentations, got torchvision"),
    );
    expect(() => longestSide(8, { rounding: "albumentations" })({ width: 100, height: 1 })).toThrow(
      new RangeError("longestSide: expected `height` to be a whole number above 0, got 0"),
    );
    expect(() => longestSide(8)({ width: Number.NaN, height: 1 })).toThrow(
      new RangeError("longestSide: expected `width` to be a whole number above 0, got NaN"),
    );
  });
});

describe("placedSize", () => {
  it("is that of the crop, else of the padded, else of the resized image", () => {
    const resize = { width: 6, height: 4 };
    const pad = { left: 1, top: 2, right: 3, bottom: 4 };
    expect(placedSize({ resize })).toEqual({ width: 6, height: 4 });
    expect(placedSize({ resize, pad })).toEqual({ width: 10, height: 10 });
    expect(placedSize({ resize, pad, crop: { left: 0, top: 0, width: 5, height: 3 } })).toEqual({
      width: 5,
      height: 3,
    });
  });
});
