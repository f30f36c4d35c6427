import { type Tensor4D, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { type CompileFunction, compiledSizes } from "../../networks/compiled-sizes.ts";
import { tensorsOf } from "../../networks/weights.ts";
import type { NamedArrays } from "../../parameters.ts";
import type { LocalFeatureModel } from "../alike.ts";
import { detectKeypoints } from "../detect-keypoints.ts";
import { sampleDescriptors } from "../sample-descriptors.ts";
import type { Detector } from "./detector.ts";
import { type InputForm, networkInput, paddedSize, upperLeft } from "./place-image.ts";

/** Scores and descriptors of the pixels of one image. */
interface PixelMaps {
  readonly scores: Float32Array;
  readonly descriptors: Float32Array;
}

/** Runs a model on one image `[1, height, width, 3]`. */
interface Runner {
  run(input: Float32Array, shape: [number, number, number, number]): Promise<PixelMaps>;
  dispose(): Promise<void>;
}

/** What {@link createNetworkDetector} needs. */
export interface NetworkDetectorOptions {
  readonly model: LocalFeatureModel;
  readonly weights: NamedArrays;
  readonly compile: CompileFunction | undefined;
  readonly threshold: number | undefined;
  readonly multiple: number;
}

const form: InputForm = { channels: 3, layout: "NHWC", mean: [0, 0, 0], std: [1, 1, 1] };

/** Features by a model's maps: maxima of the score, and the descriptors there. */
export function createNetworkDetector(options: NetworkDetectorOptions): Detector {
  const { model, threshold, multiple, compile } = options;
  const runner = compile === undefined ? eagerRunner(options) : compiledRunner(options, compile);
  return {
    dimension: model.dimension,
    largest: undefined,
    async detect(image, limit) {
      const { width, height } = image;
      const padded = paddedSize(image, multiple);
      const input = networkInput(image, padded, form);
      const maps = await runner.run(input, [1, padded.height, padded.width, 3]);
      const scores = upperLeft(maps.scores, padded.width, image);
      const found = detectKeypoints(
        { scores, height, width },
        threshold === undefined ? { limit } : { limit, threshold },
      );
      const map = { descriptors: maps.descriptors, ...padded, dimension: model.dimension };
      return { ...found, descriptors: sampleDescriptors(map, found.points) };
    },
    dispose: () => runner.dispose(),
  };
}

function eagerRunner({ model, weights }: NetworkDetectorOptions): Runner {
  const parameters = tensorsOf(model.shapes, weights);
  return {
    async run(input, shape) {
      const [scores, descriptors] = tidy(() => {
        const maps = model.apply(parameters, tensor4d(input, shape));
        return [maps.scores, maps.descriptors] as const;
      });
      try {
        const values = await Promise.all([scores.data(), descriptors.data()]);
        return { scores: values[0] as Float32Array, descriptors: values[1] as Float32Array };
      } finally {
        scores.dispose();
        descriptors.dispose();
      }
    },
    async dispose() {
      for (const parameter of Object.values(parameters)) parameter.dispose();
    },
  };
}

function compiledRunner({ model, weights }: NetworkDetectorOptions, compile: CompileFunction): Runner {
  const sizes = compiledSizes(compile, ({ images }) => {
    const maps = model.apply(tensorsOf(model.shapes, weights), images as Tensor4D);
    return { outputs: { scores: maps.scores, descriptors: maps.descriptors } };
  });
  return {
    async run(input, shape) {
      const compiled = await sizes.at(shape);
      const { scores, descriptors } = await compiled.run({ images: input });
      return { scores: floats(scores!.data), descriptors: floats(descriptors!.data) };
    },
    dispose: sizes.dispose,
  };
}

function floats(values: ArrayLike<number>): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
