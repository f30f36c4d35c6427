import type { Config } from "./config.ts";
import { type PresetName, presets, withMembers } from "./presets.ts";
import type { SystemOptions } from "./system.ts";
import type { YmlConfig } from "./yml-config.ts";

/** The preset with what the command line changes. */
export function configOf(
  options: Pick<SystemOptions, "preset" | "seed" | "members" | "epochs" | "batchSize">,
): Config {
  const preset = options.preset as PresetName;
  const { seed, members } = options;
  const config = members === undefined ? presets[preset] : withMembers(preset, members);
  const runs = Object.entries(config.runs).map(([name, yml]) => [name, changed(yml, options)] as const);
  return {
    ...config,
    seed: seed ?? config.seed,
    chains: config.chains.map((chain) => withEpochs(chain, options)),
    runs: Object.fromEntries(runs),
  };
}

function changed(
  yml: YmlConfig,
  { epochs, batchSize }: Pick<SystemOptions, "epochs" | "batchSize">,
): YmlConfig {
  const { MODEL, SOLVER } = yml;
  return {
    ...yml,
    MODEL: batchSize === undefined ? MODEL : { ...MODEL, DEVICE_ID: "0" },
    SOLVER: {
      ...SOLVER,
      ...(batchSize === undefined ? {} : { IMS_PER_BATCH: batchSize }),
      ...(epochs === undefined ? {} : { MAX_EPOCHS: epochs, CHECKPOINT_PERIOD: 1 }),
    },
  };
}

/** A chain whose runs begin with the last epoch where fewer are trained. */
function withEpochs(
  chain: Config["chains"][number],
  { epochs }: Pick<SystemOptions, "epochs">,
): Config["chains"][number] {
  if (epochs === undefined) return chain;
  return {
    ...chain,
    runs: chain.runs.map((run) =>
      run.from === undefined
        ? run
        : { ...run, from: { ...run.from, epoch: Math.min(run.from.epoch, epochs) } },
    ),
  };
}
