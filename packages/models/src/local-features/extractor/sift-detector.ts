import { type DetectSiftOptions, detectSift } from "../sift/sift.ts";
import type { Detector } from "./detector.ts";

/** Options of {@link createSiftDetector}: all but the count of features, which each image is given. */
export type SiftDetectorOptions = Omit<DetectSiftOptions, "limit">;

/** Features by SIFT, whose responses are the scores. */
export function createSiftDetector(options: SiftDetectorOptions): Detector {
  // Options that are out of range are refused here, before the first image.
  detectSift({ data: new Uint8Array(1), width: 1, height: 1, channels: 1 }, options);
  return {
    dimension: 128,
    largest: undefined,
    async detect(image, limit) {
      const { points, responses, descriptors } = detectSift(image, { ...options, limit });
      return { points, scores: responses, descriptors };
    },
    dispose: async () => {},
  };
}
