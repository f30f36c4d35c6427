import { type TrainProcessOptions, UserError } from "@lmk-example/kit";
import type { EnetType, TrainStep } from "./train-run.ts";

/** What `train` takes from its command line; the first part by the original's names. */
export interface TrainCommandOptions extends TrainProcessOptions {
  readonly kernelType: string;
  readonly dataDir: string;
  readonly trainStep: TrainStep;
  readonly imageSize: number;
  readonly enetType: EnetType;
  readonly batchSize: number;
  readonly initLr: number;
  readonly nEpochs: number;
  readonly startFromEpoch: number;
  readonly stopAtEpoch: number;
  readonly useAmp?: boolean;
  readonly modelDir: string;
  readonly logDir: string;
  readonly CUDA_VISIBLE_DEVICES: string;
  readonly fold: number;
  readonly loadFrom: string;

  readonly foldsCsv: string;
  readonly accumulate: number;
  readonly keepEpochs?: readonly number[];
  readonly init?: string;
}

/** Refuses options that contradict each other. */
export function requireUsable({
  useAmp,
  nEpochs,
  startFromEpoch,
  stopAtEpoch,
  keepEpochs = [],
}: TrainCommandOptions): void {
  if (useAmp === true) {
    throw new UserError(
      "--use-amp: expected training in float32, got a flag that in the original turned mixed precision off; leave it out, it is off here",
    );
  }
  const last = Math.min(nEpochs, stopAtEpoch);
  if (startFromEpoch > last) {
    throw new UserError(
      `--start-from-epoch: expected an epoch up to the last, ${last}, got ${startFromEpoch}; raise --stop-at-epoch or --n-epochs`,
    );
  }
  const untrained = keepEpochs.find((epoch) => epoch < startFromEpoch || epoch > last);
  if (untrained !== undefined) {
    throw new UserError(
      `--keep-epochs: expected epochs from ${startFromEpoch} to ${last}, got ${untrained}; correct the list, or raise --stop-at-epoch`,
    );
  }
}
