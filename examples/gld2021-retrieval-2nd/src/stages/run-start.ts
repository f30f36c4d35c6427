import { existsSync } from "node:fs";
import { join } from "node:path";
import type { NamedArrays } from "@lmk/models";
import { type CompletedStage, initFileOf } from "@lmk-example/kit";
import { runConfig } from "../chain-runs.ts";
import type { Chain, ChainRun } from "../chains.ts";
import { imagenetWeights } from "../handover.ts";
import { weightsFile } from "../network-weights.ts";
import { checkpointName } from "../output-dir.ts";
import type { SystemContext } from "../system.ts";
import { readStart } from "../weights-file.ts";

/** A run, and the stage whose weights it begins with. */
export interface RunStart {
  readonly chain: Chain;
  readonly run: ChainRun;
  readonly before: CompletedStage | undefined;
}

/** The weights that a run begins with; none where they are drawn at random. */
export async function startOf(
  { config, options, notice }: SystemContext,
  { run, before }: RunStart,
): Promise<NamedArrays | undefined> {
  const yml = runConfig(config, run.name);
  const init = run.from === undefined ? initFileOf(options, yml.MODEL.NAME) : undefined;
  if (init !== undefined) {
    const { loadSeFc = false } = options;
    return imagenetWeights(yml, await readStart(init), { loadSeFc });
  }
  if (before === undefined) {
    notice(`${run.name} begins with random weights; --init brings those learned on ImageNet`);
    return undefined;
  }
  const last = join(before.folder, weightsFile);
  if (run.from === undefined || run.from.epoch === runConfig(config, run.from.run).SOLVER.MAX_EPOCHS)
    return readStart(last);
  const kept = join(before.folder, `${checkpointName(yml, run.from.epoch)}.safetensors`);
  // Before that epoch --max-steps may have ended the run.
  return readStart(options.maxSteps === undefined || existsSync(kept) ? kept : last);
}
