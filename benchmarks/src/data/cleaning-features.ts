import { join } from "node:path";
import { compile, createState } from "@lmk/compile";
import type { LocalFeatures, Names } from "@lmk/data";
import { createAlike, detectKeypoints, sampleDescriptors } from "@lmk/models";
import { loadWeights } from "@lmk/models/checkpoints";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { threads } from "../measure/settings.ts";
import type { CleaningSettings } from "./cleaning-settings.ts";

/** Folder of photographs and weights that are not in the repository. */
const photos = process.env.LMK_PHOTOS ?? new URL("../../../../shared/data", import.meta.url).pathname;

/** Points nearer to an edge than this see what lies beyond it. */
const border = 4;

/** Local features of each image, by the published weights of ALIKE. */
export async function localFeatures(
  paths: Names,
  { network, featureSide, features }: CleaningSettings,
  onProgress: (done: number) => void,
): Promise<readonly LocalFeatures[]> {
  const model = createAlike(network);
  const weights = await loadWeights(model, join(photos, "weights", `${network}.pth`));
  const compiled = await compile(
    ({ images }, parameters) => {
      const { scores, descriptors } = model.apply(parameters, images as Tensor4D);
      return { outputs: { scores, descriptors } };
    },
    {
      inputs: { images: { shape: [1, featureSide, featureSide, 3] } },
      state: createState(weights),
    },
    { threads },
  );
  const found: LocalFeatures[] = [];
  for (let row = 0; row < paths.length; row++) {
    const { images, width, height } = await padded(paths.at(row), featureSide);
    const maps = await compiled.run({ images });
    const scores = Float32Array.from(maps.scores.data as Float32Array, (score, place) => {
      const [x, y] = [place % featureSide, Math.floor(place / featureSide)];
      const isInside = Math.min(x, y) >= border && x < width - border && y < height - border;
      return isInside ? score : 0;
    });
    const size = { height: featureSide, width: featureSide };
    const { points } = detectKeypoints({ scores, ...size }, { limit: features });
    const descriptors = maps.descriptors.data as Float32Array;
    const map = { descriptors, ...size, dimension: model.dimension };
    found.push({ points, descriptors: sampleDescriptors(map, points) });
    onProgress(row + 1);
  }
  await compiled.dispose();
  return found;
}

/** An image between 0 and 1 whose long side is `side`, with zeros to a square at its right or lower edge. */
async function padded(
  path: string,
  side: number,
): Promise<{ images: Float32Array; width: number; height: number }> {
  const image = sharp(path).resize(side, side, { fit: "inside", kernel: "cubic" });
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const images = new Float32Array(side * side * 3);
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < width * 3; i++) images[y * side * 3 + i] = data[y * width * 3 + i] / 255;
  }
  return { images, width, height };
}
