import {
  type LabelPredictions,
  meanTopScores,
  type Neighbors,
  recognizeBySummedScores,
  rerankByNonLandmarks,
  subtractPenalties,
} from "@lmk/rerank/recognition";

/** What recognition goes by: results of searches by cosine, best first, in which no image finds itself. */
export interface RecognitionEvidence {
  /** Gallery images near each test image: A. */
  readonly testGallery: Neighbors;
  /** Images without a landmark near each gallery image, for B. */
  readonly galleryNonLandmarks: Neighbors;
  /** Images without a landmark near each test image, for C. */
  readonly testNonLandmarks: Neighbors;
  /** Landmark of each gallery image, from 0. */
  readonly labels: Int32Array;
}

/** Numbers of {@link recognizeLandmarks}; the authors' are those of the first place of 2020. */
export interface RecognitionRankingOptions {
  /**
   * Images without a landmark whose cosines to a gallery image are averaged; of fewer, all.
   *
   * @defaultValue 5
   */
  readonly galleryCount?: number;
  /**
   * Gallery images by A − B that vote for each test image.
   *
   * @defaultValue 3
   */
  readonly neighborCount?: number;
  /**
   * Images without a landmark whose cosines to a test image are averaged; of fewer, all.
   *
   * @defaultValue 10
   */
  readonly testCount?: number;
  /**
   * Factor of C.
   *
   * @defaultValue 1
   */
  readonly weight?: number;
}

/** A landmark for each test image. */
export interface RecognizedLandmarks {
  readonly predictions: LabelPredictions;
  /** Test images for which it is not proven that longer lists of gallery images would change nothing. */
  readonly unproven: number;
}

/**
 * Recognizes landmarks by A − B − C.
 *
 * Of the gallery images those with the highest A − B count, the cosine from 0 to 1 less how near the image is to images without a
 * landmark. Their values are added up by landmark, and from the highest sum is taken how near the test image is to images without
 * one.
 *
 * @throws RangeError if shapes do not fit or a number is out of range.
 */
export function recognizeLandmarks(
  evidence: RecognitionEvidence,
  options: RecognitionRankingOptions = {},
): RecognizedLandmarks {
  const { galleryCount = 5, neighborCount = 3, testCount = 10, weight = 1 } = options;
  const { testGallery, galleryNonLandmarks, testNonLandmarks, labels } = evidence;
  const b = meanTopScores(galleryNonLandmarks, { count: Math.min(galleryCount, galleryNonLandmarks.k) });
  const ranking = rerankByNonLandmarks(testGallery, b, { neighborCount });
  const c = meanTopScores(testNonLandmarks, { count: Math.min(testCount, testNonLandmarks.k) });
  const predictions = subtractPenalties(recognizeBySummedScores([ranking], labels), c, { weight });
  return { predictions, unproven: ranking.exact.reduce((sum, one) => sum + 1 - one, 0) };
}
