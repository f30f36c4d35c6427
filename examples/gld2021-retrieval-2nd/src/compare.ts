import { type CompareCommandOptions, type ComparedMethod, readRunScores, say } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import { methodsOf } from "./methods.ts";
import { evaluateStage, type Scores } from "./stages/evaluate.ts";

/** The settings that name the methods of a run. */
type MethodsConfig = Pick<Config, "chains" | "inference" | "search">;

/**
 * How runs of this example are compared.
 *
 * @param presets - By name, the default first.
 */
export function comparisonOf<Preset extends string>(
  presets: Readonly<Record<Preset, MethodsConfig>>,
): CompareCommandOptions<Preset> {
  return {
    measures: {
      all: "mAP@100 of all queries",
      private: "mAP@100 of the private queries",
      public: "mAP@100 of the public queries",
      validation: "mAP on the validation set, as the authors count",
    },
    presets: Object.keys(presets) as Preset[],
    readScores: (runFolder, preset) => readComparedScores(runFolder, presets[preset]),
    say,
  };
}

/** What the methods of a run scored; `config` names them. */
export function readComparedScores(runFolder: string, config: MethodsConfig): readonly ComparedMethod[] {
  const scores = readRunScores<Scores>(runFolder, evaluateStage);
  // A run of one network alone has no method of all.
  const chains = config.chains.filter(({ network }) => network in scores);
  const methods = methodsOf(chains.length === 0 ? config : { ...config, chains });
  const titles = new Map(methods.map(({ name, title }) => [name, title]));
  return Object.entries(scores).map(([name, { challenge, validation }]) => ({
    name,
    title: titles.get(name) ?? name,
    scores: { ...challenge, validation },
  }));
}
