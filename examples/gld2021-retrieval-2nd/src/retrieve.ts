import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { LandmarkData } from "@lmk/data";
import { createContext, prepareData, type RunOptions, say, usableRows } from "@lmk-example/kit";
import type { NetworkName } from "./chains.ts";
import { submittedSettings } from "./inference-settings.ts";
import {
  type ListedReferencesOptions,
  noReferences,
  preparedReferences,
  readReferences,
} from "./listed-references.ts";
import type { NetworkSize } from "./network.ts";
import { readRetrievalFolder } from "./retrieval-folder.ts";
import { retrieveConfig } from "./retrieve-config.ts";
import { requireNumbers } from "./retrieve-numbers.ts";
import { embedParts } from "./stages/embed.ts";
import { rerankBy } from "./stages/rerank.ts";
import { searchAll } from "./stages/search.ts";
import { submissionFile, submit } from "./stages/submit.ts";
import { graphAll, voteAll } from "./stages/tags.ts";
import { importNetworks } from "./trained-files.ts";
import { wayOfSettings } from "./way-of-settings.ts";
import { withSettings } from "./with-settings.ts";

/** What `retrieve` takes from its command line. */
export interface RetrieveOptions
  extends ListedReferencesOptions,
    Pick<RunOptions, "provider" | "threads" | "skipCorrupt"> {
  /** The competition's folder. */
  readonly imageDir: string;
  /** The folder of the networks' weights. */
  readonly modelDir: string;
  /** Settings of the original's inference, as `withSettings` takes them. */
  readonly set: readonly string[];
  /** As in `SearchConfig`. */
  readonly depth: number;
  /** The submission. */
  readonly out: string;
  /** Where embeddings and lists are kept; an interrupted run goes on. */
  readonly run: string;
}

/**
 * Ranks the index images of a competition's folder for its test images with networks that are trained already, and writes the
 * submission: by the settings of the notebook that was handed in, where no others are set.
 *
 * @param sizes - What makes networks smaller than the published ones.
 */
export async function retrieve(
  options: RetrieveOptions,
  sizes: Readonly<Partial<Record<NetworkName, NetworkSize>>> = {},
): Promise<void> {
  const settings = withSettings(submittedSettings, options.set);
  requireNumbers(settings);
  const config = retrieveConfig(settings, { depth: options.depth, sizes });
  const context = createContext(resolve(options.run), config, contextOptions(options));
  // Whatever list is set, all of it votes.
  const method = { name: "submitted", way: wayOfSettings(settings, "index_train") };
  const listed = method.way.category === undefined ? noReferences : await readReferences(settings, options);
  const images = { ...noImages, ...readRetrievalFolder(options.imageDir) };
  const trained = await importNetworks(context, options.modelDir);
  // Apart from one another, so that other references leave the embeddings of the folder as they are.
  const prepared = await prepareData(context, { name: "prepare/images", data: images, check: "header" });
  const labelled = await prepareData(context, {
    name: `prepare/${listed.name}`,
    data: { ...noImages, train: listed.table },
    check: "header",
  });
  const searched = {
    prepared,
    queries: usableRows(prepared, "test"),
    images: usableRows(prepared, "index"),
    references: preparedReferences(labelled, listed),
  };
  const system = { searched, embeddings: await embedParts(context, searched, trained) };
  const found = await searchAll(context, system, [method]);
  const graphs = await graphAll(context, system, found, [method]);
  const lists = await voteAll(context, system, found, { graphs, methods: [method] });
  const ranked = await rerankBy(context, system, lists, method);
  const { folder } = await submit(context, searched, ranked);
  const out = resolve(options.out);
  await mkdir(dirname(out), { recursive: true });
  await copyFile(join(folder, submissionFile), out);
  say(`submission  ${options.out}: ${images.test.ids.length} images`);
}

function contextOptions({ provider, threads, skipCorrupt }: RetrieveOptions): RunOptions {
  return { preset: "paper", provider, threads, skipCorrupt };
}

const noImages: LandmarkData = {
  train: noReferences.table,
  index: noReferences.table,
  test: noReferences.table,
  clean: undefined,
  retrieval: undefined,
  recognition: undefined,
  landmarkNames: new Map(),
};
