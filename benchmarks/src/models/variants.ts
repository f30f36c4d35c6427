import {
  type Backbone,
  createAlike,
  createDolg,
  createEfficientNet,
  createFishNet,
  createHybridSwin,
  createMobileNetV3,
  createResNeSt,
  createResNet,
  createReXNet,
  createSwin,
  type EmbeddingModel,
  type LocalFeatureModel,
} from "@lmk/models";

/** A network as the table of models shows it. */
export interface Variant {
  readonly title: string;
  /** The golden file that has it, and its name there. */
  readonly family: string;
  readonly golden: string;
  readonly create: () => Backbone | EmbeddingModel | LocalFeatureModel;
  /** Height and width of the images that it was published for. */
  readonly size: number;
  /** Whose checkpoints it loads. */
  readonly checkpoints: string;
}

/** Rows for networks of a family that differ in nothing but the name. */
function family<Name extends string>(
  file: string,
  checkpoints: string,
  create: (name: Name) => Backbone | LocalFeatureModel,
  sizes: Readonly<Partial<Record<Name, number>>>,
): Variant[] {
  return (Object.keys(sizes) as Name[]).map((name) => ({
    title: name,
    family: file,
    golden: name,
    create: () => create(name),
    size: sizes[name] as number,
    checkpoints,
  }));
}

/** Without stochastic depth, as the goldens are. */
const still = { dropPathRate: 0 } as const;
const henkel = "ChristofHenkel/kaggle-landmark-2021-1st-place";

/** Every network, family by family. */
export const variants: readonly Variant[] = [
  ...family("resnet", "torchvision", createResNet, {
    resnet18: 224,
    resnet34: 224,
    resnet50: 224,
    resnet101: 224,
    resnet152: 224,
    resnext101_32x8d: 224,
  }),
  ...family("resnet", "timm gluon, torchvision's names", createResNet, { resnext101_32x4d: 224 }),
  ...family("resnet", "XingangPan/IBN-Net", createResNet, {
    resnet18_ibn_a: 224,
    resnet34_ibn_a: 224,
    resnet50_ibn_a: 224,
    resnet101_ibn_a: 224,
    resnet152_ibn_a: 224,
    resnext101_ibn_a: 224,
    se_resnet101_ibn_a: 224,
  }),
  {
    title: "resnet50, average shortcuts, last stride 1",
    family: "resnet",
    golden: "resnet50 averageShortcut lastStride1",
    create: () => createResNet("resnet50", { shortcut: "average", lastStride: 1 }),
    size: 256,
    checkpoints: "torchvision, 2021 second place",
  },
  ...family("resnet", "Cadene/pretrained-models, timm legacy", createResNet, { se_resnext101_32x4d: 224 }),
  ...family("resnest", "zhanghang1989/ResNeSt, timm", createResNeSt, {
    resnest50: 224,
    resnest101: 256,
    resnest200: 320,
    resnest269: 416,
  }),
  ...family("fishnet", "kevin-ssy/FishNet", createFishNet, {
    fishnet99: 224,
    fishnet150: 224,
    fishnet201: 224,
  }),
  ...family("efficientnet", "timm, geffnet, efficientnet_pytorch", createEfficientNet, {
    tf_efficientnet_b0_ns: 224,
    tf_efficientnet_b1_ns: 240,
    tf_efficientnet_b2_ns: 260,
    tf_efficientnet_b3_ns: 300,
    tf_efficientnet_b4_ns: 380,
    tf_efficientnet_b5_ns: 456,
    tf_efficientnet_b6_ns: 528,
    tf_efficientnet_b7_ns: 600,
    tf_efficientnet_lite0: 224,
    tf_efficientnet_lite1: 240,
    tf_efficientnet_lite2: 260,
    tf_efficientnet_lite3: 300,
    tf_efficientnet_lite4: 380,
  }),
  ...family("efficientnet", "timm", createEfficientNet, {
    efficientnet_b0: 224,
    efficientnet_b1: 240,
    efficientnet_b2: 260,
    efficientnet_b3: 300,
    efficientnet_b4: 380,
    efficientnet_b5: 456,
    efficientnet_b6: 528,
    efficientnet_b7: 600,
  }),
  ...family("mobilenet-v3", "timm", createMobileNetV3, {
    mobilenetv3_small_050: 224,
    mobilenetv3_small_075: 224,
    mobilenetv3_small_100: 224,
    mobilenetv3_large_075: 224,
    mobilenetv3_large_100: 224,
  }),
  ...family("rexnet", "clovaai/rexnet, timm", createReXNet, {
    rexnet_100: 224,
    rexnet_130: 224,
    rexnet_150: 224,
    rexnet_200: 224,
    rexnet_300: 224,
  }),
  ...family("swin", "timm, microsoft/Swin-Transformer", (name) => createSwin(name, still), {
    swin_tiny_patch4_window7_224: 224,
    swin_small_patch4_window7_224: 224,
    swin_base_patch4_window7_224: 224,
  }),
  ...(["swin_tiny_patch4_window7_224", "swin_small_patch4_window7_224"] as const).map((name) => ({
    title: `${name}, size 384, window 12`,
    family: "swin",
    golden: `${name} size 384 window 12`,
    create: () => createSwin(name, { size: 384, window: 12, ...still }),
    size: 384,
    checkpoints: "timm",
  })),
  ...family("swin", "timm, microsoft/Swin-Transformer", (name) => createSwin(name, still), {
    swin_base_patch4_window12_384: 384,
  }),
  dolg("DOLG-B5", "b5", 768, () => createDolg({ backbone: "tf_efficientnet_b5_ns" })),
  dolg("DOLG-B6", "b6 dilations 3 6 9", 768, () =>
    createDolg({ backbone: "tf_efficientnet_b6_ns", dilations: [3, 6, 9] }),
  ),
  dolg("DOLG-B7", "b7 dilations 3 6 9", 448, () =>
    createDolg({ backbone: "tf_efficientnet_b7_ns", dilations: [3, 6, 9] }),
  ),
  hybrid("B3, Swin-B 224", "b3 tap 3", 896, () =>
    createHybridSwin({ embedder: "tf_efficientnet_b3_ns", tap: 3, ...still }),
  ),
  hybrid("B5, stem stride 1, Swin-B 224", "b5 tap 3 stemStride 1", 448, () =>
    createHybridSwin({ embedder: "tf_efficientnet_b5_ns", tap: 3, stemStride: 1, ...still }),
  ),
  hybrid("B6, Swin-B 384", "b6 tap 1", 384, () =>
    createHybridSwin({
      embedder: "tf_efficientnet_b6_ns",
      tap: 1,
      transformer: "swin_base_patch4_window12_384",
      ...still,
    }),
  ),
  ...family("alike", "Shiaoming/ALIKE", createAlike, {
    "alike-t": 640,
    "alike-s": 640,
    "alike-n": 640,
    "alike-l": 640,
  }),
];

function dolg(title: string, golden: string, size: number, create: Variant["create"]): Variant {
  return { title, family: "dolg", golden, create, size, checkpoints: henkel };
}

function hybrid(parts: string, golden: string, size: number, create: Variant["create"]): Variant {
  return { title: `Hybrid-Swin ${parts}`, family: "hybrid-swin", golden, create, size, checkpoints: henkel };
}
