import { supportedKernels } from "@lmk/compile";
import type { Case } from "./case.ts";
import { hasGradient } from "./kernel-log.ts";
import { unproven, unsupportedKernels, withoutGradient } from "./unsupported.ts";
import type { WebgpuOutcome, WebgpuRecord } from "./webgpu-record.ts";

/** What the cases prove about one kernel. */
export interface KernelRow {
  readonly kernel: string;
  /** Cases that hold its values against tfjs, directly or as part of a gradient. */
  readonly forward: readonly Case[];
  /** Those that hold its gradient against tfjs as well. */
  readonly backward: readonly Case[];
}

/** One row per kernel that can be compiled. */
export function kernelRows(cases: readonly Case[]): KernelRow[] {
  return supportedKernels.map((kernel) => {
    const direct = cases.filter(({ kernels }) => kernels.includes(kernel));
    const throughGradients = cases.filter(({ gradientKernels = [] }) => gradientKernels.includes(kernel));
    return {
      kernel,
      forward: [...direct, ...throughGradients],
      backward: direct.filter(({ differentiable = [] }) => differentiable.length > 0),
    };
  });
}

const yes = "yes";
const none = "–";

function gradientCell({ kernel, backward }: KernelRow): string {
  if (backward.length > 0) return yes;
  return hasGradient(kernel) ? `no: ${withoutGradient[kernel] ?? "not proven"}` : none;
}

/** Cases of at most this many kernels say more about each than those that sweep over many. */
const fewKernels = 3;

/** The outcomes that say something about a kernel: a gradient's, where the kernel occurs only there. */
function outcomesOf({ kernel, forward, backward }: KernelRow, { cases }: WebgpuRecord) {
  const own = (candidates: readonly Case[]) => {
    const few = candidates.filter(({ kernels }) => kernels.length <= fewKernels);
    return few.length > 0 ? few : candidates;
  };
  const direct = forward.filter(({ kernels }) => kernels.includes(kernel));
  const gradients = direct.length > 0 ? backward : forward;
  return {
    values: own(direct).flatMap(({ name }) => cases[name]?.forward ?? []),
    gradients: own(gradients).flatMap(({ name }) => cases[name]?.gradient ?? []),
  };
}

function summarize(outcomes: readonly WebgpuOutcome[]): string {
  if (outcomes.length === 0) return "not run";
  const failed = outcomes.filter(({ failure }) => failure !== undefined).length;
  if (failed > 0) return failed === outcomes.length ? "fails" : "fails in part";
  const deviating = outcomes.filter(({ deviation }) => deviation !== undefined).length;
  if (deviating > 0) return deviating === outcomes.length ? "deviates" : "deviates in part";
  const onProcessor = new Set(outcomes.flatMap((outcome) => outcome.onProcessor?.split(", ") ?? []));
  return onProcessor.size === 0 ? yes : `processor: ${[...onProcessor].sort().join(", ")}`;
}

function webgpuCell(row: KernelRow, record: WebgpuRecord): string {
  const { values, gradients } = outcomesOf(row, record);
  const [forward, backward] = [summarize(values), summarize(gradients)];
  if (values.length === 0) return backward;
  if (gradients.length === 0 || forward === backward) return forward;
  return `${forward}; gradient ${backward}`;
}

function alignedTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: readonly string[], filler = " ") =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column], filler)).join(" | ")} |`;
  const dashes = line(
    rows[0].map(() => ""),
    "-",
  );
  return [line(rows[0]), dashes, ...rows.slice(1).map((row) => line(row))];
}

/** Every case that failed or deviated, with what happened. */
function problemLines(record: WebgpuRecord): string[] {
  return Object.entries(record.cases).flatMap(([name, { forward, gradient }]) => {
    const outcome = [forward, gradient].find((one) => one?.failure ?? one?.deviation);
    if (outcome === undefined) return [];
    const problem =
      outcome.failure === undefined ? `deviates: ${outcome.deviation}` : `fails: ${outcome.failure}`;
    return [`- ${name}: ${problem}`];
  });
}

/** The text of `docs/compile-kernels.md`. */
export function kernelTable(cases: readonly Case[], record: WebgpuRecord): string {
  const rows = kernelRows(cases);
  const forward = rows.filter((row) => row.forward.length > 0).length;
  const backward = rows.filter((row) => row.backward.length > 0).length;
  const differentiable = rows.filter((row) => row.backward.length > 0 || hasGradient(row.kernel)).length;
  const reasons = new Map<string, string[]>();
  for (const [kernel, reason] of Object.entries(unsupportedKernels)) {
    reasons.set(reason, [...(reasons.get(reason) ?? []), kernel]);
  }
  const problems = problemLines(record);
  return [
    "# Kernels that @lmk/compile compiles",
    "",
    "Written by `pnpm --filter @lmk/compile table` from the cases in `packages/compile/test/conformance`; do not edit.",
    "",
    `${rows.length} tfjs kernels can be compiled. ${cases.length} properties hold them against tfjs's CPU backend: the`,
    `values of ${forward}, and the gradients of ${backward} of the ${differentiable} that have one.`,
    "",
    "Each property draws 12 examples; `LMK_CONFORMANCE_RUNS=200` draws more, `LMK_CONFORMANCE_SEED` others.",
    "",
    "- **forward**: values agree with tfjs on every drawn example, to 1e-5 of the largest element unless the case says",
    "  otherwise. Kernels that only gradients reach are compared as part of those.",
    "- **gradient**: gradients agree as well, with tfjs's or, where tfjs has none or a wrong one, with those of the same",
    `  function written with other ops. "${none}": the kernel has none.`,
    `- **WebGPU**: as found on ${record.driver} with onnxruntime ${record.onnxruntime}, ${record.examplesPerCase} examples per case,`,
    `  to ${record.tolerance} of the largest element. "processor: X": right, but onnxruntime ran the ONNX operators X on the`,
    '  processor in at least one example, among them operators that a case uses beside the kernel. "deviates",',
    '  "fails": see the list below the table; "in part": not in every case that reaches the kernel.',
    "",
    ...alignedTable([
      ["kernel", "forward", "gradient", "WebGPU"],
      ...rows.map((row) => [
        row.kernel,
        row.forward.length > 0 ? yes : `no: ${unproven[row.kernel] ?? "not proven"}`,
        gradientCell(row),
        webgpuCell(row, record),
      ]),
    ]),
    "",
    "## What the WebGPU provider cannot do",
    "",
    ...(problems.length === 0 ? ["Nothing."] : problems),
    "",
    "## tfjs kernels that cannot be compiled",
    "",
    ...alignedTable([
      ["reason", "kernels"],
      ...[...reasons].map(([reason, kernels]) => [reason, kernels.sort().join(", ")]),
    ]),
    "",
  ].join("\n");
}
