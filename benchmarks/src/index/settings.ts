import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname } from "node:path";
import type { Report } from "../measure/report.ts";

/** A whole number above 0 from the environment, or what stands in for it. */
export function countFrom(name: string, fallback: number): number {
  const value = Number(process.env[name] ?? fallback);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`expected ${name} to be a whole number above 0, got ${process.env[name]}`);
}

/** The Python with faiss-cpu, hnswlib, numpy and usearch; without it these peers are left out. */
export const python: string | undefined = process.env.LMK_PYTHON;

/** Of the vectors of every benchmark. */
export const seed = 1;

/** Resolves what `@lmk/index` can work with. */
export const requireFromIndex: NodeJS.Require = createRequire(
  new URL("../../../packages/index/package.json", import.meta.url),
);

/** Versions of the libraries that searching takes, and of the peers' in Python. */
export function searchVersions(
  { versions }: Pick<Report, "versions">,
  peers: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    node: versions.node!,
    "onnxruntime-node": versions["onnxruntime-node"]!,
    usearch: versionOf("usearch"),
    "hnswlib-node": versionOf("hnswlib-node"),
    ...peers,
  };
}

function versionOf(name: string): string {
  let folder = dirname(requireFromIndex.resolve(name));
  while (basename(folder) !== name) folder = dirname(folder);
  return JSON.parse(readFileSync(`${folder}/package.json`, "utf8")).version;
}
