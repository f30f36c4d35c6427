import type { TrainProcessOptions } from "@lmk-example/kit";
import type { BackboneName } from "./pretrained.ts";

/** What `train` takes from its command line besides keys and values of the config. */
export interface TrainCommandOptions extends TrainProcessOptions {
  readonly config: string;
  readonly step?: number;
  readonly dataDir: string;
  readonly outputDir: string;
  /** Weights to go on from instead of those of the step before. */
  readonly loadFrom?: string;
  /** Files with weights learned on ImageNet. */
  readonly init?: Readonly<Partial<Record<BackboneName, string>>>;
  readonly devices?: number;
  readonly parts: number;
}
