import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Case, Example } from "./case.ts";
import { checkExample } from "./check-example.ts";

/** How one direction of a case went on WebGPU. */
export interface WebgpuOutcome {
  /** ONNX operators that onnxruntime ran on the processor instead, with commas between them. */
  readonly onProcessor?: string;
  /** What deviated most from tfjs and by how much; absent where all is within the tolerance. */
  readonly deviation?: string;
  /** The error with which it could not run at all. */
  readonly failure?: string;
}

/** What the committed run found, by case. */
export interface WebgpuRecord {
  readonly driver: string;
  readonly onnxruntime: string;
  /** Largest error allowed, relative to the largest element. */
  readonly tolerance: number;
  readonly examplesPerCase: number;
  readonly cases: Readonly<
    Record<string, { readonly forward: WebgpuOutcome; readonly gradient?: WebgpuOutcome }>
  >;
}

/** Errors on WebGPU are allowed to be this large, relative to the largest element. */
export const webgpuTolerance = 1e-4;

const file = new URL("webgpu-record.json", import.meta.url);

export function readWebgpuRecord(): WebgpuRecord {
  return JSON.parse(readFileSync(file, "utf8")) as WebgpuRecord;
}

export function writeWebgpuRecord(record: WebgpuRecord): void {
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
}

/** Runs examples on WebGPU, and reads from onnxruntime's profile where each node ran. */
export async function webgpuOutcome(checked: Case, examples: readonly Example[]): Promise<WebgpuOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "lmk-webgpu-"));
  const options = {
    provider: "webgpu",
    tolerance: webgpuTolerance,
    profile: join(folder, "profile"),
  } as const;
  const problems: Error[] = [];
  try {
    for (const example of examples) {
      await checkExample(example, checked, options).catch((error: Error) => problems.push(error));
    }
    const onProcessor = new Set(
      readdirSync(folder).flatMap((name) => operatorsOnProcessor(readFileSync(join(folder, name), "utf8"))),
    );
    return {
      ...(onProcessor.size === 0 ? {} : { onProcessor: [...onProcessor].sort().join(", ") }),
      ...summaryOf(problems),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** An error of onnxruntime if there is one, else the largest deviation. */
function summaryOf(problems: readonly Error[]): Pick<WebgpuOutcome, "deviation" | "failure"> {
  let largest = 0;
  let deviation: string | undefined;
  for (const { message } of problems) {
    const match = /^(.*): largest error over largest value: expected (\S+) to be/.exec(message);
    if (match === null) return { failure: message.trim().split("\n")[0] };
    const size = Number(match[2]);
    if (size <= largest) continue;
    largest = size;
    deviation = `${match[1]} by ${size.toExponential(1)}`;
  }
  return deviation === undefined ? {} : { deviation };
}

interface ProfileEvent {
  readonly args?: { readonly provider?: string; readonly op_name?: string };
}

/** Copies between the two memories are not counted, nor the node that stands for no computation. */
function operatorsOnProcessor(profile: string): string[] {
  const events = JSON.parse(profile) as ProfileEvent[];
  return events
    .filter(({ args }) => args?.provider === "CPUExecutionProvider")
    .map(({ args }) => args?.op_name ?? "")
    .filter((operator) => operator !== "SequenceEmpty" && !operator.startsWith("Memcpy"));
}
