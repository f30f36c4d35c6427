/** The published ResNets and their kin. */
export type ResNetName =
  | "resnet18"
  | "resnet34"
  | "resnet50"
  | "resnet101"
  | "resnet152"
  | "resnet18_ibn_a"
  | "resnet34_ibn_a"
  | "resnet50_ibn_a"
  | "resnet101_ibn_a"
  | "resnet152_ibn_a"
  | "resnext101_32x4d"
  | "resnext101_32x8d"
  | "resnext101_ibn_a"
  | "se_resnet101_ibn_a"
  | "se_resnext101_32x4d";

/** What makes one ResNet. */
export interface ResNetConfig {
  /** `"basic"` is two 3 × 3 convolutions; `"bottleneck"` is 1 × 1, 3 × 3, 1 × 1 with four times the channels at its end. */
  readonly block: "basic" | "bottleneck";
  /** Blocks in each of the four stages. */
  readonly depths: readonly [number, number, number, number];
  /**
   * A ResNeXt's groups in the 3 × 3 convolution of a bottleneck, and the channels of each in the first stage of a
   * network of `width` 64; the others have one group of all channels.
   */
  readonly groups?: { readonly count: number; readonly width: number };
  /** IBN-a: in the first three stages, half of the channels after a block's first convolution get an instance norm. */
  readonly instanceNorm?: boolean;
  /**
   * Squeeze and excitation at the end of each bottleneck by a sixteenth of its channels: of linear layers without bias
   * (IBN-Net), or of 1 × 1 convolutions with (pretrainedmodels).
   */
  readonly excitation?: "linear" | "convolution";
  /**
   * Whose names and stem it has: torchvision's, or those of pretrainedmodels, whose first parts are under `layer0` and
   * whose max pooling has no padding but a last window that may not be full.
   *
   * @defaultValue "torchvision"
   */
  readonly reference?: "torchvision" | "pretrainedmodels";
}

const depths = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
} as const;

/** What the published networks are made of. */
export const resnetVariants: Readonly<Record<ResNetName, ResNetConfig>> = {
  resnet18: { block: "basic", depths: depths[18] },
  resnet34: { block: "basic", depths: depths[34] },
  resnet50: { block: "bottleneck", depths: depths[34] },
  resnet101: { block: "bottleneck", depths: depths[101] },
  resnet152: { block: "bottleneck", depths: depths[152] },
  resnet18_ibn_a: { block: "basic", depths: depths[18], instanceNorm: true },
  resnet34_ibn_a: { block: "basic", depths: depths[34], instanceNorm: true },
  resnet50_ibn_a: { block: "bottleneck", depths: depths[34], instanceNorm: true },
  resnet101_ibn_a: { block: "bottleneck", depths: depths[101], instanceNorm: true },
  resnet152_ibn_a: { block: "bottleneck", depths: depths[152], instanceNorm: true },
  resnext101_32x4d: { block: "bottleneck", depths: depths[101], groups: { count: 32, width: 4 } },
  resnext101_32x8d: { block: "bottleneck", depths: depths[101], groups: { count: 32, width: 8 } },
  resnext101_ibn_a: {
    block: "bottleneck",
    depths: depths[101],
    groups: { count: 32, width: 4 },
    instanceNorm: true,
  },
  se_resnet101_ibn_a: {
    block: "bottleneck",
    depths: depths[101],
    instanceNorm: true,
    excitation: "linear",
  },
  se_resnext101_32x4d: {
    block: "bottleneck",
    depths: depths[101],
    groups: { count: 32, width: 4 },
    excitation: "convolution",
    reference: "pretrainedmodels",
  },
};

/** Number that a network's `width` must be a multiple of, so that all its parts have whole numbers of channels. */
export function widthStep({ groups, instanceNorm, excitation }: ResNetConfig): number {
  if (groups) return 64 / groups.width;
  if (excitation) return 4;
  return instanceNorm ? 2 : 1;
}
