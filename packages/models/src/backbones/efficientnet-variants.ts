/** The published EfficientNets, by timm's names. */
export type EfficientNetName =
  | `tf_efficientnet_b${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}_ns`
  | `tf_efficientnet_lite${0 | 1 | 2 | 3 | 4}`
  | `efficientnet_b${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}`;

/** What makes one EfficientNet. */
export interface EfficientNetConfig {
  /** Factor of all channels, which are then rounded to a multiple of 8. */
  readonly width: number;
  /** Factor of the blocks in each stage, rounded up. */
  readonly depth: number;
  /** Whether it has relu6, no squeeze and excitation, and stem, head, first and last stage of B0's size. */
  readonly lite: boolean;
  /**
   * `"tensorflow"`: strided convolutions pad as TensorFlow does, batch norms add 1e-3. `"pytorch"`: both sides are
   * padded alike, batch norms add 1e-5.
   */
  readonly style: "tensorflow" | "pytorch";
}

const tensorflow = { lite: false, style: "tensorflow" } as const;
const lite = { lite: true, style: "tensorflow" } as const;
const pytorch = { lite: false, style: "pytorch" } as const;

/** Widths, depths and kinds of the published networks. */
export const efficientnetVariants: Readonly<Record<EfficientNetName, EfficientNetConfig>> = {
  tf_efficientnet_b0_ns: { width: 1.0, depth: 1.0, ...tensorflow },
  tf_efficientnet_b1_ns: { width: 1.0, depth: 1.1, ...tensorflow },
  tf_efficientnet_b2_ns: { width: 1.1, depth: 1.2, ...tensorflow },
  tf_efficientnet_b3_ns: { width: 1.2, depth: 1.4, ...tensorflow },
  tf_efficientnet_b4_ns: { width: 1.4, depth: 1.8, ...tensorflow },
  tf_efficientnet_b5_ns: { width: 1.6, depth: 2.2, ...tensorflow },
  tf_efficientnet_b6_ns: { width: 1.8, depth: 2.6, ...tensorflow },
  tf_efficientnet_b7_ns: { width: 2.0, depth: 3.1, ...tensorflow },
  tf_efficientnet_lite0: { width: 1.0, depth: 1.0, ...lite },
  tf_efficientnet_lite1: { width: 1.0, depth: 1.1, ...lite },
  tf_efficientnet_lite2: { width: 1.1, depth: 1.2, ...lite },
  tf_efficientnet_lite3: { width: 1.2, depth: 1.4, ...lite },
  tf_efficientnet_lite4: { width: 1.4, depth: 1.8, ...lite },
  efficientnet_b0: { width: 1.0, depth: 1.0, ...pytorch },
  efficientnet_b1: { width: 1.0, depth: 1.1, ...pytorch },
  efficientnet_b2: { width: 1.1, depth: 1.2, ...pytorch },
  efficientnet_b3: { width: 1.2, depth: 1.4, ...pytorch },
  efficientnet_b4: { width: 1.4, depth: 1.8, ...pytorch },
  efficientnet_b5: { width: 1.6, depth: 2.2, ...pytorch },
  efficientnet_b6: { width: 1.8, depth: 2.6, ...pytorch },
  efficientnet_b7: { width: 2.0, depth: 3.1, ...pytorch },
};
