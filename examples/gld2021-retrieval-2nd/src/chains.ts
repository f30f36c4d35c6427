import type { RunName } from "./published-runs.ts";

/** A network by the name that the original's settings of inference give it. */
export type NetworkName = "R50" | "SER101ibn" | "RXt101ibn" | "ResNeSt101" | "ResNeSt269";

/** A run of a chain and what it begins with. */
export interface ChainRun {
  readonly name: RunName;
  /** The run before and its epoch, from 1, whose weights this one begins with; a backbone's of ImageNet if not given. */
  readonly from?: { readonly run: RunName; readonly epoch: number };
}

/** The runs of one network, one after another. */
export interface Chain {
  readonly network: NetworkName;
  readonly runs: readonly ChainRun[];
  /** The run that the published network is of; those after it are for experiments. */
  readonly published: RunName;
}

/** A first run, and runs that each begin with an epoch of the one before. */
function chain(
  network: NetworkName,
  published: RunName,
  first: RunName,
  ...later: readonly (readonly [RunName, number])[]
): Chain {
  const runs: ChainRun[] = [{ name: first }];
  for (const [name, epoch] of later) runs.push({ name, from: { run: runs.at(-1)!.name, epoch } });
  return { network, runs, published };
}

/**
 * The chains of all networks: the fast script of ResNet-50, and those of the four networks that were handed in, in the
 * order of the original's `MODEL_LIST`.
 *
 * Epochs are those of the files that the yml files name. That of the second run of ResNet-50 names none that is published:
 * here it begins where the first one ends.
 */
export const chains: Readonly<Record<NetworkName, Chain>> = {
  R50: chain("R50", "R50_256", "R50_256", ["R50_256_finetune", 10]),
  SER101ibn: chain(
    "SER101ibn",
    "SER101ibn_512_all",
    "SER101ibn_384",
    ["SER101ibn_384_finetune", 10],
    ["SER101ibn_512_finetune", 6],
    ["SER101ibn_512_all", 2],
  ),
  RXt101ibn: chain(
    "RXt101ibn",
    "RXt101ibn_512_all",
    "RXt101ibn_384",
    ["RXt101ibn_384_finetune", 10],
    ["RXt101ibn_512_finetune", 2],
    ["RXt101ibn_512_all", 2],
  ),
  ResNeSt101: chain(
    "ResNeSt101",
    "ResNeSt101_512_all",
    "ResNeSt101_384",
    ["ResNeSt101_384_finetune", 10],
    ["ResNeSt101_512_finetune", 6],
    ["ResNeSt101_512_all", 2],
  ),
  ResNeSt269: chain(
    "ResNeSt269",
    "ResNeSt269_512_all",
    "ResNeSt269_448",
    ["ResNeSt269_448_finetune", 10],
    ["ResNeSt269_512_finetune", 4],
    ["ResNeSt269_512_all", 2],
  ),
};

/** Every network, in the order of the original's settings. */
export const networkNames = Object.keys(chains) as readonly NetworkName[];

/** The epoch of a run that the next one begins with; `undefined` for the last run of a chain, whose last epoch is used. */
export function handedOnEpoch({ runs }: Chain, name: RunName): number | undefined {
  return runs.find(({ from }) => from?.run === name)?.from?.epoch;
}
