import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UserError } from "./user-error.ts";

/** One of several processes that share the work of a stage. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/**
 * A folder that holds what one run made, a sub-folder per stage.
 *
 * A stage's key is a hash of its settings and of the keys of the stages before it. `begun.json` says which key the
 * files belong to, `done.json` that they are complete: a complete stage is skipped, an interrupted one goes on with
 * the files it finds, and one whose settings changed starts from an empty folder.
 */
export interface RunFolder {
  readonly path: string;
  /** Told about each stage as it begins, goes on or is skipped. */
  readonly onStage: (name: string, event: StageEvent) => void;
  /** This process makes its shard of the parts of the stage `target`, or of all stages in `target/`, and nothing else. */
  readonly sharing?: { readonly target: string; readonly shard: Shard };
  /** This process joins parts that others made, and makes none. */
  readonly mergeOnly?: boolean;
}

/** What becomes of a stage; a shard has made so many of its parts. */
export type StageEvent =
  | { readonly kind: "begin" | "resume" | "skip" }
  | { readonly kind: "shared"; readonly parts: number; readonly made: number }
  | { readonly kind: "done"; readonly seconds: number };

/** What a stage needs to know to decide whether it must run. */
export interface StageSettings {
  /** Everything that changes the stage's output; JSON. */
  readonly settings: unknown;
  /** The stages whose output it reads. */
  readonly after?: readonly CompletedStage[];
}

/** A stage whose output is complete. */
export interface CompletedStage {
  readonly folder: string;
  readonly key: string;
  /** Time that the finishing process spent on it, in seconds. */
  readonly seconds: number;
}

/** Opens (makes, if needed) the folder of a run, and proves that it can be written. */
export function openRunFolder(path: string, onStage: RunFolder["onStage"] = () => {}): RunFolder {
  try {
    mkdirSync(path, { recursive: true });
    const probe = join(path, `.probe-${randomBytes(4).toString("hex")}`);
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UserError(`${path}: expected a run folder that can be written, got ${code}; pass --run DIR`);
  }
  return { path, onStage };
}

/** Runs a stage unless its output is complete. `work` gets the stage's folder, which may hold a part of the output. */
export async function runStage(
  run: RunFolder,
  name: string,
  settings: StageSettings,
  work: (folder: string) => Promise<void>,
): Promise<CompletedStage> {
  const stage = stageOf(run, name, settings);
  const done = skipped(run, name, stage);
  if (done) return done;
  requireOwnWork(run, name);
  return complete(run, name, stage, work);
}

/** Where a stage's output is, and what it belongs to. */
export interface StagePlace {
  readonly folder: string;
  readonly key: string;
  readonly settings: unknown;
  /** The stages whose output it reads. */
  readonly after: readonly CompletedStage[];
}

/** Where the output of a stage is, or will be. */
export function stageOf(run: RunFolder, name: string, { settings, after = [] }: StageSettings): StagePlace {
  const key = hashOf({ name, settings, after: after.map((stage) => stage.key) });
  return { folder: join(run.path, name), key, settings, after };
}

/** The stage, if its output is complete. */
export function completed({ folder, key }: StagePlace): CompletedStage | undefined {
  const done = readJson<{ key: string; seconds: number }>(join(folder, "done.json"));
  return done?.key === key ? { folder, key, seconds: done.seconds } : undefined;
}

/** The stage, if its output is complete; it is then shown as skipped. */
export function skipped(run: RunFolder, name: string, stage: StagePlace): CompletedStage | undefined {
  const done = completed(stage);
  if (done) run.onStage(name, { kind: "skip" });
  return done;
}

/**
 * Does what a stage lacks and marks it as complete.
 *
 * @throws {UserError} if meanwhile another process, with other settings, began this stage or one that it reads.
 */
export async function complete(
  run: RunFolder,
  name: string,
  stage: StagePlace,
  work: (folder: string) => Promise<void>,
): Promise<CompletedStage> {
  const { folder, key, settings, after } = stage;
  const begun = readJson<{ key: string }>(join(folder, "begun.json"));
  const resumes = begun?.key === key;
  if (!resumes) {
    removeStage(folder);
    mkdirSync(folder, { recursive: true });
    writeJson(join(folder, "begun.json"), { key, settings });
  }
  run.onStage(name, { kind: resumes ? "resume" : "begin" });
  const started = performance.now();
  await work(folder);
  for (const one of [stage, ...after]) requireUnchanged(name, one);
  const seconds = (performance.now() - started) / 1000;
  writeJson(join(folder, "done.json"), { key, seconds });
  run.onStage(name, { kind: "done", seconds });
  return { folder, key, seconds };
}

/** Removes what says that a stage is complete or begun first, so that nothing half removed is ever taken for either. */
function removeStage(folder: string): void {
  for (const file of ["done.json", "begun.json"]) rmSync(join(folder, file), { force: true });
  rmSync(folder, { recursive: true, force: true });
}

/** Refuses to call a stage complete whose folder, or that of a stage before it, now belongs to other settings. */
function requireUnchanged(name: string, { folder, key }: Pick<StagePlace, "folder" | "key">): void {
  const begun = readJson<{ key: string }>(join(folder, "begun.json"));
  if (begun === undefined || begun.key === key) return;
  throw new UserError(
    `${name}: expected ${folder} to stay as it was, got it changed by a run with other settings; pass --run DIR to one of the two, and run again`,
  );
}

/** Refuses to do the work of a stage in a process that has a shard of another one, or only joins parts. */
export function requireOwnWork({ sharing, mergeOnly }: RunFolder, name: string): void {
  if (sharing === undefined && !mergeOnly) return;
  const what = sharing === undefined ? "merge" : `a shard of ${sharing.target}`;
  const first = sharing === undefined ? name.split("/")[0] : `what comes before ${sharing.target}`;
  throw new UserError(
    `${what}: expected stage ${name} to be complete, got it unfinished; run ${first} first`,
  );
}

/** A JSON file's value; `undefined` if there is no such file. */
export function readJson<T>(path: string): T | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch (error) {
    throw new UserError(
      `${path}: expected JSON, got ${(error as Error).message}; remove the file and run again`,
    );
  }
}

/** Writes JSON so that a reader sees the whole file or none. */
export function writeJson(path: string, value: unknown): void {
  writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes a file so that a reader sees the whole of it or none. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const part = unfinishedName(path);
  try {
    writeFileSync(part, content);
    renameSync(part, path);
  } finally {
    rmSync(part, { force: true });
  }
}

/** Makes a folder so that a reader sees the whole of it or none. A folder that is there already stays. */
export async function writeWholeFolder(
  path: string,
  write: (folder: string) => Promise<void>,
): Promise<void> {
  const part = unfinishedName(path);
  try {
    await mkdir(part, { recursive: true });
    await write(part);
    await rename(part, path).catch((error: unknown) => {
      // Another process was faster.
      if (!existsSync(path)) throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

const unfinished = ".part";

/** A name that no other process writes to. */
function unfinishedName(path: string): string {
  return `${path}.${randomBytes(4).toString("hex")}${unfinished}`;
}

/** Whether a file or folder is what a killed process left of {@link writeWhole} or {@link writeWholeFolder}. */
export function isUnfinished(name: string): boolean {
  return name.endsWith(unfinished);
}

/** Twelve hexadecimal digits that change with the value. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);
}
