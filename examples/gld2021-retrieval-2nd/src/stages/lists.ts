import { join } from "node:path";
import { type PreparedData, runStage, writeJson } from "@lmk-example/kit";
import { indexExpand } from "../lists/index-expand.ts";
import { classCountries } from "../lists/list-countries.ts";
import { listNames } from "../lists/list-names.ts";
import { listSourcesOf } from "../lists/list-sources.ts";
import { trainingList } from "../lists/training-lists.ts";
import { writeLists } from "../lists/write-lists.ts";
import type { SystemContext, SystemData } from "../system.ts";

/**
 * Makes the lists of images as `generate-list` does, and the validation set. What is trained and searched comes from the same
 * tables; the files are for reading.
 *
 * @throws UserError as `listSourcesOf` and `indexExpand`.
 */
export async function lists(
  { run, config }: Pick<SystemContext, "run" | "config">,
  prepared: PreparedData,
): Promise<SystemData> {
  const sources = listSourcesOf(prepared.data);
  await runStage(
    run,
    "lists",
    { settings: { files: listNames }, after: [prepared.stage] },
    async (folder) => {
      writeJson(join(folder, "sizes.json"), await writeLists(folder, sources, () => {}));
    },
  );
  const { landmarkIds } = trainingList(config.search.references, sources).set;
  return {
    prepared,
    sources,
    countries: classCountries(landmarkIds, sources.countries),
    expand: indexExpand(prepared.data),
  };
}
