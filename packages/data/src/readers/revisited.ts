import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DataFormatError } from "../data-format-error.ts";
import { readPickle } from "../pickle/read-pickle.ts";
import { ValueFields } from "../pickle/value-fields.ts";
import { requireOneOf } from "../require.ts";
import { createImageIds, createNames } from "./image-ids.ts";
import { readJson } from "./json-file.ts";
import type { ImageTable } from "./landmark-data.ts";

/** Oxford and Paris with the labels of 2018, and what `generateRevisited` makes in their format. */
export type RevisitedName = "roxford5k" | "rparis6k" | "generated";

/** Oxford and Paris with their first labels. */
export type OxfordParisName = "oxford5k" | "paris6k";

/** Options of {@link readRevisited}. */
export interface ReadRevisitedOptions {
  /** Which of the sets. */
  readonly name: RevisitedName;
}

/** Options of {@link readOxfordParis}. */
export interface ReadOxfordParisOptions {
  /** Which of the two sets. */
  readonly name: OxfordParisName;
}

/** Images to search, queries with boxes, and what is right: common to the old and the new labels. */
export interface BoxedQueries {
  /** The images to search. */
  readonly index: ImageTable;
  /** The images that hold the queries. */
  readonly queries: ImageTable;
  /** The building of each query in pixels: x1, y1, x2, y2, four numbers a query. */
  readonly boxes: Float32Array;
}

/** Revisited Oxford or Paris. */
export interface Revisited extends BoxedQueries {
  /** For each query the rows of `index` that show it clearly. */
  readonly easy: readonly Int32Array[];
  /** For each query the rows of `index` that show it from an unusual side, occluded or changed. */
  readonly hard: readonly Int32Array[];
  /** For each query the rows of `index` that are neither right nor wrong. */
  readonly junk: readonly Int32Array[];
}

/** What is right for each query, and what a ranking may hold without gain or loss. */
export interface RelevantAndIgnored {
  /** For each query the rows of the index that are right. */
  readonly relevant: readonly Int32Array[];
  /** For each query the rows of the index that do not count, neither as right nor as wrong. */
  readonly ignored: readonly Int32Array[];
}

/** Oxford or Paris with the first labels, where good and ok images are right. */
export interface OxfordParis extends BoxedQueries, RelevantAndIgnored {}

/** The protocols of the revisited sets. */
export type RevisitedProtocol = "easy" | "medium" | "hard";

/**
 * Reads the ground truth of revisited Oxford or Paris (4,993 and 6,322 images, 70 queries each):
 * `gnd_roxford5k.pkl` or `gnd_rparis6k.pkl` as published, through a reader that runs nothing of it, or the
 * same content as `gnd_….json`; and `gnd_generated.json` of `generateRevisited` in `@lmk/data/landmarks`.
 *
 * Paths are `jpg/<image>.jpg` beside the ground truth; whether the images are there is not looked at.
 *
 * @param path - The file, or a folder that holds it, itself or in a folder of the set's name.
 * @throws RangeError if `name` is none of the three.
 * @throws DataFormatError with the code `missing-file` where there is no such file, as {@link readPickle},
 * and with `bad-value` for whatever the ground truth lacks or has too much.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readRevisited } from "@lmk/data";
 *
 * const query = { bbx: [10, 20, 110, 220], easy: [1], hard: [], junk: [0] };
 * const truth = { imlist: ["oxford_1", "oxford_2"], qimlist: ["all_souls_1"], gnd: [query] };
 * writeFileSync("gnd_roxford5k.json", JSON.stringify(truth));
 * const { index, boxes, easy } = await readRevisited(".", { name: "roxford5k" });
 * console.log(index.paths.at(1), easy[0]); // => jpg/oxford_2.jpg Int32Array(1) [ 1 ]
 * console.log(boxes); // => Float32Array(4) [ 10, 20, 110, 220 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1803.11285 | Radenović et al. 2018, Revisiting Oxford and Paris}
 */
export async function readRevisited(path: string, options: ReadRevisitedOptions): Promise<Revisited> {
  requireOneOf("readRevisited", "name", options.name, ["roxford5k", "rparis6k", "generated"]);
  const { queries, lists } = await readGroundTruth(path, options.name, ["easy", "hard", "junk"]);
  const [easy, hard, junk] = lists;
  return { ...queries, easy, hard, junk };
}

/**
 * Reads the ground truth of Oxford or Paris with their first labels, in the same form: `gnd_oxford5k.pkl`
 * or `gnd_paris6k.pkl` with the lists `ok` and `junk`, or the same content as JSON.
 *
 * @param path - As in {@link readRevisited}.
 * @throws RangeError if `name` is none of the two.
 * @throws DataFormatError as {@link readRevisited}.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readOxfordParis } from "@lmk/data";
 *
 * const gnd = [{ bbx: [10, 20, 110, 220], ok: [0], junk: [1] }];
 * writeFileSync("gnd_paris6k.json", JSON.stringify({ imlist: ["a", "b"], qimlist: ["a"], gnd }));
 * const { relevant, ignored } = await readOxfordParis("gnd_paris6k.json", { name: "paris6k" });
 * console.log(relevant[0], ignored[0]); // => Int32Array(1) [ 0 ] Int32Array(1) [ 1 ]
 * ```
 *
 * @see {@link https://www.robots.ox.ac.uk/~vgg/data/oxbuildings/ | Philbin et al. 2007, the Oxford Buildings data set}
 */
export async function readOxfordParis(path: string, options: ReadOxfordParisOptions): Promise<OxfordParis> {
  requireOneOf("readOxfordParis", "name", options.name, ["oxford5k", "paris6k"]);
  const { queries, lists } = await readGroundTruth(path, options.name, ["ok", "junk"]);
  const [relevant, ignored] = lists;
  return { ...queries, relevant, ignored };
}

/**
 * What is right and what is ignored under a protocol of the revisited sets:
 *
 * | protocol | right | ignored |
 * |---|---|---|
 * | `easy` | easy | junk, hard |
 * | `medium` | easy, hard | junk |
 * | `hard` | hard | junk, easy |
 *
 * A query without right images has none to find; the protocol leaves it out of the means.
 *
 * @param data - The lists of a revisited set.
 * @param protocol - Which protocol.
 * @throws RangeError if `protocol` is none of the three.
 *
 * @example
 * ```ts
 * import { revisitedProtocol } from "@lmk/data";
 *
 * const lists = { easy: [Int32Array.of(10, 56)], hard: [Int32Array.of(0)], junk: [Int32Array.of(6)] };
 * const { relevant, ignored } = revisitedProtocol(lists, "hard");
 * console.log(relevant[0], ignored[0]); // => Int32Array(1) [ 0 ] Int32Array(3) [ 6, 10, 56 ]
 * ```
 */
export function revisitedProtocol(
  data: Pick<Revisited, "easy" | "hard" | "junk">,
  protocol: RevisitedProtocol,
): RelevantAndIgnored {
  requireOneOf("revisitedProtocol", "protocol", protocol, ["easy", "medium", "hard"]);
  const { easy, hard, junk } = data;
  switch (protocol) {
    case "easy":
      return { relevant: easy, ignored: joinedByQuery(junk, hard) };
    case "medium":
      return { relevant: joinedByQuery(easy, hard), ignored: junk };
    case "hard":
      return { relevant: hard, ignored: joinedByQuery(junk, easy) };
  }
}

function joinedByQuery(first: readonly Int32Array[], second: readonly Int32Array[]): readonly Int32Array[] {
  return first.map((rows, query) => Int32Array.from([...rows, ...second[query]]));
}

async function readGroundTruth(
  path: string,
  name: string,
  listNames: readonly string[],
): Promise<{ queries: BoxedQueries; lists: Int32Array[][] }> {
  const file = findFile(path, name);
  const fields = new ValueFields(file);
  const value = file.endsWith(".json") ? await readJson(file) : await readPickle(file);
  const root = fields.dictionary(value, "of imlist, qimlist and gnd");
  const index = fields.differentStrings(root.get("imlist"), "in imlist");
  const queries = fields.differentStrings(root.get("qimlist"), "in qimlist");
  const gnd = fields.list(root.get("gnd"), "in gnd");
  if (gnd.length !== queries.length) {
    fields.refuse(`${queries.length} entries as in qimlist`, "in gnd", gnd.length);
  }

  const boxes = new Float32Array(4 * gnd.length);
  const lists: Int32Array[][] = listNames.map(() => []);
  for (const [query, item] of gnd.entries()) {
    const entry = fields.dictionary(item, `in gnd of query ${query}`);
    const box = fields.numbers(entry.get("bbx"), `in bbx of query ${query}`);
    if (box.length !== 4) fields.refuse("four numbers", `in bbx of query ${query}`, box);
    boxes.set(box, 4 * query);
    for (const [i, list] of listNames.entries()) {
      lists[i].push(fields.rows(entry.get(list), index.length, `in ${list} of query ${query}`));
    }
  }
  const folder = join(dirname(file), "jpg");
  return { queries: { index: tableOf(folder, index), queries: tableOf(folder, queries), boxes }, lists };
}

function tableOf(folder: string, names: readonly string[]): ImageTable {
  return {
    ids: createImageIds(names),
    paths: createNames(names.length, (row) => join(folder, `${names[row]}.jpg`)),
  };
}

function findFile(path: string, name: string): string {
  const candidates = [path];
  for (const folder of [path, join(path, name)]) {
    candidates.push(join(folder, `gnd_${name}.pkl`), join(folder, `gnd_${name}.json`));
  }
  const file = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
  if (file !== undefined) return file;
  const detail = `expected gnd_${name}.pkl or gnd_${name}.json, here or in ${name}/, got none`;
  throw new DataFormatError("missing-file", path, 0, detail);
}
