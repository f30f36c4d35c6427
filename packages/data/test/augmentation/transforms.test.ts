import {
  augmentPixels,
  cropZoom,
  cutout,
  drawAugmentation,
  gaussianBlur,
  horizontalFlip,
  type ImageTransform,
  jpegCompression,
  motionBlur,
  padRandomCrop,
  randomErasing,
  resize,
  shear,
  shiftScaleRotate,
} from "@lmk/data";
import { sharpCodec } from "@lmk/data/images";
import { describe, expect, it } from "vitest";
import { hashedImage } from "./hashed-image.ts";

const size = { width: 31, height: 22 };
const withProbability: [string, (probability: number) => ImageTransform][] = [
  ["cutout", (probability) => cutout({ probability })],
  ["gaussianBlur", (probability) => gaussianBlur({ kernel: 3, probability })],
  ["horizontalFlip", (probability) => horizontalFlip({ probability })],
  ["jpegCompression", (probability) => jpegCompression({ probability })],
  ["motionBlur", (probability) => motionBlur({ probability })],
  ["randomErasing", (probability) => randomErasing({ probability })],
  ["shear", (probability) => shear({ probability })],
  ["shiftScaleRotate", (probability) => shiftScaleRotate({ probability })],
];
const ofBytes: ImageTransform[] = [
  ...withProbability.map(([, create]) => create(1)).filter(({ name }) => name !== "randomErasing"),
  cropZoom(),
  padRandomCrop({ padding: 3 }),
  resize(),
];

describe.each(withProbability)("%s", (name, create) => {
  it.each([0, 0.3, 1])("changes a share of %d of the images", (probability) => {
    let drawn = 0;
    for (let row = 0; row < 4000; row++) {
      drawn += drawAugmentation([create(probability)], size, { seed: 3, epoch: 0, row }).length;
    }
    // Four standard deviations of 4000 throws.
    const atMost = probability * 4000 + 4 * Math.sqrt(4000 * probability * (1 - probability));
    const atLeast = probability * 4000 - 4 * Math.sqrt(4000 * probability * (1 - probability));
    expect(drawn).toBeLessThanOrEqual(atMost);
    expect(drawn).toBeGreaterThanOrEqual(atLeast);
  });

  it.each([-0.1, 1.1, Number.NaN])("refuses a probability of %d", (probability) => {
    expect(() => create(probability)).toThrow(
      new RangeError(`${name}: expected \`probability\` to be a number from 0 to 1, got ${probability}`),
    );
  });
});

describe.each(ofBytes.map((transform) => [transform.name, transform] as const))("%s", (_name, transform) => {
  const target = { width: 19, height: 33 };

  it("gives the same draw for the same key, as plain data", () => {
    for (let row = 0; row < 20; row++) {
      const draw = () => drawAugmentation([transform], size, { seed: 4, epoch: 1, row }, { target });
      expect(draw()).toEqual(draw());
      expect(JSON.parse(JSON.stringify(draw()))).toEqual(draw());
    }
  });

  it("leaves its input as it was and makes an image of the size it says", async () => {
    const image = hashedImage(8, size.width, size.height);
    const before = image.data.slice();
    for (let row = 0; row < 5; row++) {
      const draws = drawAugmentation([transform], size, { seed: 5, epoch: 0, row }, { target });
      const { data, width, height, channels } = await augmentPixels(image, draws, { codec: sharpCodec });
      const expected = transform.name === "resize" ? target : size;
      expect({ width, height, channels }).toEqual({ ...expected, channels: 3 });
      expect(data).toHaveLength(width * height * 3);
    }
    expect(image.data).toEqual(before);
  });

  it("takes an image of one pixel", async () => {
    const one = { width: 1, height: 1 };
    for (let row = 0; row < 5; row++) {
      const draws = drawAugmentation([transform], one, { seed: 6, epoch: 0, row });
      const { data } = await augmentPixels(hashedImage(4, 1, 1), draws, { codec: sharpCodec });
      expect(data).toHaveLength(3);
    }
  });
});
