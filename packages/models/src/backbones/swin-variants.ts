/** The published Swin transformers that this package builds. */
export type SwinName =
  | "swin_tiny_patch4_window7_224"
  | "swin_small_patch4_window7_224"
  | "swin_base_patch4_window7_224"
  | "swin_base_patch4_window12_384";

/** What makes one Swin transformer. */
export interface SwinConfig {
  /** Channels of the first stage; each further stage has twice as many. */
  readonly width: number;
  /** Blocks in each of the four stages. */
  readonly depths: readonly [number, number, number, number];
  /** Attention heads in each of the four stages. */
  readonly heads: readonly [number, number, number, number];
  /** Rows and columns of a window. */
  readonly window: number;
  /** Height and width of an image, in pixels. */
  readonly size: number;
}

/** Widths, depths, heads, windows and sizes of the published networks. */
export const swinVariants: Readonly<Record<SwinName, SwinConfig>> = {
  swin_tiny_patch4_window7_224: {
    width: 96,
    depths: [2, 2, 6, 2],
    heads: [3, 6, 12, 24],
    window: 7,
    size: 224,
  },
  swin_small_patch4_window7_224: {
    width: 96,
    depths: [2, 2, 18, 2],
    heads: [3, 6, 12, 24],
    window: 7,
    size: 224,
  },
  swin_base_patch4_window7_224: {
    width: 128,
    depths: [2, 2, 18, 2],
    heads: [4, 8, 16, 32],
    window: 7,
    size: 224,
  },
  swin_base_patch4_window12_384: {
    width: 128,
    depths: [2, 2, 18, 2],
    heads: [4, 8, 16, 32],
    window: 12,
    size: 384,
  },
};
