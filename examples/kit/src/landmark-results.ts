import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type LandmarkData, writeRecognitionSubmission, writeRetrievalSubmission } from "@lmk/data";
import {
  evaluateRecognition,
  evaluateRetrieval,
  type RecognitionAnswer,
  type RetrievalAnswer,
} from "@lmk/eval";
import type { Neighbors } from "@lmk/index";
import { type PreparedData, usableRows } from "./prepared-data.ts";
import { UserError } from "./user-error.ts";

/** What a data set's solutions say about its queries. */
export interface Solutions {
  readonly retrieval: readonly RetrievalAnswer[];
  readonly recognition: readonly RecognitionAnswer[];
}

/** Reads the solutions of a data set; both must be there. */
export function solutionsOf(data: LandmarkData): Solutions {
  return { retrieval: retrievalSolutionOf(data), recognition: recognitionSolutionOf(data) };
}

function retrievalSolutionOf({ test, index, retrieval }: LandmarkData): RetrievalAnswer[] {
  if (retrieval === undefined) throw withoutSolution("retrieval_solution_v2.1.csv");
  return [...retrieval.queries].map((row, i) => ({
    id: test.ids.at(row),
    usage: retrieval.usages[i]!,
    images: [...retrieval.relevant[i]!].map((image) => index.ids.at(image)),
  }));
}

/** Reads the solution of the recognition challenge; it must be there. */
export function recognitionSolutionOf({ test, recognition }: LandmarkData): RecognitionAnswer[] {
  if (recognition === undefined) throw withoutSolution("recognition_solution_v2.1.csv");
  return [...recognition.queries].map((row, i) => ({
    id: test.ids.at(row),
    usage: recognition.usages[i]!,
    landmarks: [...recognition.landmarkIds[i]!],
  }));
}

function withoutSolution(missing: string): UserError {
  return new UserError(
    `evaluate: expected ${missing} beside test.csv, got none; without it run submit alone`,
  );
}

/** The landmark of each usable test row, and how sure it is. */
export interface Recognition {
  /** −1 for none. */
  readonly landmarkIds: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
}

/** A score on the two parts of the queries, and on both together; from 0 to 1. */
export interface ChallengeScores {
  readonly private: number;
  readonly public: number;
  readonly all: number;
}

/** How well index images were ranked. */
export interface RetrievalScores {
  /** mAP@100. */
  readonly meanAveragePrecision: ChallengeScores;
  /** Average precision of each query that has right answers, by its id. */
  readonly averagePrecisions: Readonly<Record<string, number>>;
}

/** Ids of the index images ranked for each query, by the query's id. */
export function rankedIds(
  prepared: PreparedData,
  { ids, rows, k }: Pick<Neighbors, "ids" | "rows" | "k">,
): Map<string, string[]> {
  const { test, index } = prepared.data;
  const testRows = usableRows(prepared, "test");
  const indexRows = usableRows(prepared, "index");
  return new Map(
    Array.from({ length: rows }, (_, row) => {
      const found = [...ids.subarray(row * k, (row + 1) * k)].filter((id) => id >= 0);
      return [test.ids.at(testRows[row]!), found.map((id) => index.ids.at(indexRows[id]!))];
    }),
  );
}

/** Scores a ranking of the index images as the retrieval challenge does. Rows and ids count usable rows. */
export function scoreRanking(
  prepared: PreparedData,
  ranking: Pick<Neighbors, "ids" | "rows" | "k">,
  { retrieval }: Pick<Solutions, "retrieval">,
): RetrievalScores {
  const known = new Set(retrieval.map(({ id }) => id));
  const predictions = new Map([...rankedIds(prepared, ranking)].filter(([id]) => known.has(id)));
  const scored = evaluateRetrieval(predictions, retrieval);
  const of = (usage: "Private" | "Public"): number =>
    evaluateRetrieval(predictions, retrieval, { usage }).meanAveragePrecision;
  const all = scored.meanAveragePrecision;
  return {
    meanAveragePrecision: { private: of("Private"), public: of("Public"), all },
    averagePrecisions: Object.fromEntries(
      scored.ids
        .map((id, i) => [id, scored.averagePrecisions[i]!] as const)
        .filter(([, value]) => Number.isFinite(value)),
    ),
  };
}

/** GAP of recognized landmarks, as the recognition challenge scores it. */
export function scoreRecognition(
  prepared: PreparedData,
  { landmarkIds, scores }: Recognition,
  { recognition }: Pick<Solutions, "recognition">,
): ChallengeScores {
  const rows = usableRows(prepared, "test");
  const predictions = [...rows].flatMap((row, i) =>
    landmarkIds[i]! < 0
      ? []
      : [{ id: prepared.data.test.ids.at(row), label: landmarkIds[i]!, score: scores[i]! }],
  );
  const of = (usage: "Private" | "Public" | "both"): number =>
    evaluateRecognition(predictions, recognition, { usage }).globalAveragePrecision;
  return { private: of("Private"), public: of("Public"), all: of("both") };
}

/** Writes `name` and `name.gz` in Kaggle's format of the retrieval challenge: every test image in the order of its table. */
export async function writeRanking(
  folder: string,
  name: string,
  prepared: PreparedData,
  ranking: Pick<Neighbors, "ids" | "rows" | "k">,
): Promise<void> {
  const ranked = rankedIds(prepared, ranking);
  const { ids } = prepared.data.test;
  const rows = Array.from({ length: ids.length }, (_, row) => {
    const id = ids.at(row);
    return { id, images: ranked.get(id) ?? [] };
  });
  await writeRetrievalSubmission(join(folder, name), rows);
  await compress(join(folder, name));
}

/** The same for the recognition challenge. Images that cannot be read, and landmarks of −1, stay empty. */
export async function writeRecognition(
  folder: string,
  name: string,
  prepared: PreparedData,
  { landmarkIds, scores }: Recognition,
): Promise<void> {
  const { ids } = prepared.data.test;
  const places = new Map([...usableRows(prepared, "test")].map((row, place) => [row, place]));
  const rows = Array.from({ length: ids.length }, (_, row) => {
    const place = places.get(row);
    const landmarkId = place === undefined ? -1 : landmarkIds[place]!;
    const prediction = landmarkId < 0 ? undefined : { landmarkId, score: scores[place!]! };
    return { id: ids.at(row), prediction };
  });
  await writeRecognitionSubmission(join(folder, name), rows);
  await compress(join(folder, name));
}

async function compress(path: string): Promise<void> {
  await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz`));
}
