import { existsSync } from "node:fs";
import { join } from "node:path";
import { readJsonLinesLog } from "@lmk/train";
import { type ReportCurve, type RunFolder, trainingCurve } from "@lmk-example/kit";
import type { Config } from "./config.ts";

/** The curves of all runs of the chains, in their order; of those whose history is in the folder of the run. */
export async function trainingCurves(
  { path }: Pick<RunFolder, "path">,
  { chains }: Pick<Config, "chains">,
): Promise<readonly ReportCurve[]> {
  const names = chains.flatMap(({ runs }) => runs.map(({ name }) => name));
  const curves: ReportCurve[] = [];
  for (const name of names) {
    const file = join(path, "train", name, "history.jsonl");
    if (!existsSync(file)) continue;
    const { steps } = await readJsonLinesLog(file);
    curves.push(
      trainingCurve(name, {
        step: steps.map(({ step }) => step),
        loss: steps.map(({ loss }) => loss),
        learningRate: steps.map(({ learningRate }) => learningRate),
      }),
    );
  }
  return curves;
}
