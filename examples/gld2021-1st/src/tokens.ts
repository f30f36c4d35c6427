import { type SwinName, swinVariants } from "@lmk/models";
import { UserError } from "@lmk-example/kit";
import type { NetworkConfig } from "./network-config.ts";
import type { NetworkSize } from "./network-size.ts";

/** Where the tokens of a hybrid come from. */
export interface Tokens {
  /** The EfficientNet's map, from 0. */
  readonly tap: 0 | 1 | 2 | 3 | 4;
  readonly stemStride: 1 | 2;
  /** Pixels of the image per token. */
  readonly stride: number;
}

/** The parts of a config that say where tokens come from. */
type TokenConfig = Pick<NetworkConfig, "name" | "model" | "stride" | "tap">;

/**
 * Where a hybrid's tokens come from: the file of the network decides, as in the original, unless the config names a map.
 *
 * @throws UserError where the original's file fails, or if the config is not of a hybrid.
 */
export function tokensOf(config: TokenConfig): Tokens {
  const { tap, stemStride } = config.tap === null ? byFile(config) : ofMap(config.tap, config.stride);
  return { tap, stemStride, stride: stemStride * 2 ** tap };
}

function ofMap(tap: Tokens["tap"], stride: NetworkConfig["stride"]): Pick<Tokens, "tap" | "stemStride"> {
  return { tap, stemStride: stride?.[0] ?? 2 };
}

function byFile({ name, model, stride }: TokenConfig): Pick<Tokens, "tap" | "stemStride"> {
  switch (model) {
    case "ch_mdl_hybrid_transformer":
      return { tap: 1, stemStride: 2 };
    case "ch_mdl_hybrid_transformer_3x":
      return { tap: 3, stemStride: 2 };
    case "ch_mdl_hybrid_transformer_2x":
      if (stride === null) {
        throw new UserError(`${name}: expected a stride for ${model}, got none; give it [1, 1] or [2, 2]`);
      }
      return stride[0] === 2 ? ofMap(2, stride) : ofMap(3, stride);
    default:
      throw new UserError(
        `${name}: expected the model to be a hybrid, got ${model}; only hybrids have tokens`,
      );
  }
}

/** Whether the network is an EfficientNet with a transformer behind it. */
export function isHybrid({ model }: Pick<NetworkConfig, "model">): boolean {
  return model.startsWith("ch_mdl_hybrid_transformer");
}

/** Side of the images that a network takes, in pixels: a transformer's is that of its tokens, the others' the config's. */
export function imageSide(config: NetworkConfig, { transformer }: NetworkSize = {}): number {
  if (config.model !== "swin" && !isHybrid(config)) return config.img_size[0];
  const { size } = transformer ?? swinVariants[config.backbone as SwinName];
  return config.model === "swin" ? size : (size / 4) * tokensOf(config).stride;
}
