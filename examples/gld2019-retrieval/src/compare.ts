import type { PresetName } from "@lmk-example/gld2019-kit";
import { type CompareCommandOptions, type ComparedMethod, readRunScores, say } from "@lmk-example/kit";
import { presets } from "./config.ts";
import { ensembleName } from "./methods.ts";
import { evaluateStage, type Scores } from "./stages/evaluate.ts";

/** How runs of this example are compared. */
export const comparison: CompareCommandOptions<PresetName> = {
  measures: {
    all: "mAP@100 of all queries",
    private: "mAP@100 of the private queries",
    public: "mAP@100 of the public queries",
    gap: "GAP on all test images",
  },
  presets: Object.keys(presets) as PresetName[],
  readScores: readComparedScores,
  say,
};

/** What the methods of a run scored, then its networks alone; `preset` names the methods. */
export function readComparedScores(runFolder: string, preset: PresetName): readonly ComparedMethod[] {
  const { methods } = presets[preset].retrieval;
  const scores = readRunScores<Scores>(runFolder, evaluateStage);
  const ranked = scores.methods.map(({ method, meanAveragePrecision, globalAveragePrecision }) => ({
    name: method,
    title: methods.find(({ name }) => name === method)?.title ?? method,
    scores: { ...meanAveragePrecision, gap: globalAveragePrecision.all },
  }));
  const networks = Object.entries(scores.networks).filter(([name]) => name !== ensembleName);
  const searched = networks.map(([name, meanAveragePrecision]) => ({
    name: `search ${name}`,
    title: `search with ${name}`,
    scores: { ...meanAveragePrecision },
  }));
  return [...ranked, ...searched];
}
