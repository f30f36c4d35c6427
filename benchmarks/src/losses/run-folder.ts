import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = new URL("../../../", import.meta.url).pathname;

/** Where the data sets and partial results are kept; git does not see it. */
export const runFolder: string = join(root, "benchmarks/runs/losses");

/** The files beside this one that decide what a training gives, but for the losses and their rates. */
const ownSources = ["batches.ts", "landmark-set.ts", "settings.ts", "trials.ts"];

/** Twelve digits that change with any source that decides the results. */
export function fingerprintOfSources(): string {
  const hash = createHash("sha256");
  const packages = ["compile", "data", "eval", "index", "losses", "models", "train"];
  for (const folder of packages.map((name) => `packages/${name}/src`)) {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
    for (const name of names.filter((one) => one.endsWith(".ts")).toSorted()) {
      hash.update(`${folder}/${name}\0`).update(readFileSync(join(root, folder, name)));
    }
  }
  for (const name of ownSources) hash.update(readFileSync(join(root, "benchmarks/src/losses", name)));
  return hash.digest("hex").slice(0, 12);
}

/** Results on disk by their keys, one JSON line each. */
export interface PartialResults<T> {
  /** The result of a key; measured and kept where there is none. */
  of(key: string, measure: () => Promise<T>): Promise<T>;
}

/** Opens the results in `file`. A line that a killed run left half-written counts as none. */
export function openPartialResults<T>(file: string): PartialResults<T> {
  mkdirSync(join(file, ".."), { recursive: true });
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const known = new Map<string, T>();
  for (const line of text.split("\n").filter((one) => one.endsWith("}"))) {
    const { key, result } = JSON.parse(line) as { readonly key: string; readonly result: T };
    known.set(key, result);
  }
  if (text !== "" && !text.endsWith("\n")) appendFileSync(file, "\n");
  return {
    of: async (key, measure) => {
      const kept = known.get(key);
      if (kept !== undefined) return kept;
      const result = await measure();
      appendFileSync(file, `${JSON.stringify({ key, result })}\n`);
      known.set(key, result);
      return result;
    },
  };
}
