import type { EvaluationReport, StepReport } from "../callback.ts";
import { TrainingError } from "../training-error.ts";

/** One step as a log keeps it. */
export interface LoggedStep extends Omit<StepReport, "steps"> {}

type Line = Readonly<Record<string, unknown>> & { readonly step: number };

/** Names of a step's line that no metric may have. */
export const stepFields: readonly string[] = ["step", "loss", "learningRate", "images", "seconds"];

/** The line of a step, with its line break. */
export function lineOfStep({ step, loss, learningRate, images, seconds, metrics }: LoggedStep): string {
  return lineOf({ step, loss, learningRate, images, seconds, ...metrics });
}

/** The line of an evaluation, with its line break. */
export function lineOfEvaluation({ step, metrics }: EvaluationReport): string {
  return lineOf({ step, evaluation: metrics });
}

/** Numbers that JSON lacks are written as the strings that ECMAScript gives them. */
function lineOf(fields: Readonly<Record<string, unknown>>): string {
  const replacer = (_key: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  return `${JSON.stringify(fields, replacer)}\n`;
}

/** The objects of a log and their line numbers; a last line without a line break that is no JSON is passed over. */
export function parseLines(path: string, text: string): { line: Line; number: number }[] {
  const parts = text.split("\n");
  const last = parts.pop()!;
  if (isObject(parse(last))) parts.push(last);
  return parts.map((part, i) => {
    const line = parse(part);
    const step = isObject(line) ? line.step : undefined;
    if (typeof step === "number" && Number.isInteger(step) && step >= 0)
      return { line: line as Line, number: i + 1 };
    throw new TrainingError(
      "damaged",
      `${path}:${i + 1}: expected a JSON object with a whole number \`step\`, got ${shown(part)}`,
    );
  });
}

/** The evaluation that a line holds; `undefined` if it is a step's. */
export function evaluationOf(path: string, line: Line, number: number): EvaluationReport | undefined {
  if (!("evaluation" in line)) return undefined;
  const { step, evaluation } = line;
  if (!isObject(evaluation))
    throw new TrainingError(
      "damaged",
      `${path}:${number}: expected \`evaluation\` to be an object of numbers, got ${JSON.stringify(evaluation)}`,
    );
  return { step, metrics: numbersOf(path, evaluation, number) };
}

/** The step that a line holds. */
export function stepOf(path: string, line: Line, number: number): LoggedStep {
  const absent = stepFields.find((name) => !(name in line));
  if (absent !== undefined)
    throw new TrainingError(
      "damaged",
      `${path}:${number}: expected \`${absent}\` to be a number, got ${JSON.stringify(line[absent])}`,
    );
  const { step, loss, learningRate, images, seconds, ...metrics } = numbersOf(path, line, number);
  return {
    step: step!,
    loss: loss!,
    learningRate: learningRate!,
    images: images!,
    seconds: seconds!,
    metrics,
  };
}

function numbersOf(
  path: string,
  fields: Readonly<Record<string, unknown>>,
  number: number,
): Record<string, number> {
  const entries = Object.entries(fields).map(([name, value]): [string, number] => {
    if (typeof value === "number") return [name, value];
    if (value === "NaN" || value === "Infinity" || value === "-Infinity") return [name, Number(value)];
    throw new TrainingError(
      "damaged",
      `${path}:${number}: expected \`${name}\` to be a number, got ${JSON.stringify(value)}`,
    );
  });
  return Object.fromEntries(entries);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
