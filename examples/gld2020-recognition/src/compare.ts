import { type CompareCommandOptions, type ComparedMethod, readRunScores, say } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import { methodsOf } from "./methods.ts";
import { type PresetName, presets, withMembers } from "./presets.ts";
import { evaluateStage, type Scores } from "./stages/evaluate.ts";

/** How runs of this example are compared. */
export const comparison: CompareCommandOptions<PresetName> = {
  measures: {
    all: "GAP on all test images",
    private: "GAP on the private test images",
    public: "GAP on the public test images",
    protocol: "GAP by the first place's protocol",
    accuracy: "share of the test images with a landmark that are recognized",
  },
  presets: Object.keys(presets) as PresetName[],
  readScores: readComparedScores,
  say,
};

/** What the methods of a run scored; `preset` names them. */
export function readComparedScores(runFolder: string, preset: PresetName): readonly ComparedMethod[] {
  const scores = readRunScores<Scores>(runFolder, evaluateStage);
  const methods = methodsOf(configOf(preset, scores), { nonLandmarks: true });
  const titles = new Map(methods.map(({ name, title }) => [name, title]));
  return Object.entries(scores).map(([name, { gap, protocol, accuracy }]) => ({
    name,
    title: titles.get(name) ?? name,
    scores: { ...gap, protocol, accuracy },
  }));
}

/** The preset with the networks of the run: a run of one alone has no method of a single network. */
function configOf(preset: PresetName, scores: Scores): Config {
  const config = presets[preset];
  const members = config.chains.map(({ name }) => name).filter((name) => `${name}-fusion` in scores);
  return members.length === 0 ? config : withMembers(config, members);
}
