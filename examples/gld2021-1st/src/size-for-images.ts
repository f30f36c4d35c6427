import { UserError } from "@lmk-example/kit";
import type { NetworkConfig } from "./network-config.ts";
import type { NetworkSize } from "./network-size.ts";
import { isHybrid, tokensOf } from "./tokens.ts";

/**
 * A size whose transformer, if the config has one, takes images of a side: its grid of tokens becomes as fine as they make it.
 *
 * Bias tables of two sizes have the same shapes if no map of either is smaller than the window.
 *
 * @param side - Height and width of images, in pixels.
 * @throws UserError if the side is not a whole number of tokens, or `size` has no transformer for the config to take.
 */
export function sizeForImages(config: NetworkConfig, size: NetworkSize, side: number): NetworkSize {
  if (config.model !== "swin" && !isHybrid(config)) return size;
  const { transformer } = size;
  if (transformer === undefined) {
    throw new UserError(
      `${config.name}: expected a transformer in the size of the network, got none; a published one has its image side`,
    );
  }
  const stride = config.model === "swin" ? 4 : tokensOf(config).stride;
  if (!Number.isInteger(side / stride) || side <= 0) {
    throw new UserError(
      `${config.name}: expected images with a side that its tokens of ${stride} pixels divide, got ${side}; take a multiple`,
    );
  }
  return { ...size, transformer: { ...transformer, size: (4 * side) / stride } };
}
