import type { BackboneName } from "./pretrained.ts";

/** What `train` takes from its command line besides keys and values of the config. */
export interface TrainCommandOptions {
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
  readonly maxSteps?: number;
  readonly headClasses?: number;
  readonly seed: number;
  readonly provider: "cpu" | "cuda" | "webgpu";
  readonly threads?: number;
}
