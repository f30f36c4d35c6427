import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runEagerly } from "../against-tfjs.ts";
import type { Case, Example } from "./case.ts";
import { checkExample, nothingReached, type Placement, type Reached } from "./check-example.ts";
import { formatCalls, hasGradient, type KernelLog, logged } from "./kernel-log.ts";

const { env } = process;

/** Examples drawn per case; `LMK_CONFORMANCE_RUNS` deepens, `LMK_CONFORMANCE_SEED` draws others. */
const defaultRuns = 12;
const runs = Number(env.LMK_CONFORMANCE_RUNS ?? defaultRuns);
const seed = Number(env.LMK_CONFORMANCE_SEED ?? 20200817);
/** Where a failure's message says its counterexample is. */
const path = env.LMK_CONFORMANCE_PATH ?? "";

/** How the first arrays of an example reach the op; mostly as inputs, which is also the simplest. */
const placements = fc.array(fc.constantFrom<Placement[]>("input", "input", "state", "constant"), {
  maxLength: 4,
});

type Drawn = [example: Example, placed: Placement[]];

/** One test per case: compiled, every drawn example equals tfjs's CPU backend. */
export function describeCases(group: string, cases: readonly Case[]): void {
  describe(`conformance of ${group}`, () => {
    for (const checked of cases) {
      it(checked.name, { timeout: 30_000 + runs * 500 }, async () => {
        const reached = await checkCase(checked);
        if (runs >= defaultRuns && path === "") expectProven(checked, reached);
      });
    }
  });
}

/** Draws examples and compares; what they reached. */
export async function checkCase(checked: Case): Promise<Reached> {
  const reached = nothingReached();
  const property = fc.asyncProperty(checked.arbitrary, placements, (example, placed) => {
    return checkExample(example, checked, { reached, placements: placed });
  });
  const details = await fc.check(property, { numRuns: runs, seed, path, endOnFailure: path !== "" });
  if (details.failed) throw failure(checked, details);
  return reached;
}

function failure(checked: Case, details: fc.RunDetails<Drawn>): Error {
  const { counterexample, counterexamplePath, errorInstance } = details;
  const reason = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const lines = [`${checked.name}: ${reason}`];
  if (counterexample !== null) lines.push("  counterexample:", describeExample(counterexample));
  lines.push(
    `  replay with LMK_CONFORMANCE_SEED=${details.seed} LMK_CONFORMANCE_PATH=${counterexamplePath} ` +
      `vitest run --project packages/compile -t ${JSON.stringify(checked.name)}`,
  );
  return new Error(lines.join("\n"), { cause: errorInstance });
}

/** The inputs of an example, and the kernels it reaches with their attributes. */
function describeExample([{ inputs, op }, placed]: Drawn): string {
  const arrays = Object.entries(inputs).map(([name, { shape, data }], i) => {
    const values = [...data.slice(0, 8)].map((value) => Number(value.toPrecision(7))).join(", ");
    const more = data.length > 8 ? ", …" : "";
    return `    ${placed[i] ?? "input"} ${name}: ${data.constructor.name} [${shape.join(", ")}] = ${values}${more}`;
  });
  const log: KernelLog = { calls: [], gradients: new Set() };
  try {
    runEagerly((tensors) => {
      logged(log, () => op(tensors));
      return { outputs: {} };
    }, inputs);
  } catch (error) {
    return [...arrays, formatCalls(log.calls), `    then tfjs itself threw ${error}`].join("\n");
  }
  return [...arrays, formatCalls(log.calls)].join("\n");
}

/** Fails where a case claims kernels, or gradients of them, that its examples did not reach. */
export function expectProven(checked: Case, { forward, backward }: Reached): void {
  const { kernels, gradientKernels = [], differentiable = [] } = checked;
  const inForward = new Set(forward.calls.map(({ kernel }) => kernel));
  const inGradient = new Set(backward.calls.map(({ kernel }) => kernel));
  const claimed = differentiable.length === 0 ? [] : kernels.filter(hasGradient);
  expect({
    "kernels that no example reached": kernels.filter((kernel) => !inForward.has(kernel)),
    "gradientKernels that no gradient reached": gradientKernels.filter((kernel) => !inGradient.has(kernel)),
    "kernels whose gradient was never taken": claimed.filter((kernel) => !backward.gradients.has(kernel)),
  }).toEqual({
    "kernels that no example reached": [],
    "gradientKernels that no gradient reached": [],
    "kernels whose gradient was never taken": [],
  });
}
