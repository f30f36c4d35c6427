import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import {
  createImageIds,
  createNames,
  type LabelledImageTable,
  readClassCountriesPickle,
  readImageListPickle,
} from "@lmk/data";
import { type PreparedData, UserError, usableRows } from "@lmk-example/kit";
import type { InferenceSettings } from "./inference-keys/settings.ts";
import type { References } from "./searched.ts";

/** Where labelled images come from. */
export interface ListedReferencesOptions {
  /** The folder that `generate-list` wrote to. */
  readonly cache: string;
  /** The folder of Google Landmarks v2; where it is not given, images are where the list says. */
  readonly rawImageDir?: string;
}

/** Labelled images of a list, with their classes for landmarks. */
export interface ListedReferences {
  readonly name: string;
  readonly table: LabelledImageTable;
  /** The number of the country of each class. */
  readonly countries: Int32Array;
}

/** No labelled images, where none vote. */
export const noReferences: ListedReferences = {
  name: "none",
  table: {
    ids: createImageIds([]),
    paths: createNames(0, () => ""),
    landmarkIds: new Int32Array(),
  },
  countries: new Int32Array(),
};

/**
 * Reads the images of `REF_SET_LIST` that have a landmark, and the countries of `REF_LOC_MAP`.
 *
 * @throws UserError if a file is not there, the list is that of all images, which has continents and the queries themselves, it
 * names an image twice, or a class has no country.
 * DataFormatError as the readers of the files.
 */
export async function readReferences(
  { REF_SET_LIST, REF_LOC_MAP }: Pick<InferenceSettings, "REF_SET_LIST" | "REF_LOC_MAP">,
  { cache, rawImageDir }: ListedReferencesOptions,
): Promise<ListedReferences> {
  const [file, countriesFile] = [fileIn(cache, REF_SET_LIST), fileIn(cache, REF_LOC_MAP)];
  const countries = await readClassCountriesPickle(countriesFile);
  const { ids, paths, classIds, tags } = await readImageListPickle(
    file,
    rawImageDir === undefined ? {} : { root: rawImageDir },
  );
  if (tags.codes.some((code) => code >= 0)) {
    throw new UserError(
      `${file}: expected a list without test images, got that of all; set REF_SET_LIST to cache_index_train_list.pkl or cache_full_list.pkl`,
    );
  }
  const rows = Int32Array.from(classIds.keys()).filter((row) => classIds[row]! >= 0);
  const landmarkIds = rows.map((row) => classIds[row]!);
  const unknown = landmarkIds.find((classId) => classId >= countries.length);
  if (unknown !== undefined) {
    throw new UserError(
      `${file}: expected classes with a country in ${REF_LOC_MAP}, got class ${unknown} of ${countries.length}; write both by generate-list`,
    );
  }
  return {
    name: basename(REF_SET_LIST),
    table: {
      ids: differentIds(
        file,
        Array.from(rows, (row) => ids.at(row)),
      ),
      paths: createNames(rows.length, (row) => paths.at(rows[row]!)),
      landmarkIds,
    },
    countries,
  };
}

/** The references of which the images can be read, where their table stands for train. */
export function preparedReferences(prepared: PreparedData, listed: ListedReferences): References {
  const rows = usableRows(prepared, "train");
  const classes = rows.map((row) => listed.table.landmarkIds[row]!);
  return {
    name: listed.name,
    stage: prepared.stage,
    paths: listed.table.paths,
    rows,
    classes,
    countries: classes.map((classId) => listed.countries[classId]!),
    trainCount: rows.length,
  };
}

/** The setting's file in the cache, whatever folder the setting names. */
function fileIn(cache: string, setting: string): string {
  const file = join(cache, basename(setting));
  if (existsSync(file)) return file;
  throw new UserError(
    `${file}: expected a file of generate-list, got none; run it, or name its folder by --cache`,
  );
}

function differentIds(file: string, ids: readonly string[]): LabelledImageTable["ids"] {
  try {
    return createImageIds(ids);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`${file}: expected each image once, got some twice; write it by generate-list`);
  }
}
