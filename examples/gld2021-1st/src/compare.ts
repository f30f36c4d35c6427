import {
  type ChallengeScores,
  type CompareCommandOptions,
  type ComparedMethod,
  readRunScores,
  say,
} from "@lmk-example/kit";
import { recognitionMethods, retrievalMethods } from "./methods.ts";
import { type PresetName, presets } from "./presets.ts";
import { evaluateStage, type Scores } from "./stages/evaluate.ts";
import type { Method } from "./way.ts";

/** How runs of this example are compared. */
export const comparison: CompareCommandOptions<PresetName> = {
  measures: {
    "map-all": "mAP@100 on all test images",
    "map-private": "mAP@100 on the private test images",
    "map-public": "mAP@100 on the public test images",
    "gap-all": "GAP on all test images",
    "gap-private": "GAP on the private test images",
    "gap-public": "GAP on the public test images",
    accuracy: "share of the test images with a landmark that are recognized",
  },
  presets: Object.keys(presets) as PresetName[],
  readScores: readComparedScores,
  say,
};

/** What the methods of a run scored; `preset` names them. */
export function readComparedScores(runFolder: string, preset: PresetName): readonly ComparedMethod[] {
  const { retrieval, recognition } = readRunScores<Scores>(runFolder, evaluateStage);
  const config = presets[preset];
  const [ranked, recognized] = [
    titlesOf(retrievalMethods(config, { labelledIndex: true })),
    titlesOf(recognitionMethods(config, { nonLandmarks: true })),
  ];
  return [
    ...Object.entries(retrieval).map(([name, { meanAveragePrecision }]) => ({
      name: `retrieval/${name}`,
      title: ranked.get(name) ?? name,
      scores: named("map", meanAveragePrecision),
    })),
    ...Object.entries(recognition).map(([name, { gap, accuracy }]) => ({
      name: `recognition/${name}`,
      title: recognized.get(name) ?? name,
      scores: { ...named("gap", gap), accuracy },
    })),
  ];
}

function named(measure: string, scores: ChallengeScores): Record<string, number> {
  return Object.fromEntries(Object.entries(scores).map(([usage, value]) => [`${measure}-${usage}`, value]));
}

function titlesOf(methods: readonly Method[]): ReadonlyMap<string, string> {
  return new Map(methods.map(({ name, title }) => [name, title]));
}
