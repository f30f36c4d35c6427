import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import papaparse from "papaparse";
import { writeWhole } from "../run-folder.ts";
import { UserError } from "../user-error.ts";
import { candidateName } from "./candidates.ts";
import { withFileLock } from "./file-lock.ts";
import type { Candidate } from "./space.ts";

/** What a candidate reached, by name of the measure. */
export type TuningScores = Readonly<Record<string, number>>;

/** A row of the results: texts by column. `name` is the candidate's name. */
export type TuningRow = Readonly<Record<string, string>>;

/** The rows of a results file, in the order in which they were added; none if there is no file. */
export function readResults(file: string): readonly TuningRow[] {
  if (!existsSync(file)) return [];
  const { data, errors, meta } = papaparse.parse<TuningRow>(readFileSync(file, "utf8"), {
    header: true,
    skipEmptyLines: true,
  });
  const [error] = errors.filter(({ type }) => type !== "Delimiter");
  if (error !== undefined || !meta.fields?.includes("name")) {
    const got =
      error === undefined ? `columns ${meta.fields?.join(", ")}` : `${error.message} in row ${error.row}`;
    throw new UserError(`${file}: expected results with a column \`name\`, got ${got}; move the file away`);
  }
  return data;
}

/**
 * Adds a row to a results file, which other processes may do at the same time.
 *
 * The file is written anew and put in place at once, so a reader sees whole rows. A setting or a measure that the file
 * has no column for gets one. A candidate that is there already stays as it is.
 */
export async function addResult(file: string, candidate: Candidate, scores: TuningScores): Promise<void> {
  const clash = Object.keys(scores).find(
    (measure) => measure === "name" || Object.hasOwn(candidate, measure),
  );
  if (clash !== undefined) {
    throw new RangeError(`addResult: expected \`scores\` to have names of their own, got \`${clash}\``);
  }
  mkdirSync(dirname(file), { recursive: true });
  const name = candidateName(candidate);
  await withFileLock(file, () => {
    const rows = readResults(file);
    if (rows.some((row) => row.name === name)) return;
    const paths = Object.keys(candidate).sort();
    const entries = [...paths.map((path) => [path, candidate[path]]), ...Object.entries(scores)];
    const all = [...rows, Object.fromEntries([["name", name], ...entries])];
    const columns = [...new Set(all.flatMap((row) => Object.keys(row)))];
    writeWhole(file, `${papaparse.unparse(all, { columns, newline: "\n" })}\n`);
  });
}
