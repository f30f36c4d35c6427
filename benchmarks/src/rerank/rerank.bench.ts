/**
 * Which re-ranker gains what, and what does it cost? On any embeddings, or on an example's run folder:
 *
 *     pnpm --filter @lmk-benchmark/all bench:rerank --embeddings X.npy --labels X.csv [--standardize] [--protocol folds]
 *     pnpm --filter @lmk-benchmark/all bench:rerank --run FOLDER [--network v2clean]
 *
 * Labels are a CSV file with the columns id, place and role (`query`, `gallery`, `both`; without the column all are
 * both), in the order of the vectors. Protocols: `folds` (the default) and `leave-one-out`. `--name` says what the
 * result is called: `real` for embeddings, `procedural` for a run folder. `--methods "αQE; EGT"` runs only these, with
 * the first search before them; `--defaults-only` leaves out the grids. Up to LMK_STEPS (10) runs with the defaults are
 * timed; other settings run once.
 *
 * The table goes to the terminal, the result and a plot beside the other results.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { countFrom } from "../index/settings.ts";
import { beginReport, writeReport } from "../measure/report.ts";
import { embeddingsSet, readEmbeddings } from "./embeddings-set.ts";
import { measureMethods } from "./measure-methods.ts";
import { methodNamed, rankingMethods } from "./methods.ts";
import { rerankPlot } from "./rerank-plot.ts";
import { rerankTables } from "./rerank-tables.ts";
import type { RetrievalSet } from "./retrieval-set.ts";
import { readRunSet } from "./run-set.ts";

const { values: given } = parseArgs({
  options: {
    embeddings: { type: "string" },
    labels: { type: "string" },
    standardize: { type: "boolean", default: false },
    protocol: { type: "string", default: "folds" },
    run: { type: "string" },
    network: { type: "string", default: "v2clean" },
    name: { type: "string" },
    methods: { type: "string" },
    "defaults-only": { type: "boolean", default: false },
  },
});

const repeats = countFrom("LMK_STEPS", 10);
const set = await readSet();
const first = rankingMethods[0]!;
const asked = given.methods?.split(";").map((name) => methodNamed(name.trim()));
const methods = asked === undefined ? rankingMethods : [first, ...asked.filter((method) => method !== first)];
const begun = beginReport("none");
const folder = await mkdtemp(join(tmpdir(), "lmk-rerank-"));
try {
  const results = await measureMethods(set, methods, {
    folder,
    repeats,
    grid: !given["defaults-only"],
    tell: (text) => console.error(text),
  });
  const versions = { node: begun.versions.node! };
  const report = { ...begun, versions, threads: 1, warmup: 1, steps: repeats, results, failures: [] };
  console.log(rerankTables(report));
  const isWhole = asked === undefined && !given["defaults-only"];
  const file = isWhole ? writeReport(report, `rerank-${set.name}`) : undefined;
  if (file !== undefined) await writeFile(file.replace(/json$/, "svg"), rerankPlot(results));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function readSet(): Promise<RetrievalSet> {
  const { embeddings, labels, standardize, protocol, run, network } = given;
  if (run !== undefined) return readRunSet(given.name ?? "procedural", run, network);
  if (embeddings === undefined || labels === undefined)
    throw new Error("rerank: expected --embeddings and --labels, or --run, got neither");
  if (protocol !== "folds" && protocol !== "leave-one-out")
    throw new Error(`rerank: expected --protocol to be folds or leave-one-out, got ${protocol}`);
  const rows = await readEmbeddings({ vectors: embeddings, labels, standardize });
  const { name, description, problems } = embeddingsSet(given.name ?? "real", rows, protocol);
  const scaling = standardize
    ? "Columns standardised over all rows, then rows of length 1."
    : "Rows of length 1.";
  return { name, description: `${description} ${scaling}`, problems };
}
