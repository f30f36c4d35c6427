/**
 * Which loss gives the best embeddings? The same small network is trained with each loss of `@lmk/losses` and searched
 * with, as in the loss table of the 2019 winners, on generated landmarks.
 *
 *     pnpm --filter @lmk-benchmark/all bench:losses [loss…]
 *     pnpm --filter @lmk-benchmark/all bench:losses tune [loss…]
 *
 * All trainings of a seed start from the same weights and see the same batches in the same number of steps; images are
 * decoded once. `tune` looks for the best of the rates of `settings.ts` on a seed that is not reported: each entry has it.
 * Data sets and partial results are kept in `benchmarks/runs/losses`: a run that was killed goes on.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { NamedArrays } from "@lmk/models";
import { readSafetensors, writeSafetensors } from "@lmk/train";
import { beginReport, writeReport } from "../measure/report.ts";
import { entries, pretrainingLoss } from "./entries.ts";
import type { LossEntry } from "./entry.ts";
import { openLandmarkSet } from "./landmark-set.ts";
import { type LossesReport, type LossRow, rowOf, type StartScores, startRows } from "./results.ts";
import { fingerprintOfSources, openPartialResults, runFolder } from "./run-folder.ts";
import { landmarks, otherLandmarks, rates, seeds, training, tuningSeed } from "./settings.ts";
import { lossTables } from "./tables.ts";
import { createTrials, pretrain, randomWeights, type Trial } from "./trials.ts";

const words = process.argv.slice(2);
const tune = words[0] === "tune";
const names = tune ? words.slice(1) : words;
const chosen = entries.filter(({ name }) => names.length === 0 || names.includes(name));
if (chosen.length < Math.max(1, new Set(names).size)) {
  console.error(
    `losses.bench: expected losses of ${entries.map(({ name }) => name).join(", ")}, got ${names}`,
  );
  process.exit(2);
}

const begun = beginReport("none");
const started = performance.now();
const fingerprint = fingerprintOfSources();
console.error("landmarks");
const set = await openLandmarkSet(join(runFolder, "landmarks"), landmarks);
const trials = await createTrials(set);
const partial = openPartialResults<Trial>(join(runFolder, `trials-${fingerprint}.jsonl`));

/** The weights that a seed's trainings start from. */
async function startOf(seed: number): Promise<NamedArrays> {
  const file = join(runFolder, `start-${fingerprint}-${seed}.safetensors`);
  if (!existsSync(file)) {
    console.error(`weights to start from, seed ${seed}`);
    const others = await openLandmarkSet(join(runFolder, "other-landmarks"), otherLandmarks);
    await writeSafetensors(file, await pretrain(others, pretrainingLoss, seed));
  }
  return (await readSafetensors(file)).arrays;
}

async function trialOf(name: string, seed: number, rate: number, start: NamedArrays): Promise<Trial> {
  const entry = chosen.find((one) => one.name === name)!;
  const key = `${name}, seed ${seed}, rate ${rate}, ${entry.settings}, ${entry.create}`;
  return partial.of(key, async () => {
    const trial = await trials.run(entry, start, { seed, rate });
    const { meanAveragePrecision, loss, seconds } = trial;
    const score = (100 * meanAveragePrecision).toFixed(2);
    console.error(
      `${name}, seed ${seed}, rate ${rate}: ${score}, loss ${loss.toFixed(3)}, ${seconds.toFixed(0)} s`,
    );
    return trial;
  });
}

/** The best of the rates around a loss's own: its neighbours are tried as long as they are better. */
async function tuneRate({ name, rate }: LossEntry, start: NamedArrays): Promise<string> {
  const scores = new Map<number, number>();
  let best = rate;
  for (;;) {
    const place = rates.indexOf(best);
    for (const tried of [best, rates[place - 1], rates[place + 1]]) {
      if (tried === undefined || scores.has(tried)) continue;
      scores.set(tried, (await trialOf(name, tuningSeed, tried, start)).meanAveragePrecision);
    }
    const sorted = [...scores].toSorted(([, a], [, b]) => b - a);
    if (sorted[0][0] === best) {
      const shown = sorted.map(([tried, score]) => `${tried}: ${(100 * score).toFixed(2)}`);
      return `${name}: ${best}, was ${rate}; ${shown.join(", ")}`;
    }
    best = sorted[0][0];
  }
}

if (tune) {
  const start = await startOf(tuningSeed);
  for (const entry of chosen) console.log(await tuneRate(entry, start));
} else {
  const scores: StartScores[] = [];
  const found = new Map<string, Trial[]>(chosen.map(({ name }) => [name, []]));
  for (const seed of seeds) {
    const start = await startOf(seed);
    scores.push({ random: await trials.score(randomWeights(seed)), start: await trials.score(start) });
    for (const { name, rate } of chosen) found.get(name)?.push(await trialOf(name, seed, rate, start));
  }
  const rows: LossRow[] = chosen.map((entry) => rowOf(entry, found.get(entry.name) ?? []));
  const failures = rows
    .filter(({ values }) => !values.every(Number.isFinite))
    .map(({ name }) => `${name}: the loss is not a number`);
  const results = {
    landmarks,
    otherLandmarks,
    training,
    seeds,
    minutes: (performance.now() - started) / 60_000,
    queries: set.queries.count,
    classes: set.classCount,
    rows: [...startRows(scores), ...rows],
  };
  const report: LossesReport = { ...begun, results, failures };
  console.log(`${lossTables(report)}\n`);
  writeReport(report, chosen.length === entries.length ? "losses" : "losses-some");
  if (failures.length > 0) process.exitCode = 1;
}
await trials.close();
