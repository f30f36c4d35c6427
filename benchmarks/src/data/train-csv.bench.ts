/**
 * How long does a train.csv of the size of Google Landmarks v2 take to read, and how much memory? How long do the samplers
 * of aspect ratios and continents take over its rows?
 *
 *     LMK_PYTHON=… pnpm --filter @lmk-benchmark/all bench:train-csv [rows]
 *
 * Writes 4,132,914 seeded rows of 203,094 landmarks into a temporary folder (half a gigabyte), and reads them in fresh
 * processes in turns: by `readTrainCsv`, and by the pandas of LMK_PYTHON where that is given. The file is in the cache of
 * the system then, so that the disk does not count.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { summarize } from "../measure/interleave.ts";
import { beginReport, writeReport } from "../measure/report.ts";
import { steps } from "../measure/settings.ts";
import { type TrainCsvResult, trainCsvTables } from "./train-csv-tables.ts";
import { gldv2Rows, writeTrainCsv } from "./write-train-csv.ts";

/** What a process prints. */
interface Reading {
  readonly rows: number;
  readonly read: number;
  readonly peak: number;
}

interface OurReading extends Reading {
  readonly grouping: number;
  readonly groupedBatches: number;
  readonly drawing: number;
  readonly drawnBatches: number;
  readonly afterRead: number;
}

const pandas = `
import json, resource, sys, time
import pandas
started = time.perf_counter()
table = pandas.read_csv(sys.argv[1], usecols=["id", "landmark_id"])
read = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"rows": len(table), "read": read, "peak": peak}))
`;

function runOurs(file: string): OurReading {
  const program = fileURLToPath(new URL("read-train-csv.ts", import.meta.url));
  const output = execFileSync(process.execPath, [...process.execArgv, program, file], { encoding: "utf8" });
  return JSON.parse(output) as OurReading;
}

function runPandas(python: string, file: string): Reading {
  return JSON.parse(execFileSync(python, ["-c", pandas, file], { encoding: "utf8" })) as Reading;
}

const rows = Number(process.argv[2] ?? gldv2Rows);
if (!Number.isSafeInteger(rows) || rows < 1)
  throw new Error(`train-csv: expected a number of rows, got ${process.argv[2]}`);
const python = process.env.LMK_PYTHON;
const folder = mkdtempSync(join(tmpdir(), "lmk-train-csv-"));
try {
  const file = join(folder, "train.csv");
  writeTrainCsv(file, rows);
  const begun = beginReport("none");
  const ours: OurReading[] = [];
  const theirs: Reading[] = [];
  for (let step = -1; step < steps; step++) {
    const our = runOurs(file);
    const their = python === undefined ? undefined : runPandas(python, file);
    if (our.rows !== rows || (their !== undefined && their.rows !== rows))
      throw new Error(`train-csv: expected ${rows} rows, got ${our.rows} and ${their?.rows}`);
    if (step < 0) continue;
    ours.push(our);
    if (their !== undefined) theirs.push(their);
    console.error(
      `${step + 1} of ${steps}: ${our.read.toFixed(1)} s, pandas ${their?.read.toFixed(1) ?? "–"} s`,
    );
  }
  const median = (values: readonly number[]): number => summarize(values).median;
  const result: TrainCsvResult = {
    ...begun,
    warmup: 1,
    results: {
      rows,
      bytes: statSync(file).size,
      readTrainCsv: summarize(ours.map(({ read }) => read)),
      peakAfterRead: median(ours.map(({ afterRead }) => afterRead)),
      groupedBatches: {
        ...summarize(ours.map(({ grouping }) => grouping)),
        batches: ours[0]!.groupedBatches,
      },
      continentBatches: { ...summarize(ours.map(({ drawing }) => drawing)), batches: ours[0]!.drawnBatches },
      peak: median(ours.map(({ peak }) => peak)),
      ...(theirs.length === 0
        ? {}
        : {
            pandas: {
              ...summarize(theirs.map(({ read }) => read)),
              peak: median(theirs.map(({ peak }) => peak)),
            },
          }),
    },
    failures: python === undefined ? ["pandas: no LMK_PYTHON"] : [],
  };
  console.log(trainCsvTables(result));
  if (rows === gldv2Rows) writeReport(result, "train-csv");
} finally {
  rmSync(folder, { recursive: true });
}
