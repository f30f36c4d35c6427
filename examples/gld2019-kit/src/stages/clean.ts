import { join } from "node:path";
import {
  type CleaningGridCell,
  type CleaningReport,
  cleaningGrid,
  sameLabelNeighbors,
  selectVerified,
  type VerifiedPairs,
} from "@lmk/data";
import { exactSearchAsync, type Neighbors } from "@lmk/index";
import { readNpy, writeNpy } from "@lmk/index/npy";
import {
  type CompletedStage,
  makeLists,
  type PreparedData,
  readEmbeddings,
  readJson,
  readLists,
  runStage,
  trainLabels,
  usableRows,
  verify,
  writeJson,
  writeWhole,
} from "@lmk-example/kit";
import { augmentedList, type CleanData, type CleanLists } from "../clean-lists.ts";
import type { Job } from "../config.ts";
import { type EnsembleContext, jobOf, listName } from "../context.ts";
import { predict } from "./predict.ts";

/** What the cleaning left, for the report. */
export interface CleaningSummary {
  readonly lists: Readonly<Record<string, CleaningReport>>;
  readonly grid: readonly CleaningGridCell[];
}

/** Embeds the train images with the network whose neighbors are verified. */
export function describe(
  context: EnsembleContext,
  prepared: PreparedData,
  trained: CompletedStage,
): Promise<CompletedStage> {
  const { cleaning, extraction } = context.config;
  const { descriptor, templates, batchSize } = cleaning;
  return predict(context, {
    name: "describe",
    job: jobOf(context.config, descriptor),
    trained,
    prepared,
    split: "train",
    extraction: { ...extraction, templates, batchSize },
  });
}

/** For each train image its nearest ones of the same landmark. */
export async function findCandidates(
  context: EnsembleContext,
  prepared: PreparedData,
  described: CompletedStage,
): Promise<CompletedStage> {
  const { neighborCount, maxSameLabel } = context.config.cleaning;
  const labels = trainLabels(prepared);
  let opened: ReturnType<typeof readEmbeddings> | undefined;
  return makeLists(context, {
    name: "candidates",
    settings: { neighborCount, maxSameLabel },
    after: [prepared.stage, described],
    rows: labels.length,
    rowsPerPart: 4096,
    rowsAtOnce: 1024,
    async listsOf(first, end) {
      opened ??= readEmbeddings(described);
      const all = await opened;
      const queries = {
        data: all.data.subarray(first * all.columns, end * all.columns),
        rows: end - first,
        columns: all.columns,
      };
      const k = Math.min(neighborCount, all.rows);
      const found = await exactSearchAsync(queries, all, { k, threads: context.options.threads });
      const rows = Int32Array.from({ length: end - first }, (_, i) => first + i);
      const { starts, neighbors } = sameLabelNeighbors(rows, found, labels, { k, maxSameLabel });
      return listsOfLength(starts, neighbors, maxSameLabel - 1);
    },
  });
}

/** Counts for each train image the places that agree with its candidates. */
export function verifyCandidates(
  context: EnsembleContext,
  prepared: PreparedData,
  candidates: CompletedStage,
  features: CompletedStage,
): Promise<CompletedStage> {
  return verify(context, {
    name: "pairs",
    queries: features,
    database: features,
    lists: candidates,
    rows: usableRows(prepared, "train").length,
    verification: context.config.verification,
  });
}

/**
 * Keeps of the train images those that enough others of their landmark agree with, for each pair of thresholds. Each list
 * is a stage of its own, so that a training depends on its own list alone.
 */
export async function clean(
  context: EnsembleContext,
  prepared: PreparedData,
  pairs: CompletedStage,
  jobs: readonly Job[],
): Promise<CleanLists> {
  const { run, config } = context;
  const { minImages, grid, augmented } = config.cleaning;
  const after = [prepared.stage, pairs];
  const ofJobs = jobs.flatMap(({ data }) => (data.set === "v2-clean" ? [data] : []));
  const wanted = new Map([...ofJobs, augmentedList(augmented)].map((data) => [listName(data), data]));
  const stages = new Map<string, CompletedStage>();
  for (const [name, data] of wanted) {
    stages.set(name, await makeList(context, prepared, pairs, data));
  }
  const summary = await runStage(
    run,
    "clean/grid",
    { settings: { grid, minImages }, after },
    async (folder) => {
      const verified = pairsOf(await readLists(pairs));
      const cells = cleaningGrid(verified, trainLabels(prepared), { ...grid, minImages });
      writeJson(join(folder, "grid.json"), cells);
    },
  );
  const rows = await Promise.all(
    [...stages].map(async ([name, { folder }]) => {
      const { data } = await readNpy(join(folder, "rows.npy"));
      return [name, Int32Array.from(data)] as const;
    }),
  );
  return { stages, grid: summary, rows: new Map(rows) };
}

function makeList(
  { run, config }: EnsembleContext,
  prepared: PreparedData,
  pairs: CompletedStage,
  data: CleanData,
): Promise<CompletedStage> {
  const { minInliers, minVerified } = data;
  const settings = { minInliers, minVerified, minImages: config.cleaning.minImages };
  const after = [prepared.stage, pairs];
  return runStage(run, `clean/${listName(data)}`, { settings, after }, async (folder) => {
    const chosen = selectVerified(pairsOf(await readLists(pairs)), trainLabels(prepared), settings);
    const usable = usableRows(prepared, "train");
    const rows = chosen.rows.map((row) => usable[row]!);
    await writeNpy(join(folder, "rows.npy"), {
      data: Float32Array.from(rows),
      rows: rows.length,
      columns: 1,
    });
    writeWhole(join(folder, "list.csv"), listCsv(prepared, rows));
    writeJson(join(folder, "report.json"), chosen.report);
  });
}

/** What {@link clean} counted. */
export function readCleaning({ stages, grid }: CleanLists): CleaningSummary {
  const reports = [...stages].map(
    ([name, { folder }]) => [name, readJson<CleaningReport>(join(folder, "report.json"))!] as const,
  );
  return {
    lists: Object.fromEntries(reports),
    grid: readJson<CleaningGridCell[]>(join(grid.folder, "grid.json"))!,
  };
}

/** Lists of one length, with −1 behind the shorter ones; scores are not used and fall. */
function listsOfLength(starts: Int32Array, neighbors: Int32Array, k: number): Neighbors {
  const rows = starts.length - 1;
  const ids = new Int32Array(rows * k).fill(-1);
  const scores = new Float32Array(rows * k).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0; row < rows; row++) {
    const own = neighbors.subarray(starts[row], starts[row + 1]);
    ids.set(own, row * k);
    own.forEach((_, rank) => {
      scores[row * k + rank] = -rank;
    });
  }
  return { ids, scores, rows, k };
}

function pairsOf({ ids, scores, k }: Neighbors): VerifiedPairs {
  const count = ids.reduce((sum, id) => (id < 0 ? sum : sum + 1), 0);
  const pairs = {
    rows: new Int32Array(count),
    neighbors: new Int32Array(count),
    inliers: new Int32Array(count),
  };
  let at = 0;
  ids.forEach((id, i) => {
    if (id < 0) return;
    pairs.rows[at] = Math.floor(i / k);
    pairs.neighbors[at] = id;
    pairs.inliers[at] = scores[i]!;
    at += 1;
  });
  return pairs;
}

/** The published form: a line per landmark with the ids of its images. */
function listCsv({ data: { train } }: PreparedData, rows: Int32Array): string {
  const images = new Map<number, string[]>();
  for (const row of rows) {
    const landmark = train.landmarkIds[row]!;
    const ids = images.get(landmark);
    if (ids === undefined) images.set(landmark, [train.ids.at(row)]);
    else ids.push(train.ids.at(row));
  }
  const lines = [...images].sort(([a], [b]) => a - b).map(([id, ids]) => `${id},${ids.join(" ")}`);
  return `${["landmark_id,images", ...lines].join("\n")}\n`;
}
