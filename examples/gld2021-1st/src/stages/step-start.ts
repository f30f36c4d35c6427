import { join } from "node:path";
import type { NamedArrays } from "@lmk/models";
import { type CompletedStage, initFileOf, initHashOf } from "@lmk-example/kit";
import type { MemberName } from "../ensembles.ts";
import { createNetwork } from "../network.ts";
import type { NetworkConfig } from "../network-config.ts";
import { backbonesOf, pretrainedWeights } from "../pretrained.ts";
import { standInsOf } from "../stand-ins.ts";
import type { SystemContext } from "../system.ts";
import { readWeights } from "../weights-file.ts";
import { readBackbones } from "./backbone-weights.ts";
import { type StandIns, weightsFile } from "./stand-in.ts";

/** A step that is trained. */
export interface TrainedStep {
  readonly stage: CompletedStage;
  readonly config: NetworkConfig;
}

/** What there is to begin with. */
export interface StartInputs {
  readonly standIns: StandIns;
  /** The step before, whose weights a step goes on from. */
  readonly before: TrainedStep | undefined;
}

/** What a step begins with. */
export interface StepStart {
  /** What is in the file of `--init` for each backbone that it takes the weights of. */
  readonly init: () => Promise<Readonly<Record<string, string | undefined>>>;
  /** The stages of the other weights. */
  readonly after: readonly CompletedStage[];
  /** Reads the weights; says which backbones have random ones. */
  readonly read: () => Promise<{ pretrained: NamedArrays; loaded?: NamedArrays }>;
}

/** What a step of a network begins with: the step before, and of backbones files of `--init` or stand-ins. */
export function stepStart(
  { config, options, notice }: SystemContext,
  { member, config: own }: { readonly member: MemberName; readonly config: NetworkConfig },
  { standIns, before }: StartInputs,
): StepStart {
  const names = [...backbonesOf(own).keys()];
  const files = names.map((backbone) => [backbone, initFileOf(options, backbone)] as const);
  const begun = standInsOf(config, member)
    .filter(({ backbone }) => names.includes(backbone))
    .flatMap((network) => {
      const stage = standIns.get(network.name);
      return stage === undefined ? [] : [{ network, stage }];
    });
  return {
    async init() {
      const hashes = names.map(async (backbone) => [backbone, await initHashOf(options, backbone)] as const);
      return Object.fromEntries(await Promise.all(hashes));
    },
    after: [...(before === undefined ? [] : [before.stage]), ...begun.map(({ stage }) => stage)],
    async read() {
      const backbones = await readBackbones(files, begun);
      const missing = names.filter((backbone) => backbones[backbone] === undefined);
      if (missing.length > 0) {
        notice(
          `${own.name}: random weights of ${missing.join(", ")}; --init brings those learned on ImageNet`,
        );
      }
      const pretrained = pretrainedWeights(own, backbones);
      if (before === undefined) return { pretrained };
      const model = createNetwork(before.config, config.sizes[member]);
      const loaded = await readWeights(join(before.stage.folder, weightsFile), model, before.config);
      return { pretrained, loaded };
    },
  };
}
