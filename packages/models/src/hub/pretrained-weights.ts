import type { WeightsSource } from "./weights-source.ts";

/** The weights that {@link pretrainedWeights} knows: a network's name, with a suffix where there are several. */
export type PretrainedWeightsName =
  | "resnet18"
  | "resnet34"
  | "resnet50"
  | "resnet101"
  | "resnet152"
  | "resnet50.tv2"
  | "resnet101.tv2"
  | "resnet152.tv2"
  | "resnet18_ibn_a"
  | "resnet34_ibn_a"
  | "resnet50_ibn_a"
  | "resnet101_ibn_a"
  | "resnext101_ibn_a"
  | "se_resnet101_ibn_a"
  | "resnext101_32x4d"
  | "resnext101_32x8d"
  | "se_resnext101_32x4d"
  | "resnest50"
  | "resnest50.timm"
  | "resnest101"
  | "resnest101.timm"
  | "resnest200"
  | "resnest200.timm"
  | "resnest269"
  | "resnest269.timm"
  | "fishnet99"
  | "fishnet150"
  | "fishnet150.welltrained"
  | "tf_efficientnet_b0_ns"
  | "tf_efficientnet_b1_ns"
  | "tf_efficientnet_b2_ns"
  | "tf_efficientnet_b3_ns"
  | "tf_efficientnet_b4_ns"
  | "tf_efficientnet_b5_ns"
  | "tf_efficientnet_b6_ns"
  | "tf_efficientnet_b7_ns"
  | "tf_efficientnet_lite0"
  | "tf_efficientnet_lite1"
  | "tf_efficientnet_lite2"
  | "tf_efficientnet_lite3"
  | "tf_efficientnet_lite4"
  | "mobilenetv3_small_050"
  | "mobilenetv3_small_075"
  | "mobilenetv3_small_100"
  | "mobilenetv3_large_100"
  | "mobilenetv3_large_100.miil_in21k"
  | "rexnet_100"
  | "rexnet_130"
  | "rexnet_150"
  | "rexnet_200"
  | "rexnet_300"
  | "swin_tiny_patch4_window7_224"
  | "swin_small_patch4_window7_224"
  | "swin_base_patch4_window7_224"
  | "swin_base_patch4_window12_384"
  | "swin_tiny_patch4_window7_224.in22k"
  | "swin_small_patch4_window7_224.in22k"
  | "swin_base_patch4_window7_224.in22k"
  | "swin_base_patch4_window12_384.in22k"
  | "alike-t"
  | "alike-s"
  | "alike-n"
  | "alike-l";

/**
 * Where the published weights of this package's networks lie.
 *
 * A name is that of a network; a suffix after a dot names another training of it. All were trained to
 * classify ImageNet-1k unless the suffix or the repository says more: `ns_jft` is Noisy Student on JFT-300M,
 * `in22k` is ImageNet-22k (with `ft_in1k`, fine-tuned), `tv2` are torchvision's second recipes. Plain
 * `resnestN` are the authors' own files and `resnestN.timm` the same weights as safetensors.
 *
 * Files of the hub are checked against the SHA-256 that the hub publishes, releases against the prefix in
 * their file name. FishNet's authors publish no checksum, and the ALIKE files s and l have none here.
 *
 * `loadWeights` of `@lmk/models/checkpoints` reads each of them for its network and finds by itself where timm's names
 * are others by now, as for ReXNet and Swin.
 *
 * There are no published weights of `resnet152_ibn_a`, `fishnet201` and `mobilenetv3_large_075`, and none here of the plain
 * `efficientnet_bN`.
 *
 * @example
 * ```ts
 * import { pretrainedWeights } from "@lmk/models/hub";
 *
 * pretrainedWeights.tf_efficientnet_b0_ns; // => { repository: "timm/tf_efficientnet_b0.ns_jft_in1k", file: "model.safetensors" }
 * ```
 */
export const pretrainedWeights: Readonly<Record<PretrainedWeightsName, WeightsSource>> = {
  resnet18: timm("resnet18.tv_in1k"),
  resnet34: timm("resnet34.tv_in1k"),
  resnet50: timm("resnet50.tv_in1k"),
  resnet101: timm("resnet101.tv_in1k"),
  resnet152: timm("resnet152.tv_in1k"),
  "resnet50.tv2": timm("resnet50.tv2_in1k"),
  "resnet101.tv2": timm("resnet101.tv2_in1k"),
  "resnet152.tv2": timm("resnet152.tv2_in1k"),
  resnet18_ibn_a: ibn("resnet18_ibn_a", "2f571257"),
  resnet34_ibn_a: ibn("resnet34_ibn_a", "94bc1577"),
  resnet50_ibn_a: ibn("resnet50_ibn_a", "d9d0bb7b"),
  resnet101_ibn_a: ibn("resnet101_ibn_a", "59ea0ac6"),
  resnext101_ibn_a: ibn("resnext101_ibn_a", "6ace051d"),
  se_resnet101_ibn_a: ibn("se_resnet101_ibn_a", "fabed4e2"),
  resnext101_32x4d: timm("resnext101_32x4d.gluon_in1k"),
  resnext101_32x8d: timm("resnext101_32x8d.tv_in1k"),
  se_resnext101_32x4d: {
    url: "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/legacy_se_resnext101_32x4d-37725eac.pth",
    sha256Prefix: "37725eac",
  },
  resnest50: resnest("resnest50", "528c19ca"),
  "resnest50.timm": timm("resnest50d.in1k"),
  resnest101: resnest("resnest101", "22405ba7"),
  "resnest101.timm": timm("resnest101e.in1k"),
  resnest200: resnest("resnest200", "75117900"),
  "resnest200.timm": timm("resnest200e.in1k"),
  resnest269: resnest("resnest269", "0cc87c48"),
  "resnest269.timm": timm("resnest269e.in1k"),
  fishnet99: { url: "https://www.dropbox.com/s/hvojbdsad5ue7yb/fishnet99_ckpt.tar?dl=1" },
  fishnet150: { url: "https://www.dropbox.com/s/hjadcef18ln3o2v/fishnet150_ckpt.tar?dl=1" },
  "fishnet150.welltrained": {
    url: "https://www.dropbox.com/s/ajy9p6f97y45f1r/fishnet150_ckpt_welltrained.tar?dl=1",
  },
  tf_efficientnet_b0_ns: timm("tf_efficientnet_b0.ns_jft_in1k"),
  tf_efficientnet_b1_ns: timm("tf_efficientnet_b1.ns_jft_in1k"),
  tf_efficientnet_b2_ns: timm("tf_efficientnet_b2.ns_jft_in1k"),
  tf_efficientnet_b3_ns: timm("tf_efficientnet_b3.ns_jft_in1k"),
  tf_efficientnet_b4_ns: timm("tf_efficientnet_b4.ns_jft_in1k"),
  tf_efficientnet_b5_ns: timm("tf_efficientnet_b5.ns_jft_in1k"),
  tf_efficientnet_b6_ns: timm("tf_efficientnet_b6.ns_jft_in1k"),
  tf_efficientnet_b7_ns: timm("tf_efficientnet_b7.ns_jft_in1k"),
  tf_efficientnet_lite0: timm("tf_efficientnet_lite0.in1k"),
  tf_efficientnet_lite1: timm("tf_efficientnet_lite1.in1k"),
  tf_efficientnet_lite2: timm("tf_efficientnet_lite2.in1k"),
  tf_efficientnet_lite3: timm("tf_efficientnet_lite3.in1k"),
  tf_efficientnet_lite4: timm("tf_efficientnet_lite4.in1k"),
  mobilenetv3_small_050: timm("mobilenetv3_small_050.lamb_in1k"),
  mobilenetv3_small_075: timm("mobilenetv3_small_075.lamb_in1k"),
  mobilenetv3_small_100: timm("mobilenetv3_small_100.lamb_in1k"),
  mobilenetv3_large_100: timm("mobilenetv3_large_100.ra_in1k"),
  "mobilenetv3_large_100.miil_in21k": timm("mobilenetv3_large_100.miil_in21k"),
  rexnet_100: timm("rexnet_100.nav_in1k"),
  rexnet_130: timm("rexnet_130.nav_in1k"),
  rexnet_150: timm("rexnet_150.nav_in1k"),
  rexnet_200: timm("rexnet_200.nav_in1k"),
  rexnet_300: timm("rexnet_300.nav_in1k"),
  swin_tiny_patch4_window7_224: timm("swin_tiny_patch4_window7_224.ms_in1k"),
  swin_small_patch4_window7_224: timm("swin_small_patch4_window7_224.ms_in1k"),
  swin_base_patch4_window7_224: timm("swin_base_patch4_window7_224.ms_in22k_ft_in1k"),
  swin_base_patch4_window12_384: timm("swin_base_patch4_window12_384.ms_in22k_ft_in1k"),
  "swin_tiny_patch4_window7_224.in22k": timm("swin_tiny_patch4_window7_224.ms_in22k"),
  "swin_small_patch4_window7_224.in22k": timm("swin_small_patch4_window7_224.ms_in22k"),
  "swin_base_patch4_window7_224.in22k": timm("swin_base_patch4_window7_224.ms_in22k"),
  "swin_base_patch4_window12_384.in22k": timm("swin_base_patch4_window12_384.ms_in22k"),
  "alike-t": alike("alike-t", {
    sha256: "c0840329a6b88518d914b03af2be956f5607055a389ba17441db02bb94f7d12e",
    bytes: 350644,
  }),
  "alike-s": alike("alike-s"),
  "alike-n": alike("alike-n", {
    sha256: "8bd4789272eec779be280f8fc1007608ff604241440a0a3377c1559199412ee3",
    bytes: 1338420,
  }),
  "alike-l": alike("alike-l"),
};

function timm(model: string): WeightsSource {
  return { repository: `timm/${model}`, file: "model.safetensors" };
}

function ibn(model: string, sha256Prefix: string): WeightsSource {
  const release = "https://github.com/XingangPan/IBN-Net/releases/download/v1.0";
  return { url: `${release}/${model}-${sha256Prefix}.pth`, sha256Prefix };
}

function resnest(model: string, sha256Prefix: string): WeightsSource {
  const release = "https://github.com/zhanghang1989/ResNeSt/releases/download/weights_step1";
  return { url: `${release}/${model}-${sha256Prefix}.pth`, sha256Prefix };
}

function alike(model: string, check: { sha256?: string; bytes?: number } = {}): WeightsSource {
  return { url: `https://github.com/Shiaoming/ALIKE/raw/main/models/${model}.pth`, ...check };
}
