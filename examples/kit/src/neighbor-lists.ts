import { join } from "node:path";
import type { Neighbors } from "@lmk/index";
import type { Context, Progress } from "./context.ts";
import { joinNeighborsFiles, readNeighbors, writeNeighbors } from "./neighbors-file.ts";
import { runPartedStage } from "./parted-stage.ts";
import { type CompletedStage, type StageSettings, writeWholeFolder } from "./run-folder.ts";
import { UserError } from "./user-error.ts";

/** Lists that are made for some rows at a time. */
export interface ListsOptions extends StageSettings {
  /** The stage's name. */
  readonly name: string;
  /** How many lists there are. */
  readonly rows: number;
  /** Rows that are saved together, and the unit of which shards are made. */
  readonly rowsPerPart: number;
  /** Rows whose lists are made at once. */
  readonly rowsAtOnce: number;
  /** The lists of the rows from `first` to before `end`, all of one length. */
  readonly listsOf: (first: number, end: number) => Promise<Neighbors>;
}

const file = "lists";

/** A stage that makes a list of neighbors for each row, in parts; {@link readLists} reads them. */
export async function makeLists(
  { run, progress }: Pick<Context<unknown>, "run" | "progress">,
  { name, rows, rowsPerPart, rowsAtOnce, listsOf, ...settings }: ListsOptions,
): Promise<CompletedStage> {
  let bar: Progress | undefined;
  const parts = Math.ceil(rows / rowsPerPart);
  try {
    return await runPartedStage(
      run,
      name,
      { ...settings, parts },
      {
        async makePart(part, path) {
          const [first, last] = [part * rowsPerPart, Math.min((part + 1) * rowsPerPart, rows)];
          const lists: Neighbors[] = [];
          for (let row = first; row < last; row += rowsAtOnce) {
            bar ??= progress(name, rows, "rows", row);
            const end = Math.min(row + rowsAtOnce, last);
            lists.push(await listsOf(row, end));
            bar.update(end);
          }
          await writeWholeFolder(path, (folder) => writeNeighbors(join(folder, file), joinLists(lists)));
        },
        finish: (folder, paths) =>
          joinNeighborsFiles(
            join(folder, file),
            paths.map((path) => join(path, file)),
          ),
      },
    );
  } finally {
    bar?.stop();
  }
}

/**
 * What {@link makeLists} made.
 *
 * @throws {UserError} if its parts are not joined yet, as in a process that has a shard of them.
 */
export async function readLists({ folder }: CompletedStage): Promise<Neighbors> {
  const lists = await readNeighbors(join(folder, file));
  if (lists !== undefined) return lists;
  throw new UserError(
    `${folder}: expected its lists, got none; merge the shards that make them, then run this again`,
  );
}

/** The lists of consecutive rows as one. */
function joinLists(parts: readonly Neighbors[]): Neighbors {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const k = parts[0]?.k ?? 1;
  const ids = new Int32Array(rows * k);
  const scores = new Float32Array(rows * k);
  let at = 0;
  for (const part of parts) {
    ids.set(part.ids, at);
    scores.set(part.scores, at);
    at += part.ids.length;
  }
  return { ids, scores, rows, k };
}
