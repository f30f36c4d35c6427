import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { requirePython, steps, tfjsNode, threads, warmup } from "./settings.ts";

/** The results with all that is needed to read them. */
export interface Report<Results = unknown> {
  readonly date: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly loadBefore: number;
  };
  readonly threads: number;
  readonly warmup: number;
  readonly steps: number;
  readonly commit: string;
  readonly uncommittedChanges: boolean;
  readonly versions: Readonly<Record<string, string>>;
  readonly results: Results;
  /** What could not be measured, and why. */
  readonly failures: readonly string[];
}

const root = new URL("../../../", import.meta.url).pathname;

/** Where results are written and looked for. */
export const resultsFolder: string = process.env.LMK_RESULTS ?? join(root, "benchmarks/results");

/** What is known before anything runs; warns if the machine is not idle. */
export function beginReport(peers: "torch" | "none" = "torch"): Omit<Report, "results" | "failures"> {
  const [load] = loadavg();
  if (load > 0.5) console.error(`the machine is not idle: load ${load.toFixed(1)}; times will spread`);
  const [{ model }] = cpus();
  const git = (...args: string[]) => execFileSync("git", ["-C", root, ...args], { encoding: "utf8" }).trim();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: { cpu: model, cores: cpus().length, memoryBytes: totalmem(), loadBefore: load },
    threads,
    warmup,
    steps,
    commit: git("rev-parse", "HEAD"),
    uncommittedChanges: git("status", "--porcelain", "--", "packages", "benchmarks/src") !== "",
    versions: {
      node: process.version,
      "onnxruntime-node": versionOf("onnxruntime-node", import.meta.url),
      "@tensorflow/tfjs-core": versionOf("@tensorflow/tfjs-core", import.meta.url),
      ...(tfjsNode === undefined
        ? {}
        : { "@tensorflow/tfjs-node": versionOf("@tensorflow/tfjs-node", join(tfjsNode, "package.json")) }),
      ...(peers === "torch" ? torchVersions() : {}),
    },
  };
}

function torchVersions(): Record<string, string> {
  const script =
    "import importlib.metadata as m, json, sys\n" +
    "found = {n: m.version(n) for n in ('torch', 'torchvision', 'timm') if any(True for _ in m.distributions(name=n))}\n" +
    "print(json.dumps({'python': sys.version.split()[0], **found}))";
  return JSON.parse(execFileSync(requirePython(), ["-W", "ignore", "-c", script], { encoding: "utf8" }));
}

/**
 * Writes a report and says where; gives its path. Medians of fewer than ten runs are not kept beside others, but for a
 * benchmark whose runs take minutes, which says how many.
 */
export function writeReport(report: Report, subject: string, fewest = 10): string | undefined {
  if (report.steps < fewest && process.env.LMK_RESULTS === undefined) {
    console.log(`not written: medians of fewer than ${fewest} runs`);
    return undefined;
  }
  const machine = report.machine.cpu
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  const file = join(resultsFolder, `${subject}--${machine}--${report.date}.json`);
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`wrote ${file.replace(root, "")}`);
  return file;
}

function versionOf(name: string, from: string): string {
  const entry = createRequire(from).resolve(name);
  const folder = entry.slice(0, entry.lastIndexOf(`/${name}/`));
  return JSON.parse(readFileSync(`${folder}/${name}/package.json`, "utf8")).version;
}
