import { exactSearchAsync } from "@lmk/index";
import { type Ensemble, makeLists, readLists, stackedRows, takeRows } from "@lmk-example/gld2019-kit";
import type { CompletedStage } from "@lmk-example/kit";
import type { RecognitionConfig } from "../config.ts";
import type { RecognitionContext } from "../context.ts";
import type { Method } from "../methods.ts";
import { frequentRows, recognize } from "../recognize.ts";
import { type EvidenceStages, readEvidence, votersOf } from "./evidence.ts";
import { comparedRows, searchNeighbors } from "./search.ts";

/** Makes the lists that a way to recognize needs besides those of `search` and `verify`. */
export async function gather(
  context: RecognitionContext,
  ensemble: Ensemble,
  verified: CompletedStage | undefined,
  recognition: RecognitionConfig,
): Promise<EvidenceStages> {
  const neighbors = await searchNeighbors(context, ensemble, recognition);
  const reciprocal =
    recognition.reciprocalFactor === 1
      ? undefined
      : await searchVoters(context, ensemble, neighbors, recognition);
  const voting = { neighbors, verified, reciprocal, banned: undefined };
  const bans = recognition.banNeighbors && recognition.mostPredictions > 0;
  if (!bans) return voting;
  return { ...voting, banned: await searchBanned(context, ensemble, voting, recognition) };
}

/** Makes the lists of all methods, by the method's name. */
export async function ablate(
  context: RecognitionContext,
  ensemble: Ensemble,
  verified: CompletedStage | undefined,
  methods: readonly Method[],
): Promise<ReadonlyMap<string, EvidenceStages>> {
  const stages = new Map<string, EvidenceStages>();
  for (const { name, recognition } of methods) {
    stages.set(name, await gather(context, ensemble, verified, recognition));
  }
  return stages;
}

/** Finds for each train image that votes its nearest test and train images. */
async function searchVoters(
  context: RecognitionContext,
  ensemble: Ensemble,
  neighbors: CompletedStage,
  recognition: RecognitionConfig,
): Promise<CompletedStage> {
  const { neighborCount } = recognition;
  const { test, train } = await comparedRows(context, ensemble, recognition);
  const pool = stackedRows([test, train]);
  const voters = votersOf(await readLists(neighbors), neighborCount);
  const k = Math.min(context.config.ablations.reciprocalCount + 1, pool.rows);
  return makeLists(context, {
    name: "ablate/reciprocal",
    settings: { neighborCount, k },
    after: [neighbors, ...pool.stages],
    rows: voters.length,
    rowsPerPart: 4096,
    rowsAtOnce: 4096,
    async listsOf(first, end) {
      const queries = await takeRows(train, voters.slice(first, end));
      await using source = await pool.open();
      return await exactSearchAsync(queries, source, { k, threads: context.options.threads });
    },
  });
}

/** Finds for each test image with a banned landmark the nearest ones with other landmarks. */
async function searchBanned(
  context: RecognitionContext,
  ensemble: Ensemble,
  stages: EvidenceStages,
  recognition: RecognitionConfig,
): Promise<CompletedStage> {
  const { depth } = context.config.ablations.banNeighbors;
  const { test } = await comparedRows(context, ensemble, recognition);
  const evidence = await readEvidence(context, ensemble, stages, recognition);
  const banned = frequentRows(recognize(evidence, recognition), recognition.mostPredictions);
  const isBanned = new Set(banned);
  const others = Int32Array.from({ length: test.rows }, (_, row) => row).filter((row) => !isBanned.has(row));
  const { neighbors, verified, reciprocal } = stages;
  return makeLists(context, {
    name: "ablate/banned",
    settings: { recognition, depth },
    after: [neighbors, verified, reciprocal, ...test.stages].filter((stage) => stage !== undefined),
    rows: others.length === 0 ? 0 : banned.length,
    rowsPerPart: 4096,
    rowsAtOnce: 4096,
    async listsOf(first, end) {
      const queries = await takeRows(test, banned.slice(first, end));
      const database = await takeRows(test, others);
      const k = Math.min(depth, others.length);
      const found = await exactSearchAsync(queries, database, { k, threads: context.options.threads });
      return { ...found, ids: found.ids.map((place) => (place < 0 ? -1 : others[place]!)) };
    },
  });
}
