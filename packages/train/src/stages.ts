import { type InitFromOptions, type InitFromReport, initFrom } from "./init-from.ts";
import type { NamedArrays } from "./parameters.ts";
import { requireInteger } from "./require.ts";
import { TrainingError } from "./training-error.ts";

/** Weights that a stage has left: by stage and epoch. */
export interface StageOutput {
  readonly stage: string;
  /**
   * Epochs done, counted from 1; one that the stage keeps.
   *
   * @defaultValue the end of the stage
   */
  readonly epoch?: number;
}

/** One run of training in a chain of them. */
export interface Stage {
  /** Different from all others of the chain. */
  readonly name: string;
  /**
   * Weights that it starts from, and what becomes of those that do not fit.
   *
   * @defaultValue none: the network's initial weights
   */
  readonly initFrom?: StageOutput & InitFromOptions;
  /**
   * Epochs, counted from 1, after which its weights are kept besides the last, so that one run serves several members.
   *
   * @defaultValue none
   */
  readonly keepEpochs?: readonly number[];
}

/** What a stage starts from. */
export interface StageStart {
  readonly parameters: NamedArrays;
  /** What was taken from the stage before; `undefined` if there is none. */
  readonly report: InitFromReport | undefined;
}

/** What runs stages and knows where their weights lie. */
export interface StageRunner<S extends Stage> {
  /** Whether a stage has run to its end. */
  readonly isComplete: (stage: S) => boolean | Promise<boolean>;
  /** Fresh weights of a stage's network. */
  readonly initial: (stage: S) => NamedArrays | Promise<NamedArrays>;
  /** Weights that a complete stage left at its end, or at an epoch that it keeps. */
  readonly load: (stage: S, epoch: number | undefined) => NamedArrays | Promise<NamedArrays>;
  /**
   * Trains a stage to its end, or goes on where it was interrupted.
   *
   * @param start - The weights to start from. A stage that goes on from its own checkpoint need not call it, and then
   *   nothing is loaded.
   */
  readonly run: (stage: S, start: () => Promise<StageStart>) => Promise<void>;
}

/** Options of {@link runStages}. */
export interface RunStagesOptions {
  /**
   * Stages whose weights are wanted; those that they start from are run as far as they are missing.
   *
   * @defaultValue all
   */
  readonly targets?: readonly string[];
}

/** What {@link runStages} did. */
export interface StagesReport {
  /** Stages that were run, in order. */
  readonly ran: readonly string[];
  /** Stages that were complete before. */
  readonly skipped: readonly string[];
}

/**
 * Trains a chain, or a tree, of stages: each starts from weights of another, and those that are complete are not run again.
 *
 * A process that was killed is simply started again: stages before the interrupted one are skipped, and `run` is called for
 * it once more. Where several ranks train together, each of them runs the chain, and `isComplete` must tell all the same.
 *
 * @throws RangeError if names repeat, a source is unknown, listed later, part of a cycle or keeps no such epoch, or a target
 *   is unknown.
 * @throws TrainingError with the code `incomplete-stage` if a stage is not complete after its run; stages after it are not
 *   run. What `run` and `initFrom` throw is passed on.
 *
 * @example
 * ```ts
 * import { runStages } from "@lmk/train";
 *
 * const weights = new Map(); // as files would be
 * const stages = [
 *   { name: "clean-256" },
 *   { name: "full-512", initFrom: { stage: "clean-256", drop: ["head"] } },
 * ];
 * const runner = {
 *   isComplete: (stage) => weights.has(stage.name),
 *   initial: () => ({ head: { shape: [2], data: Float32Array.of(0, 0) } }),
 *   load: (stage) => weights.get(stage.name),
 *   run: async (stage, start) => void weights.set(stage.name, (await start()).parameters),
 * };
 * (await runStages(stages, runner)).ran; // => ["clean-256", "full-512"]
 * (await runStages(stages, runner)).ran; // => []
 * ```
 */
export async function runStages<S extends Stage>(
  stages: readonly S[],
  runner: StageRunner<S>,
  options: RunStagesOptions = {},
): Promise<StagesReport> {
  requireStages(stages);
  const { targets = stages.map(({ name }) => name) } = options;
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  for (const target of targets) {
    if (!byName.has(target))
      throw new RangeError(`runStages: expected \`targets\` to name stages, got "${target}"`);
  }

  const wanted = new Set(targets);
  const pending: S[] = [];
  const skipped: string[] = [];
  for (const stage of [...stages].reverse()) {
    if (!wanted.has(stage.name)) continue;
    if (await runner.isComplete(stage)) {
      skipped.unshift(stage.name);
      continue;
    }
    pending.unshift(stage);
    if (stage.initFrom) wanted.add(stage.initFrom.stage);
  }

  for (const stage of pending) {
    await runner.run(stage, () => startOf(stage, byName, runner));
    if (await runner.isComplete(stage)) continue;
    throw new TrainingError(
      "incomplete-stage",
      `runStages: expected the stage "${stage.name}" to be complete after its run, got an incomplete one; run it again to go on`,
    );
  }
  return { ran: pending.map(({ name }) => name), skipped };
}

async function startOf<S extends Stage>(
  stage: S,
  byName: ReadonlyMap<string, S>,
  runner: StageRunner<S>,
): Promise<StageStart> {
  const initial = await runner.initial(stage);
  if (!stage.initFrom) return { parameters: initial, report: undefined };
  const { stage: source, epoch, ...rules } = stage.initFrom;
  return initFrom(initial, await runner.load(byName.get(source)!, epoch), rules);
}

/** Refuses chains that cannot be run in the order they are listed in. */
function requireStages(stages: readonly Stage[]): void {
  const names = stages.map(({ name }) => name);
  stages.forEach(({ name, initFrom: source, keepEpochs = [] }, i) => {
    if (names.indexOf(name) !== i)
      throw new RangeError(`runStages: expected \`stages\` to have different names, got "${name}" twice`);
    keepEpochs.forEach((epoch, j) => {
      requireInteger("runStages", `stages[${i}].keepEpochs[${j}]`, epoch, 1);
    });
    if (source) requireSource(stages, i, source);
  });
}

function requireSource(stages: readonly Stage[], i: number, { stage, epoch }: StageOutput): void {
  const { name } = stages[i];
  const at = stages.findIndex((candidate) => candidate.name === stage);
  if (at < 0) {
    throw new RangeError(
      `runStages: expected \`initFrom.stage\` of "${name}" to name a stage, got "${stage}"`,
    );
  }
  if (at >= i) {
    const cycle = cycleFrom(stages, name);
    const got = cycle ? `a cycle, ${cycle.join(" ← ")}` : "one after it";
    throw new RangeError(
      `runStages: expected \`initFrom.stage\` of "${name}" to be listed before it, got "${stage}": ${got}`,
    );
  }
  if (epoch !== undefined && !stages[at].keepEpochs?.includes(epoch)) {
    throw new RangeError(
      `runStages: expected \`initFrom.epoch\` of "${name}" to be among \`keepEpochs\` of "${stage}", got ${epoch}`,
    );
  }
}

/** The names from a stage back to itself, if there is such a way. */
function cycleFrom(stages: readonly Stage[], name: string): string[] | undefined {
  const path = [name];
  for (;;) {
    const next = stages.find((stage) => stage.name === path.at(-1))?.initFrom?.stage;
    if (next === undefined) return undefined;
    if (next === name) return [...path, next];
    if (path.includes(next)) return undefined;
    path.push(next);
  }
}
