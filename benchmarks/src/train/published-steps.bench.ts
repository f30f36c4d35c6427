/**
 * One training step of every network of the systems of 2021 as it was published: images of the real size, every layer, the
 * head with all its classes, and random weights.
 *
 *     pnpm --filter @lmk-benchmark/all bench:published-steps [network…]
 *
 * Each step is the command `train` of the example in a process of its own, on generated landmarks. With names of networks
 * their rows alone are measured, and take the place of those in the result that `LMK_BEFORE` names.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beginReport, writeReport } from "../measure/report.ts";
import { type PublishedNetwork, publishedNetworks } from "./published-networks.ts";
import {
  type PublishedStep,
  type PublishedStepsReport,
  publishedStepsTable,
} from "./published-steps-table.ts";
import { runExample } from "./run-example.ts";

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => publishedNetworks.every((network) => network.name !== name));
if (unknown !== undefined) {
  const names = publishedNetworks.map(({ name }) => name).join(", ");
  throw new Error(`expected names of networks (${names}), got ${unknown}`);
}
const networks = publishedNetworks.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
const folder = mkdtempSync(join(tmpdir(), "lmk-steps-"));
const data = join(folder, "run", "data");

/** Where the data is, and where weights go. */
function foldersOf({ example }: PublishedNetwork): readonly string[] {
  return example === "gld2021-1st"
    ? ["--data-dir", data, "--output-dir", join(folder, "models")]
    : ["--cache", join(folder, "cache")];
}

async function oneStep(network: PublishedNetwork): Promise<PublishedStep> {
  const { training, ...row } = network;
  const [command, ...keys] = ["train", ...training];
  const look = ["--max-steps", "1", "--head-classes", String(network.classes)];
  const run = await runExample(row.example, [command!, ...foldersOf(network), ...look, ...keys], folder);
  const loss = Number(/1 steps? .*loss ([\d.]+)/.exec(run.output)?.[1] ?? Number.NaN);
  if (!(loss > 0)) throw new Error(`${network.name} took no step:\n${run.output}`);
  return { ...row, commit: begun.commit, seconds: run.seconds, peak: run.peak, loss };
}

const begun = beginReport("none");
await runExample("gld2021-1st", ["prepare", "--run", join(folder, "run")], folder);
await runExample("gld2021-retrieval-2nd", ["generate-list", "--raw-image-dir", data], folder);
const { LMK_BEFORE } = process.env;
const before: Pick<PublishedStepsReport, "results" | "failures"> =
  LMK_BEFORE === undefined ? { results: [], failures: [] } : JSON.parse(readFileSync(LMK_BEFORE, "utf8"));
const isKept = (name: string): boolean => networks.every((network) => network.name !== name);
const taken: PublishedStep[] = before.results.filter(({ name }) => isKept(name));
const failures: string[] = before.failures.filter((failure) => isKept(failure.split(" ", 1)[0]!));
for (const network of networks) {
  try {
    taken.push(await oneStep(network));
  } catch (error) {
    failures.push(`${network.name} ${error instanceof Error ? error.message : error}`);
    console.error(failures.at(-1));
  }
}
rmSync(folder, { recursive: true });
const order = publishedNetworks.map(({ name }) => name);
const results = taken.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
const report = { ...begun, warmup: 0, steps: 1, results, failures };
console.log(publishedStepsTable(report));
if (results.length + failures.length === publishedNetworks.length) writeReport(report, "published-steps", 1);
