import {
  adaCos,
  adaCosParameters,
  adaFace,
  adaFaceParameters,
  arcFace,
  arcFaceParameters,
  circleClassification,
  cosFace,
  curricularFace,
  curricularFaceParameters,
  dynamicMargins,
  elasticFace,
  fixedAdaCos,
  magFace,
  normalizedSoftmax,
  proxyAnchor,
  proxyAnchorParameters,
  softmax,
  softmaxParameters,
  subCenterArcFace,
  subCenterArcFaceParameters,
} from "@lmk/losses";
import type { Scalar, Tensor1D } from "@tensorflow/tfjs-core";
import type { LossEntry, LossInputs } from "./entry.ts";

const scale = 30;
const margin = 0.3;
const as2019 = "scale and margin of the 2019 winners; the margin losses all have them, to be comparable";
const quicker = "300 steps are too few for the paper's momentum of 0.01";

/** A loss against class rows that start as ArcFace's. */
function rows(loss: (inputs: LossInputs) => Scalar): LossEntry["create"] {
  return (problem) => ({ parameters: arcFaceParameters(problem), loss });
}

/** Losses against class rows. */
export const classRowEntries: readonly LossEntry[] = [
  {
    name: "softmax",
    settings: "",
    reason: "it has none",
    rate: 0.1,
    paper: { resnet50: 17.56, resnet101: 17.95 },
    create: (problem) => ({
      parameters: softmaxParameters(problem),
      loss: ({ embeddings, weight, parameters, labels }) =>
        softmax(embeddings, weight, parameters["final.bias"] as Tensor1D, labels),
    }),
  },
  {
    name: "normalized softmax",
    settings: "s 30",
    reason: "the scale of the margin losses: what remains is the margin",
    rate: 0.03,
    create: rows(({ embeddings, weight, labels }) =>
      normalizedSoftmax(embeddings, weight, labels, { scale }),
    ),
  },
  {
    name: "CosFace",
    settings: "s 30, m 0.3",
    reason: as2019,
    rate: 0.03,
    paper: { resnet50: 20.42, resnet101: 21.35 },
    create: rows(({ embeddings, weight, labels }) => cosFace(embeddings, weight, labels, { scale, margin })),
  },
  {
    name: "ArcFace",
    settings: "s 30, m 0.3",
    reason: as2019,
    rate: 0.03,
    paper: { resnet50: 20.78, resnet101: 20.74 },
    create: rows(({ embeddings, weight, labels }) => arcFace(embeddings, weight, labels, { scale, margin })),
  },
  {
    name: "ArcFace, easy margin",
    settings: "s 30, m 0.3",
    reason: as2019,
    rate: 0.03,
    create: rows(({ embeddings, weight, labels }) =>
      arcFace(embeddings, weight, labels, { scale, margin, beyond: "easy" }),
    ),
  },
  {
    name: "ArcFace, dynamic margins",
    settings: "s 30, m 0.05 to 0.5",
    reason: "margins of the 2020 third place, by class size to the power of −0.25",
    rate: 0.03,
    create: ({ counts, ...problem }) => {
      const margins = dynamicMargins(counts);
      return {
        parameters: arcFaceParameters(problem),
        loss: ({ embeddings, weight, labels }) =>
          arcFace(embeddings, weight, labels, { scale, margin: margins }),
      };
    },
  },
  {
    name: "sub-center ArcFace",
    settings: "s 30, m 0.3, k 3",
    reason: as2019,
    rate: 0.03,
    create: (problem) => ({
      parameters: subCenterArcFaceParameters(problem),
      loss: ({ embeddings, weight, labels }) =>
        subCenterArcFace(embeddings, weight, labels, { scale, margin }),
    }),
  },
  {
    name: "AdaCos, fixed",
    settings: "s √2·ln(C − 1)",
    reason: "the paper's, which needs none",
    rate: 0.03,
    create: rows(({ embeddings, weight, labels }) => fixedAdaCos(embeddings, weight, labels)),
  },
  {
    name: "AdaCos, dynamic",
    settings: "",
    reason: "the paper's, which needs none",
    rate: 0.03,
    create: (problem) => ({
      parameters: adaCosParameters(problem),
      loss: ({ embeddings, weight, labels, parameters }) =>
        adaCos(embeddings, weight, labels, parameters["final.running_scale"] as Scalar),
    }),
  },
  {
    name: "CurricularFace",
    settings: "s 30, m 0.3, momentum 0.1",
    reason: `${as2019}; ${quicker}`,
    rate: 0.03,
    create: (problem) => ({
      parameters: curricularFaceParameters(problem),
      loss: ({ embeddings, weight, labels, parameters }) => {
        const running = parameters["final.running_target_cosine"] as Scalar;
        return curricularFace(embeddings, weight, labels, running, { scale, margin, momentum: 0.1 });
      },
    }),
  },
  {
    name: "AdaFace",
    settings: "s 30, m 0.3, momentum 0.1",
    reason: `${as2019}; ${quicker}`,
    rate: 0.03,
    create: (problem) => ({
      parameters: adaFaceParameters(problem),
      loss: ({ embeddings, weight, labels, parameters }) => {
        const running = {
          mean: parameters["final.running_norm_mean"] as Scalar,
          deviation: parameters["final.running_norm_deviation"] as Scalar,
        };
        return adaFace(embeddings, weight, labels, running, { scale, margin, momentum: 0.1 });
      },
    }),
  },
  {
    name: "MagFace",
    settings: "s 30, m 0.2 to 0.4 for lengths 5 to 20, λ 6",
    reason:
      "margins around 0.3; behind batch norm embeddings are about √128 long, the paper's 10 to 110 and λ 35",
    rate: 0.03,
    create: rows(({ embeddings, weight, labels }) =>
      magFace(embeddings, weight, labels, {
        scale,
        lowerNorm: 5,
        upperNorm: 20,
        lowerMargin: 0.2,
        upperMargin: 0.4,
        regularization: 6,
      }),
    ),
  },
  {
    name: "ElasticFace",
    settings: "s 30, m 0.3, σ 0.0125",
    reason: as2019,
    rate: 0.03,
    create: rows(({ embeddings, weight, labels, draws }) =>
      elasticFace(embeddings, weight, labels, draws, { scale, margin }),
    ),
  },
  {
    name: "circle, class rows",
    settings: "γ 256, m 0.25",
    reason: "the defaults, those of the paper for faces",
    rate: 0.003,
    create: rows(({ embeddings, weight, labels }) => circleClassification(embeddings, weight, labels)),
  },
  {
    name: "proxy-anchor",
    settings: "α 32, δ 0.1",
    reason: "the defaults, those of the paper",
    rate: 0.03,
    create: (problem) => ({
      parameters: proxyAnchorParameters(problem),
      loss: ({ embeddings, weight, labels }) => proxyAnchor(embeddings, weight, labels),
    }),
  },
];
