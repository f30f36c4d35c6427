/** A network of a system of 2021 in the last of its trainings, the one with the largest images. */
export interface PublishedNetwork {
  /** As the example calls it. */
  readonly name: string;
  readonly example: "gld2021-1st" | "gld2021-retrieval-2nd";
  /** Side of the images, in pixels. */
  readonly side: number;
  /** Classes of the head. */
  readonly classes: number;
  /** Images of the step. */
  readonly images: number;
  /** What names the training in the command `train` of the example, and its images. */
  readonly training: readonly string[];
}

/** Batch norm behind pooling has one number of each image, and in training refuses a single one, as in PyTorch. */
const batchNormed = 2;

/** `pretrained_weights None`: without the weights of the step before. */
function first(name: string, step: number, side: number, images = batchNormed): PublishedNetwork {
  const keys = ["pretrained_weights", "None", "batch_size", String(images), "grad_accumulation", "1"];
  return {
    name,
    example: "gld2021-1st",
    side,
    classes: 81_313,
    images,
    training: ["--config", name, "--step", String(step), "--devices", "1", ...keys],
  };
}

function second(name: string): PublishedNetwork {
  // Of so few generated landmarks there are none on some continents, which the sampler of this run draws by.
  const keys = [
    "DATALOADER.SAMPLER",
    "softmax",
    "MODEL.PRETRAIN_PATH",
    '""',
    "MODEL.DEVICE_ID",
    "'0'",
    "SOLVER.IMS_PER_BATCH",
  ];
  return {
    name,
    example: "gld2021-retrieval-2nd",
    side: 512,
    classes: 203_094,
    images: batchNormed,
    training: ["--config-file", `${name}_512_all`, ...keys, String(batchNormed)],
  };
}

/** The networks of the first place, and the four of the second place of retrieval. */
export const publishedNetworks: readonly PublishedNetwork[] = [
  first("dolg-b5", 3, 768),
  first("dolg-b6", 3, 768),
  first("dolg-b7", 3, 448),
  first("swin-b3", 4, 896),
  first("swin-b5", 4, 448),
  first("swin-b6", 4, 384),
  first("effnet-b3", 4, 768, 1),
  first("effnet-b6", 2, 512, 1),
  first("effnet-b5", 3, 704),
  second("SER101ibn"),
  second("RXt101ibn"),
  second("ResNeSt101"),
  second("ResNeSt269"),
];
