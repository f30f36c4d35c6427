/**
 * What augmentation costs: milliseconds an image of each transform, always done, and of each augmentation of a solution, drawn
 * as in training.
 *
 *     pnpm --filter @lmk-benchmark/all bench:augmentation
 *
 * One thread, but for JPEG, which libvips encodes and decodes beside it. Augmentations that resize begin with a photograph of
 * 1024 by 768 pixels, as do `resize` and the transforms before it; the others with images of the side that is given.
 */
import {
  type Augmentation,
  augmentations,
  augmentNormalized,
  augmentPixels,
  brightnessContrast,
  colorJitter,
  cropZoom,
  cutout,
  drawAugmentation,
  gaussianBlur,
  gld2021SecondAugmentation,
  horizontalFlip,
  jpegCompression,
  motionBlur,
  type Pixels,
  padRandomCrop,
  randAugment,
  randomErasing,
  resize,
  shear,
  shiftScaleRotate,
} from "@lmk/data";
import { sharpCodec } from "@lmk/data/images";
import sharp from "sharp";
import { summarize } from "../measure/interleave.ts";
import { createRandom } from "../measure/random.ts";
import { beginReport, writeReport } from "../measure/report.ts";
import { steps, warmup } from "../measure/settings.ts";
import { type AugmentationResult, type AugmentationRow, augmentationTables } from "./augmentation-tables.ts";

/** Images of one run: enough that most runs draw about as many changes. */
const imagesOfRun = 16;
const sides = [224, 512];
const photo = { width: 1024, height: 768 };

const transforms = (side: number): Augmentation => [
  brightnessContrast({ probability: 1 }),
  colorJitter({ probability: 1 }),
  cropZoom({ scale: 0.2 }),
  cutout({ probability: 1 }),
  gaussianBlur({ kernel: 9, probability: 1 }),
  horizontalFlip({ probability: 1 }),
  jpegCompression({ probability: 1 }),
  motionBlur({ probability: 1 }),
  padRandomCrop({ padding: Math.round((10 * side) / 256) }),
  randAugment(),
  randomErasing(),
  resize(),
  shear({ probability: 1 }),
  shiftScaleRotate({ probability: 1 }),
];

/** An image with edges and gradients, so that an encoder has something to do. */
async function createImage(width: number, height: number): Promise<Pixels> {
  const random = createRandom(3);
  const coarse = Uint8Array.from({ length: 64 * 48 * 3 }, () => 256 * random());
  const data = await sharp(coarse, { raw: { width: 64, height: 48, channels: 3 } })
    .resize(width, height, { kernel: "cubic", fit: "fill" })
    .raw()
    .toBuffer();
  return { data, width, height, channels: 3 };
}

async function measure(name: string, augmentation: Augmentation, side: number): Promise<AugmentationRow> {
  const startsAsStored = augmentation.some((transform) => transform.name === "resize");
  const { width, height } = startsAsStored ? photo : { width: side, height: side };
  const image = await createImage(width, height);
  const target = { width: side, height: side };
  const normalized = new Float32Array(side * side * 3);
  const times: number[] = [];
  for (let i = -warmup; i < steps; i++) {
    const begin = performance.now();
    for (let row = 0; row < imagesOfRun; row++) {
      const draws = drawAugmentation(augmentation, image, { seed: 1, epoch: i + warmup, row }, { target });
      await augmentPixels(image, draws, { codec: sharpCodec });
      augmentNormalized(normalized, target, draws);
    }
    if (i >= 0) times.push((performance.now() - begin) / imagesOfRun);
  }
  return { name, width, height, side, time: summarize(times) };
}

sharp.concurrency(1);
const begun = beginReport("none");
const ofTransforms: AugmentationRow[] = [];
const ofAugmentations: AugmentationRow[] = [];
for (const side of sides) {
  for (const transform of transforms(side)) {
    console.error(`${transform.name}, ${side}`);
    ofTransforms.push(await measure(transform.name, [transform], side));
  }
  const all = { ...augmentations, gld2021Second: gld2021SecondAugmentation(side) };
  for (const [name, augmentation] of Object.entries(all)) {
    console.error(`${name}, ${side}`);
    ofAugmentations.push(await measure(name, augmentation, side));
  }
}
const result: AugmentationResult = {
  ...begun,
  results: { transforms: ofTransforms, augmentations: ofAugmentations },
  failures: [],
};
console.log(augmentationTables(result));
writeReport(result, "augmentation");
