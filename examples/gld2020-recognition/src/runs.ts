import type { Chain, TrainRun } from "./train-run.ts";

/** A run as it is done once for all chains that it is part of. */
export interface PlannedRun extends TrainRun {
  /** Epochs before the last whose weights are kept, ascending: chains that stop there take them. */
  readonly keepEpochs: readonly number[];
}

/**
 * Every run of the chains once, each after the one whose weights it begins with.
 *
 * A run that chains stop at different epochs is done to the latest of them, and the weights of the others are kept on the
 * way. This is the same training: the schedule is laid out for `epochs`, not for where a run stops.
 *
 * @throws RangeError if two chains say different things of one run.
 */
export function runsOf(chains: readonly Chain[]): readonly PlannedRun[] {
  // A name keeps its place in a map: that of its first chain, after the runs that come before it there.
  const planned = new Map<string, PlannedRun>();
  for (const { runs } of chains) {
    for (const run of runs.map((one) => withEpoch(one, runs))) {
      const name = fileName(run);
      const known = planned.get(name);
      planned.set(name, known === undefined ? { ...run, keepEpochs: [] } : joined(known, run));
    }
  }
  return [...planned.values()].map((run) => withoutLastEpoch(run, planned));
}

/** The epoch after which a run ends, from 1. */
export function lastEpoch({ epochs, stopAtEpoch = epochs }: TrainRun): number {
  return Math.min(stopAtEpoch, epochs);
}

/** One run of two that differ in where they stop. */
function joined(a: PlannedRun, b: TrainRun): PlannedRun {
  requireSameTraining(a, b);
  const longer = lastEpoch(b) > lastEpoch(a) ? b : a;
  const ends = new Set([...a.keepEpochs, lastEpoch(a), lastEpoch(b)]);
  ends.delete(lastEpoch(longer));
  return { ...longer, keepEpochs: [...ends].sort((first, second) => first - second) };
}

/** Says after which epoch the weights are that a run of a chain begins with. */
function withEpoch(run: TrainRun, chain: readonly TrainRun[]): TrainRun {
  const { loadFrom } = run;
  const loaded = chain.find(({ kernelType }) => kernelType === loadFrom?.kernelType);
  if (loadFrom === undefined || loaded === undefined) return run;
  return { ...run, loadFrom: { epoch: lastEpoch(loaded), ...loadFrom } };
}

/** Leaves that out where it is the last one. */
function withoutLastEpoch(run: PlannedRun, planned: ReadonlyMap<string, PlannedRun>): PlannedRun {
  if (run.loadFrom === undefined) return run;
  const { kernelType, epoch } = run.loadFrom;
  const loaded = planned.get(fileName({ kernelType, fold: run.fold }));
  return loaded === undefined || epoch !== lastEpoch(loaded) ? run : { ...run, loadFrom: { kernelType } };
}

/** Runs with the same name and fold write the same files. */
function fileName({ kernelType, fold }: Pick<TrainRun, "kernelType" | "fold">): string {
  return `${kernelType}_fold${fold}`;
}

function requireSameTraining(a: TrainRun, b: TrainRun): void {
  const names = ["trainStep", "enetType", "imageSize", "batchSize", "devices", "initLr", "epochs"] as const;
  const differing = names.find((name) => a[name] !== b[name]);
  const isSameStart =
    a.loadFrom?.kernelType === b.loadFrom?.kernelType && a.loadFrom?.epoch === b.loadFrom?.epoch;
  if (differing === undefined && isSameStart) return;
  throw new RangeError(
    `runsOf: expected chains that share ${fileName(a)} to agree on it, got another \`${differing ?? "loadFrom"}\``,
  );
}
