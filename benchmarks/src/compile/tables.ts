import type { Summary } from "../measure/interleave.ts";
import { introduction, table } from "../measure/markdown.ts";
import type { CompileRow } from "./parts/compile-time.ts";
import type { Endurance } from "./parts/endurance.ts";
import type { MemoryRow } from "./parts/memory.ts";
import type { PeerRow, SpeedRow } from "./parts/speed.ts";
import type { CompileResult } from "./results.ts";

/** The tables of a report, as Markdown. */
export function tablesOf(report: CompileResult): string {
  const { training, inference, memory, endurance, compileTime } = report.results;
  return [
    introduction(report),
    ...ifAny(training, trainingTable),
    ...ifAny(inference, inferenceTable),
    ...ifAny(memory, memoryTable),
    ...(endurance === undefined ? [] : [enduranceTable(endurance)]),
    ...ifAny(compileTime, compileTimeTable),
    ...report.failures.map((failure) => `Failed: ${failure}.`),
  ].join("\n\n");
}

/** The tables of speed alone, for the package's own page. */
export function speedTablesOf(report: CompileResult): string {
  const { training, inference } = report.results;
  return [introduction(report), ...ifAny(training, trainingTable), ...ifAny(inference, inferenceTable)].join(
    "\n\n",
  );
}

function ifAny<T>(rows: readonly T[] = [], render: (rows: readonly T[]) => string): string[] {
  return rows.length === 0 ? [] : [render(rows)];
}

function trainingTable(rows: readonly SpeedRow[]): string {
  return table(
    `### Training step, batch ${rows[0].batch}: forward, backward, SGD with momentum`,
    ["network", "px", "lmk", "PyTorch", "ratio", "tfjs-node", "ratio", "losses differ by", "gradients"],
    rows.map((row) => [
      ...firstCells(row),
      ...peerCells(row, "pytorch"),
      ...peerCells(row, "tfjs-node"),
      largestDifference(row),
      (row.gradientDifference ?? 0).toExponential(1),
    ]),
    refusals(rows),
  );
}

function inferenceTable(rows: readonly SpeedRow[]): string {
  return table(
    `### Inference, batch ${rows[0].batch}`,
    [
      "network",
      "px",
      "lmk",
      "exported by PyTorch, same onnxruntime",
      "ratio",
      "PyTorch",
      "ratio",
      "tfjs-node",
      "ratio",
      "logits differ by",
    ],
    rows.map((row) => [
      ...firstCells(row),
      ...peerCells(row, "exported"),
      ...peerCells(row, "pytorch"),
      ...peerCells(row, "tfjs-node"),
      largestDifference(row),
    ]),
    refusals(rows),
  );
}

function memoryTable(rows: readonly MemoryRow[]): string {
  return table(
    `### Peak memory of ${rows[0].steps} training steps of ResNet-50, batch ${rows[0].batch}`,
    ["px", "side", "peak", "without the libraries", "while compiling", "during the steps"],
    rows.flatMap(({ size, lmk, pytorch }) => [
      [
        `${size}`,
        "lmk",
        bytes(lmk.peak),
        bytes(lmk.peak - lmk.loaded),
        bytes(lmk.compiling),
        bytes(lmk.running),
      ],
      [`${size}`, "PyTorch", bytes(pytorch.peak), bytes(pytorch.peak - pytorch.loaded), "", ""],
    ]),
  );
}

function enduranceTable({ readings, size, batch, flat }: Endurance): string {
  const last = readings[readings.length - 1];
  return table(
    `### ${last?.step} training steps in a row: memory is ${flat ? "flat" : "NOT flat"}`,
    ["after step", "resident", "tensors held by tfjs"],
    readings.map(({ step, resident, tensors }) => [`${step}`, bytes(resident), `${tensors}`]),
    `ResNet-18, ${size} px, batch ${batch}.`,
  );
}

function compileTimeTable(rows: readonly CompileRow[]): string {
  return table(
    "### Compile time, each in a fresh process",
    [
      "network",
      "px",
      "mode",
      "trace",
      "session",
      "altogether",
      "nodes",
      "optimized",
      "Transposes",
      "between convolutions",
      "reorders",
    ],
    rows.map((row) => [
      row.network,
      `${row.size}`,
      row.mode,
      seconds(row.traceMilliseconds),
      seconds(row.sessionMilliseconds),
      seconds(row.milliseconds),
      `${row.nodes}`,
      `${row.optimized.nodes}`,
      `${row.optimized.transposes}`,
      `${row.optimized.betweenConvolutions}`,
      `${row.optimized.reorders}`,
    ]),
  );
}

function firstCells({ network, size, lmk }: SpeedRow): readonly string[] {
  return [network, `${size}`, milliseconds(lmk)];
}

function peerCells({ peers }: SpeedRow, name: string): readonly string[] {
  const peer: PeerRow | undefined = peers[name];
  return peer === undefined ? ["", ""] : [milliseconds(peer), peer.ratio.toFixed(2)];
}

function largestDifference({ peers }: SpeedRow): string {
  return Math.max(...Object.values(peers).map(({ differences }) => differences.first)).toExponential(1);
}

function refusals(rows: readonly SpeedRow[]): string {
  const reasons = rows.flatMap(({ network, refused }) =>
    Object.entries(refused).map(([name, why]) =>
      why.includes("is not set") ? `${name}: ${why}` : `${name}, ${network}: ${why}`,
    ),
  );
  return reasons.length === 0 ? "" : `Without a time: ${[...new Set(reasons)].join("; ")}.`;
}

const milliseconds = ({ median }: Summary) => `${median < 10 ? median.toFixed(1) : median.toFixed(0)} ms`;
const seconds = (value: number) => `${(value / 1000).toFixed(1)} s`;
const bytes = (value: number) => `${(value / 2 ** 20).toFixed(0)} MiB`;
