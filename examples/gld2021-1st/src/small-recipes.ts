import type { MemberName } from "./ensembles.ts";
import type { NetworkConfig } from "./network-config.ts";
import type { NetworkSize, TransformerSize } from "./network-size.ts";
import type { Recipe } from "./recipes.ts";

/** Of all steps but those of hybrids, which have the side that their tokens need. */
export const smallSide = 64;

function transformer(size: number): TransformerSize {
  return {
    name: "swin_base_patch4_window7_224",
    size,
    window: 4,
    width: 32,
    depths: [2, 2, 2],
    heads: [1, 2, 4],
  };
}

const b3 = { width: 0.25, depth: 0.25 };
const b5 = { width: 0.35, depth: 0.25 };
const b6 = { width: 0.4, depth: 0.25 };
const b7 = { width: 0.45, depth: 0.25 };
const channels = 128;

/** The narrow networks: as different from one another as minutes on two cores allow. */
export const narrow: Readonly<Record<MemberName, NetworkSize>> = {
  "dolg-b5": { ...b5, channels },
  "dolg-b6": { ...b6, channels },
  "dolg-b7": { ...b7, channels },
  "swin-b3": { ...b3, transformer: transformer(32) },
  "swin-b5": { ...b5, transformer: transformer(32) },
  "swin-b6": { ...b6, transformer: transformer(64) },
  "effnet-b3": b3,
  "effnet-b6": b6,
  "effnet-b5": b5,
};

/** Small epochs for each published one. */
const smallShare = 0.15;

/** Epochs of the schedule, and those that are trained, in the proportions of the published ones; one epoch stays one. */
function smallEpochs({ epochs, stop_at, warmup }: NetworkConfig): Pick<NetworkConfig, "epochs" | "stop_at"> {
  if (epochs === 1) return { epochs, stop_at };
  const length = Math.max(warmup + 1, 2, Math.round(epochs * smallShare));
  return { epochs: length, stop_at: stop_at < 0 ? -1 : Math.max(1, Math.round(stop_at * smallShare)) };
}

/** Rates of a schedule that rises tenfold are those of its first epoch. */
function smallRate({ schedule, optimizer, backbone }: NetworkConfig): number {
  if (optimizer === "SGD") return 6e-3;
  if (schedule === "gradual_warmup") return 2e-4;
  return backbone.startsWith("swin") ? 1e-3 : 2e-3;
}

/** From so few images a network learns nothing by the published loss: all embeddings soon point one way. */
function smallConfig(config: NetworkConfig): NetworkConfig {
  return {
    ...config,
    ...smallEpochs(config),
    lr: smallRate(config),
    img_size: [smallSide, smallSide],
    dilations: [1, 2, 3],
    batch_size: 16,
    grad_accumulation: 1,
    arcface_s: 20,
    arcface_m: 0.1,
    arcface_m_x: 0.135,
    arcface_m_y: 0.015,
  };
}

/** A recipe with few epochs of small images, for networks that are narrow. */
export function smallRecipe({ member, steps }: Recipe): Recipe {
  return {
    member,
    steps: steps.map((step) => ({ ...step, config: smallConfig(step.config), devices: 1 })),
  };
}
