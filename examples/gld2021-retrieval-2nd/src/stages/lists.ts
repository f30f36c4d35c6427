import { join } from "node:path";
import { type PreparedData, runStage, writeJson } from "@lmk-example/kit";
import { type IndexExpand, indexExpand } from "../lists/index-expand.ts";
import { classCountries } from "../lists/list-countries.ts";
import { listNames } from "../lists/list-names.ts";
import { listSourcesOf } from "../lists/list-sources.ts";
import { trainingList } from "../lists/training-lists.ts";
import { contestShareOf, readValidationFiles } from "../lists/validation-files.ts";
import { writeLists } from "../lists/write-lists.ts";
import type { SystemContext, SystemData } from "../system.ts";

/** What the lists are made with. */
type ListsContext = Pick<SystemContext, "run" | "config" | "options" | "notice">;

/**
 * Makes the lists of images as `generate-list` does, and the validation set. What is trained and searched comes from the same
 * tables; the files are for reading.
 *
 * @throws UserError as `listSourcesOf`, `readValidationFiles` and `indexExpand`.
 */
export async function lists(context: ListsContext, prepared: PreparedData): Promise<SystemData> {
  const { run, config } = context;
  const sources = listSourcesOf(prepared.data);
  const expand = await validationSet(context, prepared);
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
    expand,
  };
}

/** The index of the contest, or the share of the data set's that stands in for it, with all that is right for a query. */
async function validationSet(
  { config, options, notice }: Omit<ListsContext, "run">,
  { data }: PreparedData,
): Promise<IndexExpand> {
  const files = await readValidationFiles(options);
  const { contestShare } = config.validation;
  const contest = files.contest ?? contestShareOf(data.index.ids, contestShare);
  if (files.contest === undefined && contestShare === 1) {
    notice("index_expand: all index images; --contest-index names those of the contest");
  }
  return indexExpand(data, { ...files, contest });
}
