import { augmentPixels, type Size, type TransformDraw } from "@lmk/data";
import { sharpCodec } from "@lmk/data/images";
import { describe, expect, it } from "vitest";
import golden from "../golden/augmentation.json" with { type: "json" };
import { hashedImage } from "./hashed-image.ts";

/** An image, what is done to it, and what OpenCV, albumentations, imgaug or torchvision make of it. */
interface GoldenCase {
  readonly image: Size & { readonly seed: number };
  readonly draw: TransformDraw;
  readonly size: Size;
  /** In base64. */
  readonly bytes: string;
}

const cases = (golden as readonly GoldenCase[]).map((entry) => ({ ...entry, title: titleOf(entry) }));

function titleOf({ image, draw }: GoldenCase): string {
  const { name, ...parameters } = draw;
  return `${name} of ${image.width} x ${image.height} by ${JSON.stringify(parameters)}`;
}

/** torchvision adds in float32, and OpenCV blurs along long lines by Fourier transforms. */
function isExact({ draw }: GoldenCase): boolean {
  return draw.name !== "gaussianBlur" && !(draw.name === "motionBlur" && draw.kernel > 11);
}

async function differences({ image, draw, size, bytes }: GoldenCase): Promise<number[]> {
  const input = hashedImage(image.seed, image.width, image.height);
  const result = await augmentPixels(input, [draw], { codec: sharpCodec });
  const expected = Buffer.from(bytes, "base64");
  expect({ width: result.width, height: result.height, bytes: result.data.length }).toEqual({
    ...size,
    bytes: expected.length,
  });
  return [...result.data].map((value, i) => Math.abs(value - expected[i]!));
}

describe("augmentPixels beside the libraries that the solutions used", () => {
  it.each(cases.filter(isExact))("$title gives the same bytes", async (entry) => {
    expect((await differences(entry)).filter((difference) => difference !== 0)).toEqual([]);
  });

  it.each(cases.filter((entry) => !isExact(entry)))("$title is at most one level off", async (entry) => {
    const all = await differences(entry);
    expect(Math.max(...all)).toBeLessThanOrEqual(1);
    const share = all.filter((difference) => difference !== 0).length / all.length;
    expect(share).toBeLessThan(entry.draw.name === "gaussianBlur" ? 0.001 : 0.1);
  });

  it("has cases of each transform that the libraries have", () => {
    expect(new Set(cases.map(({ draw }) => draw.name))).toEqual(
      new Set([
        "horizontalFlip",
        "resize",
        "cropZoom",
        "shiftScaleRotate",
        "shear",
        "cutout",
        "padRandomCrop",
        "gaussianBlur",
        "motionBlur",
        "jpegCompression",
      ]),
    );
  });
});
