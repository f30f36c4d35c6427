import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "./user-error.ts";

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
}

export type StageEvent =
  | { readonly kind: "begin" | "resume" | "skip" }
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
  { settings, after = [] }: StageSettings,
  work: (folder: string) => Promise<void>,
): Promise<CompletedStage> {
  const key = hashOf({ name, settings, after: after.map((stage) => stage.key) });
  const folder = join(run.path, name);
  const done = readJson<{ key: string; seconds: number }>(join(folder, "done.json"));
  if (done?.key === key) {
    run.onStage(name, { kind: "skip" });
    return { folder, key, seconds: done.seconds };
  }

  const begun = readJson<{ key: string }>(join(folder, "begun.json"));
  const resumes = begun?.key === key;
  if (!resumes) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeJson(join(folder, "begun.json"), { key, settings });
  }
  run.onStage(name, { kind: resumes ? "resume" : "begin" });
  const started = performance.now();
  await work(folder);
  const seconds = (performance.now() - started) / 1000;
  writeJson(join(folder, "done.json"), { key, seconds });
  run.onStage(name, { kind: "done", seconds });
  return { folder, key, seconds };
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
  const part = `${path}.part`;
  writeFileSync(part, content);
  renameSync(part, path);
}

/** Twelve hexadecimal digits that change with the value. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);
}
