import type { ModelKeys } from "../yml-config.ts";
import type { KeyRows } from "./key-row.ts";

/** Keys of the network, its head and its loss. */
export const modelKeys: KeyRows<ModelKeys> = {
  NUM_CLASSES: {
    default: 0,
    does: "Above 0, the head has 203,094 classes, whatever the number; at 0, those of the list.",
  },
  DEVICE: { default: "cuda", reason: "The engine is chosen by the run's options." },
  DEVICE_ID: {
    default: "0",
    does: "How many devices the original trained on: `SOLVER.IMS_PER_BATCH` times that many images are a batch.",
  },
  NAME: { default: "resnet50", does: "The backbone." },
  LAST_STRIDE: {
    default: 1,
    values: [1, 2],
    does: "Stride of the last stage of ResNet-50, ResNet-101-IBN and the ResNeSts; the other two have 1.",
  },
  PRETRAIN_PATH: { default: "", does: "The file of the weights that the run begins with." },
  PRETRAIN_CHOICE: {
    default: "imagenet",
    values: ["imagenet", "self"],
    does: "Whether these weights are a backbone's of ImageNet or a whole network of an earlier run. `finetune` was never written.",
  },
  NECK: { default: "bnneck", reason: "The original reads it and does nothing with it." },
  IF_WITH_CENTER: { default: "no", reason: "The original never reads it: there is no center loss." },
  NECK_DIM: { default: 512, does: "Length of an embedding; 0 leaves the linear layer out." },
  NECK_BIAS: { default: false, does: "Whether the bias of the neck's batch norm is trained." },
  ID_LOSS_TYPE: {
    default: "softmax",
    values: ["arcface", "cosface", "amsoftmax", "circle", "softmax"],
    does: "The head's loss.",
  },
  ID_LOSS_WEIGHT: { default: 1, does: "Factor of the head's loss where there is a triplet loss beside it." },
  TRIPLET_LOSS_WEIGHT: { default: 1, does: "Factor of the triplet loss." },
  VERIFICATION_LOSS_WEIGHT: { default: 1, reason: "The original never reads it." },
  GEM: {
    default: false,
    does: "Generalized mean of power 3; without, the mean and the largest value are added.",
  },
  CNN_DROPOUT: {
    default: 0.7,
    does: "Share of an embedding's numbers that the head does not see in training.",
  },
  METRIC_LOSS_TYPE: { default: "triplet", does: "With `triplet` in it, a triplet loss is added." },
  DIST_TRAIN: { default: false, reason: "Every run goes on one process or on several; a batch is the same." },
  NO_MARGIN: { default: false, does: "A soft triplet loss, without a margin." },
  IF_LABELSMOOTH: { default: "on", values: ["on", "off"], does: "Label smoothing by 0.1." },
  COS_LAYER: { default: false, reason: "`MODEL.ID_LOSS_TYPE` tells whether the head takes the labels." },
  FROZEN: { default: -1, reason: "The original hands it to two backbones that never act on it." },
};
