import { join } from "node:path";
import { historyCurve, type ReportCurve, type RunFolder } from "@lmk-example/kit";
import type { Config } from "./config.ts";

/** The curves of all runs of the chains, in their order; of those whose history is in the folder of the run. */
export async function trainingCurves(
  { path }: Pick<RunFolder, "path">,
  { chains }: Pick<Config, "chains">,
): Promise<readonly ReportCurve[]> {
  const names = chains.flatMap(({ runs }) => runs.map(({ name }) => name));
  const curves: ReportCurve[] = [];
  for (const name of names) {
    const curve = await historyCurve(name, join(path, "train", name));
    if (curve !== undefined) curves.push(curve);
  }
  return curves;
}
