import type { TrainProcessOptions } from "@lmk-example/kit";

/** What `train` takes from its command line besides keys and values of the config. */
export interface TrainCommandOptions extends TrainProcessOptions {
  readonly configFile: string;
  /** The folder of the lists. */
  readonly cache: string;
  /** The folder of Google Landmarks v2, where the paths of the list are of another machine. */
  readonly root?: string;
  readonly parts: number;
  readonly loadSeFc?: boolean;
}
