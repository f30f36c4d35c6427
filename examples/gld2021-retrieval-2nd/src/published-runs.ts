/** A published run by the name of its yml file. */
export type RunName =
  | `R50_256${"" | "_finetune"}`
  | `${"SER101ibn" | "RXt101ibn" | "ResNeSt101"}_${"384" | "384_finetune" | "512_finetune" | "512_all"}`
  | `ResNeSt269_${"448" | "448_finetune" | "512_finetune" | "512_all"}`;

/** The four kinds of runs, by their place in a chain. */
export type StageName = "clean" | "c2x" | "full" | "all";

/** What sets a run apart from the others of its stage. */
export interface PublishedRun {
  readonly name: RunName;
  /** `MODEL.NAME`. */
  readonly backbone: string;
  readonly stage: StageName;
  readonly size: 256 | 384 | 448 | 512;
  /** Images of a batch on one device. */
  readonly batch: number;
  readonly epochs: number;
  /** `MODEL.PRETRAIN_PATH`. */
  readonly start: string;
  /** `OUTPUT_DIR`, where it is not `logs/GLDv2clean/NAME`. */
  readonly output?: RunName;
}

const [r50, ser, rxt] = ["resnet50", "se_resnet101_ibn_a", "resnext101_ibn_a"];
const [nest101, nest269] = ["resnest101", "resnest269"];
const imagenet = ".torch";
const logs = "ILR2021/logs/GLDv2clean";

/** The runs in the order in which they are trained, one network after another. */
// biome-ignore format: a table
export const publishedRuns: readonly PublishedRun[] = [
  { name: "R50_256", backbone: r50, stage: "clean", size: 256, batch: 128, epochs: 10, start: `${imagenet}/models/resnet50-19c8e357.pth` },
  // Begins with a file of its own name that no published run writes.
  { name: "R50_256_finetune", backbone: r50, stage: "all", size: 256, batch: 128, epochs: 2, start: `${logs}/R50/R50_256_finetune/resnet50_6.pth` },

  { name: "SER101ibn_384", backbone: ser, stage: "clean", size: 384, batch: 96, epochs: 10, start: `${imagenet}/IBN-Net/se_resnet101_ibn_a-fabed4e2.pth` },
  { name: "SER101ibn_384_finetune", backbone: ser, stage: "c2x", size: 384, batch: 96, epochs: 6, start: `${logs}/IBN-Net/SER101ibn_384/se_resnet101_ibn_a_10.pth` },
  { name: "SER101ibn_512_finetune", backbone: ser, stage: "full", size: 512, batch: 18, epochs: 4, start: `${logs}/IBN-Net/SER101ibn_384_finetune/se_resnet101_ibn_a_6.pth`, output: "SER101ibn_512_all" },
  { name: "SER101ibn_512_all", backbone: ser, stage: "all", size: 512, batch: 18, epochs: 4, start: `${logs}/IBN-Net/SER101ibn_512_finetune/se_resnet101_ibn_a_2.pth` },

  { name: "RXt101ibn_384", backbone: rxt, stage: "clean", size: 384, batch: 40, epochs: 10, start: `${imagenet}/IBN-Net/resnext101_ibn_a-6ace051d.pth` },
  { name: "RXt101ibn_384_finetune", backbone: rxt, stage: "c2x", size: 384, batch: 40, epochs: 6, start: `${logs}/IBN-Net/RXt101ibn_384/resnext101_ibn_a_10.pth` },
  { name: "RXt101ibn_512_finetune", backbone: rxt, stage: "full", size: 512, batch: 18, epochs: 4, start: `${logs}/IBN-Net/RXt101ibn_384_finetune/resnext101_ibn_a_2.pth`, output: "RXt101ibn_512_all" },
  { name: "RXt101ibn_512_all", backbone: rxt, stage: "all", size: 512, batch: 18, epochs: 4, start: `${logs}/IBN-Net/RXt101ibn_512_finetune/resnext101_ibn_a_2.pth` },

  { name: "ResNeSt101_384", backbone: nest101, stage: "clean", size: 384, batch: 36, epochs: 10, start: `${imagenet}/resnest/resnest101-22405ba7.pth` },
  { name: "ResNeSt101_384_finetune", backbone: nest101, stage: "c2x", size: 384, batch: 88, epochs: 6, start: `${logs}/ResNeSt/ResNeSt101_384/resnest101_10.pth` },
  { name: "ResNeSt101_512_finetune", backbone: nest101, stage: "full", size: 512, batch: 40, epochs: 2, start: `${logs}/ResNeSt/ResNeSt101_384_finetune/resnest101_6.pth`, output: "ResNeSt101_512_all" },
  { name: "ResNeSt101_512_all", backbone: nest101, stage: "all", size: 512, batch: 40, epochs: 2, start: `${logs}/ResNeSt/ResNeSt101_512_finetune/resnest101_2.pth` },

  { name: "ResNeSt269_448", backbone: nest269, stage: "clean", size: 448, batch: 28, epochs: 10, start: `${imagenet}/resnest/resnest269-0cc87c48.pth` },
  { name: "ResNeSt269_448_finetune", backbone: nest269, stage: "c2x", size: 448, batch: 28, epochs: 6, start: `${logs}/ResNeSt/ResNest269_448/resnest269_10.pth` },
  { name: "ResNeSt269_512_finetune", backbone: nest269, stage: "full", size: 512, batch: 6, epochs: 2, start: `${logs}/ResNeSt/ResNeSt269_448_finetune/resnest269_4.pth` },
  { name: "ResNeSt269_512_all", backbone: nest269, stage: "all", size: 512, batch: 6, epochs: 2, start: `${logs}/ResNeSt/ResNeSt269_512_finetune/resnest269_2.pth`, output: "ResNeSt269_512_finetune" },
] as const;
