/**
 * How fast is what `@lmk/compile` makes of tfjs functions, beside PyTorch, PyTorch's own export on the same
 * onnxruntime, and tfjs-node? How much memory does it take, does it grow, and how long does compiling take?
 *
 *     LMK_PYTHON=/path/to/python pnpm --filter @lmk-benchmark/all bench:compile [part…] [network…] [px…]
 *
 * Parts: training, inference, memory, endurance, compile-time; all by default, on ResNet-50, EfficientNet-B0 and
 * Swin-T at 128 and 224 px. All sides start from the same weights and see the same batch: where first losses or
 * logits differ by more than 1e-3, the exit code is 1.
 *
 * LMK_PYTHON has PyTorch, torchvision and onnx. LMK_TFJS_NODE is a folder whose node_modules has
 * @tensorflow/tfjs-node; without it that peer is left out. LMK_STEPS (20) runs are counted after LMK_WARMUP (5);
 * LMK_LONG_STEPS (1000) are those of the endurance part. LMK_RESULTS is a folder for the result.
 */

import type { Mode } from "../measure/peer.ts";
import { beginReport, writeReport } from "../measure/report.ts";
import { tfjsNode } from "../measure/settings.ts";
import { isNetworkName, type NetworkName } from "./networks/all-networks.ts";
import { measureCompileTime } from "./parts/compile-time.ts";
import { measureEndurance } from "./parts/endurance.ts";
import { measureMemory } from "./parts/memory.ts";
import { measureSpeed, type SpeedRow } from "./parts/speed.ts";
import type { CompileResult, CompileResults } from "./results.ts";
import { tablesOf } from "./tables.ts";

const parts = ["training", "inference", "memory", "endurance", "compile-time"] as const;
type Part = (typeof parts)[number];
const isPart = (word: string): word is Part => (parts as readonly string[]).includes(word);

/** The longest compilation that is allowed, of a training step of ResNet-101. */
const compileLimitMs = 20_000;

const words = process.argv.slice(2);
const unknown = words.filter((word) => !isPart(word) && !isNetworkName(word) && !(Number(word) > 0));
if (unknown.length > 0) {
  console.error(
    `compile.bench: expected parts (${parts.join(", ")}), networks or sizes, got ${unknown.join(", ")}`,
  );
  process.exit(2);
}
const orAll = <T>(chosen: T[], all: readonly T[]) => (chosen.length > 0 ? chosen : all);
const chosenParts = orAll<Part>(words.filter(isPart), parts);
const networks = orAll<NetworkName>(words.filter(isNetworkName), ["resnet50", "efficientnet_b0", "swin_t"]);
const sizes = orAll(
  words.map(Number).filter((size) => size > 0),
  [128, 224],
);

const begun = beginReport();
if (tfjsNode === undefined) console.error("LMK_TFJS_NODE is not set: tfjs-node is left out");
const failures: string[] = [];

/** The result of `measure`, or nothing where it fails; the other measurements go on. */
async function attempt<T>(what: string, measure: () => Promise<T>): Promise<T[]> {
  console.error(what);
  try {
    return [await measure()];
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim() : String(error);
    failures.push(`${what}: ${reason}`);
    console.error(`  failed: ${error instanceof Error ? error.stack : reason}`);
    return [];
  }
}

async function measureSpeeds(mode: Mode, part: Part): Promise<SpeedRow[]> {
  const rows: SpeedRow[] = [];
  for (const network of networks) {
    for (const size of sizes) {
      rows.push(...(await attempt(`${part} ${network} ${size}`, () => measureSpeed(mode, network, size))));
    }
  }
  for (const { network, size, agrees } of rows) {
    if (!agrees) failures.push(`${part} ${network} ${size}: the sides differ by more than 1e-3`);
  }
  return rows;
}

const results: CompileResults = {};
if (chosenParts.includes("training")) results.training = await measureSpeeds("train", "training");
if (chosenParts.includes("inference")) results.inference = await measureSpeeds("infer", "inference");
if (chosenParts.includes("memory")) {
  results.memory = [];
  for (const size of sizes) {
    results.memory.push(...(await attempt(`memory ${size}`, () => measureMemory(size))));
  }
}
if (chosenParts.includes("endurance")) {
  const [endurance] = await attempt("endurance", measureEndurance);
  if (endurance !== undefined) results.endurance = endurance;
  if (endurance?.flat === false) failures.push("endurance: memory grows");
}
if (chosenParts.includes("compile-time")) {
  results.compileTime = [];
  for (const network of orAll<NetworkName>(words.filter(isNetworkName), ["resnet101", ...networks])) {
    for (const mode of ["train", "infer"] as const) {
      const what = `compile-time ${network} ${mode}`;
      const rows = await attempt(what, () => measureCompileTime(mode, network, sizes[0]));
      results.compileTime.push(...rows);
      for (const { milliseconds } of rows) {
        if (milliseconds > compileLimitMs) failures.push(`${what}: took ${milliseconds.toFixed(0)} ms`);
      }
    }
  }
}

const report: CompileResult = { ...begun, results, failures };
console.log(`${tablesOf(report)}\n`);
const subject = chosenParts.length === parts.length ? "compile" : `compile-${chosenParts.join("-")}`;
writeReport(report, subject);
if (failures.length > 0) process.exitCode = 1;
