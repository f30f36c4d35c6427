import type { ClassWeightsOptions } from "../class-weights.ts";
import type { DynamicMarginsOptions } from "../dynamic-margins.ts";
import type { AdaCosOptions } from "./adacos.ts";
import type { ArcFaceOptions } from "./arcface.ts";
import type { CosFaceOptions } from "./cosface.ts";
import type { CrossEntropyOptions } from "./cross-entropy.ts";
import type { NormalizedSoftmaxOptions } from "./normalized-softmax.ts";
import type { SubCenterArcFaceOptions } from "./sub-center-arcface.ts";

/** Scale and margin of an ArcFace head, and what its cross-entropy does. */
type ArcFacePreset = Readonly<Required<Pick<ArcFaceOptions, "scale" | "margin" | "beyond">>> &
  Pick<CrossEntropyOptions, "labelSmoothing" | "mean">;

/** A sub-center head, and from what its margins are made. */
interface SubCenterPreset {
  readonly loss: Readonly<Required<Pick<SubCenterArcFaceOptions, "scale" | "centers" | "beyond">>>;
  readonly margins: Readonly<Required<DynamicMarginsOptions>>;
}

/** Type of {@link marginPresets}. */
export interface MarginPresets {
  readonly retrieval2019First: {
    readonly arcFace: ArcFacePreset;
    readonly cosFace: Readonly<Required<Pick<CosFaceOptions, "scale" | "margin">>>;
    readonly adaCos: Readonly<Required<Pick<AdaCosOptions, "margin" | "clipAngle" | "medianOf">>>;
  };
  readonly recognition2020First: {
    /** In the order of the configurations 1 to 7. */
    readonly arcFace: readonly ArcFacePreset[];
    readonly classWeights: ClassWeightsOptions;
  };
  readonly retrieval2020First: {
    readonly adaCos: Readonly<Required<Pick<AdaCosOptions, "margin" | "clipAngle" | "medianOf" | "mean">>>;
    readonly classWeights: { readonly clean: ClassWeightsOptions; readonly total: ClassWeightsOptions };
  };
  readonly recognition2020Second: { readonly arcFace: ArcFacePreset };
  readonly recognition2020Third: SubCenterPreset;
  readonly retrieval2021First: SubCenterPreset;
  readonly retrieval2021Second: {
    readonly arcFace: ArcFacePreset;
    /** The last two stages of the ResNeSt-269, on 203,094 classes. */
    readonly resNeSt269: Readonly<Required<Pick<NormalizedSoftmaxOptions, "scale">>>;
  };
}

const arcFaceOf = (scale: number, margin: number): ArcFacePreset => ({ scale, margin, beyond: "linear" });

/**
 * The settings with which each system trained its classifier, as options of the losses here.
 *
 * | system | loss | settings |
 * | --- | --- | --- |
 * | retrieval 2019, 1st (recognition 3rd) | {@link arcFace}, {@link cosFace} | s = 30, m = 0.3 |
 * | the same | {@link adaCos} | m = 0.3, θ₀ = 1.25, median of all angles |
 * | recognition 2020, 1st | {@link arcFace} | s = 45, m = 0.3, 0.35 or 0.4 by configuration, weights 1/ln(1 + n) |
 * | retrieval 2020, 1st | {@link batchAdaCos} | m = 0, θ₀ = π/4, weights κ/ln n, then κ/ln(n + 1) |
 * | recognition 2020, 2nd | {@link arcFace} | s = 30, m = 0.3, label smoothing 0.1 |
 * | recognition 2020, 3rd | {@link subCenterArcFace} | s = 80, k = 3, margins 0.05 to 0.5 by {@link dynamicMargins} |
 * | retrieval and recognition 2021, 1st | {@link subCenterArcFace} | s = 45, k = 3, margins 0.05 to 0.5 |
 * | retrieval 2021, 2nd | {@link arcFace} | s = 30, m = 0.3; ResNeSt-269 at the end {@link normalizedSoftmax}, s = 60 |
 *
 * The scale of AdaCos follows from its clip angle and the number of classes: {@link adaCosScale}.
 *
 * @example
 * ```ts
 * import { dynamicMargins, marginPresets, subCenterArcFace } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const { loss, margins } = marginPresets.recognition2020Third;
 * const margin = dynamicMargins([2, 100], margins); // => [0.5, 0.05]
 * const weight = tensor2d([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 1], [-1, 1]]); // three centers of each class
 * subCenterArcFace(tensor2d([[3, 4]]), weight, tensor1d([0], "int32"), { ...loss, margin }); // => 46.043
 * ```
 */
export const marginPresets: MarginPresets = {
  retrieval2019First: {
    arcFace: arcFaceOf(30, 0.3),
    cosFace: { scale: 30, margin: 0.3 },
    adaCos: { margin: 0.3, clipAngle: 1.25, medianOf: "all" },
  },
  recognition2020First: {
    arcFace: [0.4, 0.3, 0.4, 0.35, 0.35, 0.3, 0.4].map((margin) => ({
      ...arcFaceOf(45, margin),
      mean: "weighted",
    })),
    classWeights: { rule: "inverse-log", offset: 1, normalize: "classes" },
  },
  retrieval2020First: {
    adaCos: { margin: 0, clipAngle: Math.PI / 4, medianOf: "own", mean: "plain" },
    classWeights: {
      clean: { rule: "inverse-log", offset: 0, normalize: "samples" },
      total: { rule: "inverse-log", offset: 1, normalize: "samples" },
    },
  },
  recognition2020Second: { arcFace: { ...arcFaceOf(30, 0.3), labelSmoothing: 0.1 } },
  recognition2020Third: {
    loss: { scale: 80, centers: 3, beyond: "linear" },
    margins: { power: 0.25, minimum: 0.05, maximum: 0.5 },
  },
  retrieval2021First: {
    loss: { scale: 45, centers: 3, beyond: "linear" },
    margins: { power: 0.25, minimum: 0.05, maximum: 0.5 },
  },
  retrieval2021Second: { arcFace: arcFaceOf(30, 0.3), resNeSt269: { scale: 60 } },
};
