import type { EfficientNetName, SwinName } from "@lmk/models";

/** What a smaller transformer is made of. */
export interface TransformerSize {
  /** Stands in for the transformer of the config. */
  readonly name: SwinName;
  /** Side of the images that it takes by itself, in pixels: four times its grid of tokens. */
  readonly size: number;
  /** Rows and columns of a window. */
  readonly window: number;
  /** Channels of its first stage; without it, and the two below, those of its name. */
  readonly width?: number;
  /** Blocks of each of its one to four stages. */
  readonly depths?: readonly number[];
  /** Attention heads of each stage; each divides the channels of its stage. */
  readonly heads?: readonly number[];
}

/** What makes a network smaller than the published one; empty for that one. */
export interface NetworkSize {
  /** Stands in for the EfficientNet of the config. */
  readonly efficientNet?: EfficientNetName;
  /** Factors of channels and blocks of the EfficientNet, in place of those of its name. */
  readonly width?: number;
  readonly depth?: number;
  /** Channels of the local and the global maps of DOLG, an even number. */
  readonly channels?: number;
  /** Stands in for the transformer of the config. */
  readonly transformer?: TransformerSize;
}
