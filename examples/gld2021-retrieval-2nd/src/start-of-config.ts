import { existsSync } from "node:fs";
import type { NamedArrays } from "@lmk/models";
import { fileHash, UserError } from "@lmk-example/kit";
import { imagenetWeights } from "./handover.ts";
import { readStart } from "./weights-file.ts";
import type { YmlConfig } from "./yml-config.ts";

/** What a run begins with, and a name of it. */
export interface Start {
  readonly start: NamedArrays;
  readonly startedFrom: string;
}

/**
 * Reads the file of `MODEL.PRETRAIN_PATH`.
 *
 * @returns `undefined` where it is empty: the weights are drawn at random.
 * @throws UserError if there is no such file. CheckpointError where it is not what it should be.
 */
export async function startOfConfig(
  config: Pick<YmlConfig, "MODEL">,
  options: { readonly loadSeFc: boolean },
): Promise<Start | undefined> {
  const { PRETRAIN_PATH, PRETRAIN_CHOICE } = config.MODEL;
  if (PRETRAIN_PATH === "") return undefined;
  if (!existsSync(PRETRAIN_PATH)) {
    throw new UserError(
      `MODEL.PRETRAIN_PATH: expected a file of weights, got no ${PRETRAIN_PATH}; put it behind the key, or "" to begin with random weights`,
    );
  }
  const arrays = await readStart(PRETRAIN_PATH);
  const hash = await fileHash(PRETRAIN_PATH);
  if (PRETRAIN_CHOICE === "self") return { start: arrays, startedFrom: hash };
  const start = imagenetWeights(config, arrays, options);
  return { start, startedFrom: options.loadSeFc ? `${hash}, se.fc` : hash };
}
