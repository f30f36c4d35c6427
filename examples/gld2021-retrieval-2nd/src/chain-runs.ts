import { longestFirst, type Training } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import { createNetwork } from "./network.ts";
import type { RunName } from "./published-runs.ts";
import type { YmlConfig } from "./yml-config.ts";

/** The config of a run of the chains. */
export function runConfig({ runs }: Pick<Config, "runs">, name: RunName): YmlConfig {
  const config = runs[name];
  if (config === undefined) throw new RangeError(`expected a config of ${name}, got none`);
  return config;
}

/**
 * The chain of each network, for a process of its own. Networks of more layers come first, which take longest: at the end no
 * thread waits for them.
 */
export function trainingsOf(config: Pick<Config, "chains" | "runs" | "sizes">): readonly Training[] {
  const layersOf = ({ network, runs }: Config["chains"][number]): number =>
    Object.keys(createNetwork(runConfig(config, runs[0]!.name), config.sizes[network]).shapes).length;
  return longestFirst(config.chains, layersOf).map(({ network, runs }) => ({
    name: `train/${runs.at(-1)!.name}`,
    after: [],
    stage: "chains",
    options: ["--members", network],
  }));
}
