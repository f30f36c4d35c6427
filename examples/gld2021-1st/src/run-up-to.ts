import { join } from "node:path";
import { sayFile, sayTable, stageOfEach } from "@lmk-example/kit";
import { datasetLine } from "./dataset-line.ts";
import { handedIn, recognitionMethods, retrievalMethods, submittedRanking } from "./methods.ts";
import { evaluate, type Results, readScores } from "./stages/evaluate.ts";
import { recognizeBy } from "./stages/recognize.ts";
import { report, tablesOf } from "./stages/report.ts";
import { retrieveBy } from "./stages/retrieve.ts";
import { searchAll } from "./stages/search.ts";
import { submissionFiles, submit } from "./stages/submit.ts";
import type { EmbeddedSystem, SystemContext } from "./system.ts";
import { embedSystem } from "./system-run.ts";

/** The system, stage by stage, up to the one that is asked for. */
export async function runUpTo(last: string, context: SystemContext): Promise<void> {
  const system = await embedSystem(context, last);
  if (system !== undefined) await rankUpTo(last, context, system);
}

/** What comes after the embeddings. */
export async function rankUpTo(last: string, context: SystemContext, system: EmbeddedSystem): Promise<void> {
  const { config } = context;
  const { labelledIndex } = system.data;
  const all = {
    retrieval: retrievalMethods(config, { labelledIndex: labelledIndex !== undefined }),
    recognition: recognitionMethods(config, { nonLandmarks: system.data.nonLandmarks !== undefined }),
  };
  const submitted = {
    retrieval: all.retrieval.filter(({ name }) => name === submittedRanking),
    recognition: all.recognition.length === 0 ? [] : [handedIn(all.recognition)],
  };
  // What is handed in needs no other method.
  const methods = last === "submit" ? submitted : all;
  const searched = { methods: [...methods.retrieval, ...methods.recognition], labelledIndex };
  const lists = await searchAll(context, system, searched);
  if (last === "search") return;
  const retrieval = await stageOfEach(methods.retrieval, (method) =>
    retrieveBy(context, system, { lists, labelledIndex }, method),
  );
  if (last === "retrieve") return;
  const recognition = await stageOfEach(methods.recognition, (method) =>
    recognizeBy(context, system, lists, method),
  );
  if (last === "recognize") return;
  const results: Results = { retrieval, recognition };
  const handIn = async (): Promise<void> => {
    const [ranking, names] = [submitted.retrieval[0], submitted.recognition[0]];
    const { folder } = await submit(context, system, {
      retrieval: ranking && retrieval.get(ranking.name),
      recognition: names && recognition.get(names.name),
    });
    if (ranking !== undefined) sayFile("submission", join(folder, submissionFiles.retrieval));
    if (names !== undefined) sayFile("submission", join(folder, submissionFiles.recognition));
  };
  if (last === "submit") return handIn();
  const evaluated = await evaluate(context, system, results);
  tablesOf(methods, readScores(evaluated), datasetLine(context, system.data)).forEach(sayTable);
  if (last === "evaluate") return;
  await handIn();
  const written = await report(context, { system, lists, methods, results, evaluated });
  sayFile("report", join(written.folder, "report.html"));
}
