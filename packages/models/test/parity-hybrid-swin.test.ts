import { createHybridSwin, type HybridSwinOptions } from "@lmk/models";
import { describeAgainstGolden } from "./against-golden.ts";

const variants: Readonly<Record<string, HybridSwinOptions>> = {
  "b0 tap 1 swin_tiny size 64 window 2": {
    embedder: "tf_efficientnet_b0_ns",
    tap: 1,
    transformer: "swin_tiny_patch4_window7_224",
    size: 64,
    window: 2,
  },
  "b3 tap 3": { embedder: "tf_efficientnet_b3_ns" },
  "b5 tap 3 stemStride 1": { embedder: "tf_efficientnet_b5_ns", stemStride: 1 },
  "b6 tap 1": {
    embedder: "tf_efficientnet_b6_ns",
    tap: 1,
    transformer: "swin_base_patch4_window12_384",
  },
};

describeAgainstGolden("hybrid-swin", (variant) =>
  createHybridSwin({ ...variants[variant]!, dropPathRate: 0 }),
);
