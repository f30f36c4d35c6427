import { dropout } from "@lmk/compile";
import {
  arcFace,
  type CrossEntropyOptions,
  circleClassification,
  cosFace,
  softmax,
  triplet,
} from "@lmk/losses";
import type { EmbeddingModel } from "@lmk/models";
import { type EmbeddingLoss, UserError } from "@lmk-example/kit";
import {
  add,
  mul,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  zeros,
} from "@tensorflow/tfjs-core";
import { headName } from "./network.ts";
import type { YmlConfig } from "./yml-config.ts";

/** The keys that a loss depends on. */
type LossKeys = Pick<YmlConfig, "MODEL" | "SOLVER">;

/**
 * The loss of a network on `images` `[N, H, W, 3]` and `labels` `[N]`, int32: that of its head, and with `triplet` in
 * `METRIC_LOSS_TYPE` the hardest triplets' of its embeddings beside it. An image alone of its class makes no triplet; in the
 * original it makes one with itself, so that its mean is over all images.
 *
 * @throws UserError for a triplet loss without a linear layer, where the original takes vectors before the batch norm.
 */
export function trainingLoss(model: EmbeddingModel, config: LossKeys): EmbeddingLoss {
  const { METRIC_LOSS_TYPE, ID_LOSS_WEIGHT, TRIPLET_LOSS_WEIGHT, NO_MARGIN, NECK_DIM, CNN_DROPOUT } =
    config.MODEL;
  const withTriplets = METRIC_LOSS_TYPE.includes("triplet");
  if (withTriplets && NECK_DIM === 0) {
    throw new UserError(
      "MODEL.METRIC_LOSS_TYPE: expected a linear layer before a triplet loss, got MODEL.NECK_DIM 0; set it above 0",
    );
  }
  return (parameters, inputs, context) => {
    const { embedding, statistics } = model.apply(parameters, inputs.images as Tensor4D, context);
    const labels = inputs.labels as Tensor1D;
    // Without a linear layer the original drops nothing.
    const rate = NECK_DIM > 0 ? CNN_DROPOUT : 0;
    const seen = rate > 0 ? (dropout(embedding, rate, context.seed) as Tensor2D) : embedding;
    const ofHead = headLoss(config, seen, parameters[headName] as Tensor2D, labels);
    if (!withTriplets) return { loss: ofHead, statistics };
    const options = NO_MARGIN ? { soft: true } : { margin: config.SOLVER.MARGIN };
    const ofTriplets = triplet(embedding, labels, options);
    const loss = add<Scalar>(mul(ofHead, ID_LOSS_WEIGHT), mul(ofTriplets, TRIPLET_LOSS_WEIGHT));
    return { loss, statistics };
  };
}

/** The cross entropy of the head's logits. */
export function headLoss(
  { MODEL, SOLVER }: LossKeys,
  embedding: Tensor2D,
  head: Tensor2D,
  labels: Tensor1D,
): Scalar {
  const smoothing: CrossEntropyOptions = MODEL.IF_LABELSMOOTH === "on" ? { labelSmoothing: 0.1 } : {};
  const options = { scale: SOLVER.COSINE_SCALE, margin: SOLVER.COSINE_MARGIN, ...smoothing };
  switch (MODEL.ID_LOSS_TYPE) {
    case "arcface":
      return arcFace(embedding, head, labels, options);
    case "cosface":
    case "amsoftmax":
      return cosFace(embedding, head, labels, options);
    case "circle":
      return circleClassification(embedding, head, labels, options);
    default:
      return softmax(embedding, head, zeros([head.shape[0]]), labels, smoothing);
  }
}
