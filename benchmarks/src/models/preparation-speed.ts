import { type Kernel, preprocessings, toInput } from "@lmk/models/images";
import sharp from "sharp";
import { type Summary, summarize } from "../measure/interleave.ts";
import { createRandom } from "../measure/random.ts";
import { steps, warmup } from "../measure/settings.ts";

const photo = { width: 1024, height: 768 };

/** What it takes to prepare one photograph. */
export interface PreparationRow {
  readonly what: string;
  /** Milliseconds an image. */
  readonly time: Summary;
}

/** Times the decoding of a JPEG by sharp, and the resizing and normalizing of its pixels to 224 × 224 by each kernel. */
export async function measurePreparation(): Promise<PreparationRow[]> {
  sharp.concurrency(1);
  const file = await createPhoto();
  const { data } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  const pixels = { data, ...photo, channels: 3 };
  const { geometry, mean, std } = preprocessings.gld2021First(224);
  const kernels: Kernel[] = [
    "opencv-linear",
    "opencv-area",
    "opencv-cubic",
    "pillow-bilinear",
    "pillow-bicubic",
  ];
  const rows: PreparationRow[] = [
    { what: "decode, sharp", time: await timed(() => sharp(file).raw().toBuffer()) },
  ];
  for (const kernel of kernels) {
    const time = await timed(async () => toInput(pixels, { geometry, kernel, mean, std }));
    rows.push({ what: `${kernel} and normalize`, time });
  }
  return rows;
}

/** A JPEG with edges and gradients, so that decoding has something to do. */
async function createPhoto(): Promise<Buffer> {
  const random = createRandom(3);
  const coarse = Uint8Array.from({ length: 64 * 48 * 3 }, () => 256 * random());
  const { width, height } = photo;
  return sharp(coarse, { raw: { width: 64, height: 48, channels: 3 } })
    .resize(width, height, { kernel: "cubic" })
    .jpeg({ quality: 92 })
    .toBuffer();
}

async function timed(run: () => Promise<unknown>): Promise<Summary> {
  const times: number[] = [];
  for (let i = -warmup; i < steps; i++) {
    const begin = performance.now();
    await run();
    if (i >= 0) times.push(performance.now() - begin);
  }
  return summarize(times);
}
