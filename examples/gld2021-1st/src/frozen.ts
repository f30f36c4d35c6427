import type { ParameterGroup } from "@lmk/train";
import { UserError } from "@lmk-example/kit";
import type { NetworkConfig } from "./network-config.ts";
import { isHybrid } from "./tokens.ts";

/** What decides on frozen parameters. */
type FreezingConfig = Pick<
  NetworkConfig,
  "name" | "model" | "freeze_backbone_head" | "unfreeze_layers" | "gem_p_trainable"
>;

/**
 * The parameters that a run leaves as they are; empty where it trains all.
 *
 * With `freeze_backbone_head` only parameters are trained whose names hold `patch_embed`, or, in the network with three blocks,
 * one of `unfreeze_layers`; the head is frozen too. As in PyTorch, running statistics of frozen batch norms still move. Without
 * `gem_p_trainable` DOLG keeps the power of its pooling, which the other networks do not learn.
 *
 * @throws UserError if nothing would be trained, or the network is not a hybrid, which alone the original can freeze.
 */
export function frozenGroups(config: FreezingConfig): readonly ParameterGroup[] {
  const { name, model, freeze_backbone_head: freezes, unfreeze_layers, gem_p_trainable } = config;
  const keepsPower = model === "ch_mdl_dolg_efficientnet" && !gem_p_trainable;
  if (!freezes) return keepsPower ? [{ name: "power", match: /^global_pool\.p$/, frozen: true }] : [];
  if (!isHybrid(config)) {
    throw new UserError(
      `${name}: expected freeze_backbone_head only with hybrids, got ${model}; leave it out, for the original would ignore it`,
    );
  }
  const trained = model === "ch_mdl_hybrid_transformer_3x" ? unfreeze_layers : ["patch_embed"];
  if (trained.length === 0) {
    throw new UserError(
      `${name}: expected unfreeze_layers with freeze_backbone_head, got none; name a part of what is to be trained`,
    );
  }
  const match = (parameter: string): boolean => !trained.some((part) => parameter.includes(part));
  return [{ name: "frozen", match, frozen: true }];
}
