import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  type CompletedStage,
  complete,
  completed,
  isUnfinished,
  type RunFolder,
  requireOwnWork,
  type Shard,
  type StagePlace,
  type StageSettings,
  skipped,
  stageOf,
  writeJson,
} from "./run-folder.ts";
import { UserError } from "./user-error.ts";

/** What a stage of parts needs to know to decide what is missing. */
export interface PartedStageSettings extends StageSettings {
  /** How many parts there are; it must not depend on how the work is shared. */
  readonly parts: number;
}

/** How a stage of parts is made. */
export interface PartedWork {
  /** Writes one part to `path`, whole or not at all. */
  readonly makePart: (part: number, path: string) => Promise<void>;
  /** Joins the parts, which are in order, into the stage's folder. */
  readonly finish?: (folder: string, paths: readonly string[]) => Promise<void>;
  /** Told how many of the parts are there. */
  readonly onProgress?: (done: number) => void;
  /** Of the parts' files; none for folders. */
  readonly extension?: string;
  /**
   * Whether parts stay where they are once the stage is complete, for {@link partPaths}, instead of being removed.
   *
   * @defaultValue false
   */
  readonly keepParts?: boolean;
}

/**
 * Runs a stage that consists of independent parts, unless its output is complete. Parts that are there are not made again.
 *
 * Which parts there are depends on the stage alone. So several processes or machines can make them, each its shard of
 * every `count`-th part, and what one process joins in the end is the same to the byte as if it had made all. A process
 * that is killed loses the part under way; run again, its shard goes on with the next. Parts of other settings are removed
 * once the stage is complete, so that settings can be changed by mistake and back.
 *
 * In a process with a shard of this stage, the stage comes back as it will be: its output is not complete.
 *
 * @throws {UserError} when joining only and parts are missing, and when another process joins the parts first.
 */
export async function runPartedStage(
  run: RunFolder,
  name: string,
  { parts, ...settings }: PartedStageSettings,
  work: PartedWork,
): Promise<CompletedStage> {
  const stage = stageOf(run, name, settings);
  const done = skipped(run, name, stage);
  if (done) return done;
  const { sharing, mergeOnly } = run;
  const folder = partsFolder(stage);
  const paths = partPaths(stage, parts, work.extension);
  if (sharing !== undefined) {
    if (!covers(sharing.target, name)) requireOwnWork(run, name);
    mkdirSync(folder, { recursive: true });
    const made = await makeParts(stage, paths, sharing.shard, work);
    const joined = completed(stage);
    if (joined) return joined;
    writeJson(join(folder, `${shardName(sharing.shard)}.json`), { name, key: stage.key, parts, made });
    run.onStage(name, { kind: "shared", parts, made: made.length });
    return { folder: stage.folder, key: stage.key, seconds: 0 };
  }
  if (mergeOnly) requireParts(name, folder, paths);
  mkdirSync(folder, { recursive: true });
  const finished = await complete(run, name, stage, async (output) => {
    await makeParts(stage, paths, { index: 0, count: 1 }, work);
    if (completed(stage)) throw joinedElsewhere(name);
    await work.finish?.(output, paths);
  });
  if (work.keepParts) removeUnfinished(folder);
  else rmSync(folder, { recursive: true, force: true });
  removeOtherParts(stage);
  return finished;
}

/** The files of a stage's parts, in order. */
export function partPaths(
  stage: Pick<CompletedStage, "folder" | "key">,
  parts: number,
  extension = "",
): string[] {
  const folder = partsFolder(stage);
  const ending = extension === "" ? "" : `.${extension}`;
  return Array.from({ length: parts }, (_, part) =>
    join(folder, `part-${`${part}`.padStart(6, "0")}${ending}`),
  );
}

function partsFolder({ folder, key }: Pick<StagePlace, "folder" | "key">): string {
  return `${folder}.parts-${key}`;
}

/** Makes what is missing of a shard's parts, and tells all that it has. It ends early if another process joined them all. */
async function makeParts(
  stage: StagePlace,
  paths: readonly string[],
  { index, count }: Shard,
  { makePart, onProgress }: PartedWork,
): Promise<number[]> {
  const own = [...paths.keys()].filter((part) => part % count === index);
  let done = 0;
  onProgress?.(0);
  for (const part of own) {
    if (completed(stage)) break;
    if (!existsSync(paths[part]!)) await makePart(part, paths[part]!);
    done += 1;
    onProgress?.(done);
  }
  return own;
}

const mostNamed = 10;

function requireParts(name: string, folder: string, paths: readonly string[]): void {
  const missing = paths.filter((path) => !existsSync(path)).map((path) => basename(path));
  if (missing.length === 0) return;
  const named = missing.slice(0, mostNamed).join(", ");
  const others = missing.length > mostNamed ? ` and ${missing.length - mostNamed} more` : "";
  throw new UserError(
    `merge: expected all ${paths.length} parts of ${name}, got ${paths.length - missing.length}; missing ${named}${others} in ${folder}; run the shards again`,
  );
}

function joinedElsewhere(name: string): UserError {
  return new UserError(
    `${name}: expected to join its parts, got them joined by another process; run the same command again to go on`,
  );
}

/** Removes what killed processes left. */
function removeUnfinished(folder: string): void {
  for (const entry of readdirSync(folder).filter(isUnfinished)) {
    rmSync(join(folder, entry), { recursive: true, force: true });
  }
}

/** Removes the parts that were made with other settings. */
function removeOtherParts(stage: StagePlace): void {
  const own = basename(partsFolder(stage));
  const parent = dirname(stage.folder);
  const others = readdirSync(parent).filter(
    (entry) => entry.startsWith(`${basename(stage.folder)}.parts-`) && entry !== own,
  );
  for (const other of others) rmSync(join(parent, other), { recursive: true, force: true });
}

function covers(target: string, name: string): boolean {
  return name === target || name.startsWith(`${target}/`);
}

/** `shard-0002-of-0008`, as `@lmk/index/shards` has it. */
function shardName({ index, count }: Shard): string {
  return `shard-${`${index}`.padStart(4, "0")}-of-${`${count}`.padStart(4, "0")}`;
}
