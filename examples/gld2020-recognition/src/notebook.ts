import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { writeRecognitionSubmission } from "@lmk/data";
import { createContext, nonLandmarksOf, readPredictions, say, UserError } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import { type KaggleFolder, type KaggleFolderOptions, readKaggleFolder } from "./kaggle-folder.ts";
import { embedKaggle, type TrainedFiles } from "./kaggle-system.ts";
import type { Method } from "./method.ts";
import { methodsOf, rankedMethod, submittedMethod } from "./methods.ts";
import { presets, withMembers } from "./presets.ts";
import { rankClassesAll } from "./stages/head.ts";
import { recognizeBy } from "./stages/recognize.ts";
import { searchAll } from "./stages/search.ts";
import { submissionRows } from "./submission-rows.ts";
import type { SystemContext, SystemOptions } from "./system.ts";

/** What `notebook` takes from its command line. */
export interface NotebookOptions
  extends KaggleFolderOptions,
    TrainedFiles,
    Pick<SystemOptions, "members" | "provider" | "threads" | "skipCorrupt" | "batchSize"> {
  /** The competition's folder. */
  readonly data: string;
  /** The submission. */
  readonly out: string;
  /** The name of a method of `methodsOf`. */
  readonly method?: string;
  /** Where embeddings and lists are kept; an interrupted run goes on. */
  readonly run: string;
}

/**
 * Recognizes the test images of a competition's folder with networks that are trained already, and writes the submission:
 * by the method that is asked for, else by the fusion as it was submitted, or, where photos without landmarks are given, by the
 * fusion with A − B − C.
 *
 * @param preset - The networks, and the numbers of the ranking.
 */
export async function runNotebook(options: NotebookOptions, preset: Config = presets.paper): Promise<void> {
  const context = contextOf(options, preset);
  const method = methodOf(context.config, options);
  const kaggle = await readKaggleFolder(options.data, options);
  showCommitRun(context, kaggle);
  const system = await embedKaggle(context, options, kaggle.data);
  const nonLandmarks = nonLandmarksOf(system.data.prepared);
  const lists = new Map([
    ...(await searchAll(context, system, { methods: [method], nonLandmarks })),
    ...(await rankClassesAll(context, system, [method])),
  ]);
  const recognized = await recognizeBy(context, system, lists, method);
  const out = resolve(options.out);
  await mkdir(dirname(out), { recursive: true });
  const rows = await writeRecognitionSubmission(
    out,
    submissionRows(kaggle, await readPredictions(recognized)),
  );
  say(`submission  ${options.out}: ${rows} images, ${method.title}`);
}

/** The method to hand in, before anything is embedded. */
function methodOf(config: Config, { method, nonLandmarks }: NotebookOptions): Method {
  const hasAny = nonLandmarks !== undefined;
  if (method === undefined) return hasAny ? rankedMethod(config) : submittedMethod(config);
  const known = methodsOf(config, { nonLandmarks: hasAny });
  const found = known.find(({ name }) => name === method);
  if (found !== undefined) return found;
  const names = known.map(({ name }) => name).join(", ");
  throw new UserError(
    `--method: expected one of ${names}, got ${method}${hasAny ? "" : "; others need --non-landmarks"}`,
  );
}

function contextOf({ run, method: _, ...options }: NotebookOptions, preset: Config): SystemContext {
  const { members, batchSize = preset.embedding.batchSize } = options;
  const chosen = members === undefined ? preset : withMembers(preset, members);
  const config = { ...chosen, embedding: { ...chosen.embedding, batchSize } };
  return createContext(resolve(run), config, { ...options, preset: "paper" });
}

function showCommitRun({ notice }: SystemContext, { data, submission, commitRun }: KaggleFolder): void {
  if (commitRun === undefined) return;
  const { testImages } = commitRun;
  notice(
    `train.csv is the public one: as in the notebook ${data.train.ids.length} of its images are searched, and ${testImages} of ${submission.length} test images looked at; --commit-run never takes all`,
  );
}
