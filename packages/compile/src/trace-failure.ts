import type { TensorInfo } from "@tensorflow/tfjs-core";
import { CompileError } from "./compile-error.ts";
import type { Origin, Place } from "./origin.ts";
import { sourceLocation } from "./source-location.ts";

/** Ops whose result has as many elements as the values decide. */
const dynamicOps: ReadonlySet<string> = new Set([
  "booleanMaskAsync",
  "setdiff1dAsync",
  "whereAsync",
  "nonMaxSuppressionAsync",
  "nonMaxSuppressionWithScoreAsync",
  "nonMaxSuppressionPaddedAsync",
]);
const dynamicKernels: ReadonlySet<string> = new Set([
  "NonMaxSuppressionV3",
  "NonMaxSuppressionV4",
  "NonMaxSuppressionV5",
  "SparseFillEmptyRows",
  "SparseReshape",
  "StringNGrams",
  "StringSplit",
  "Unique",
  "Where",
]);

/** The error for a kernel that cannot be compiled. */
export function unknownKernel(kernelName: string, inputs: readonly [string, TensorInfo][]): CompileError {
  const shapes = inputs.map(([name, { shape }]) => `${name} [${shape.join(", ")}]`).join(", ");
  const subject = `the tfjs kernel ${kernelName} (${shapes || "no inputs"})`;
  if (dynamicKernels.has(kernelName)) return dynamicShape(subject, kernelName);
  return new CompileError(
    "unknown-op",
    `compile: the function uses ${subject}, which has no ONNX ` +
      "counterpart here; write it with other tfjs ops, or compute it outside and pass it as an input",
    { kernel: kernelName },
  );
}

function dynamicShape(subject: string, kernel?: string): CompileError {
  return new CompileError(
    "dynamic-shape",
    `compile: the function uses ${subject}, whose result's shape depends on values, and compiled shapes are fixed; ` +
      "keep all elements and mask them, as with tf.where, or do it outside",
    { kernel },
  );
}

/**
 * What the user is told about an error that ended a trace: which of their ops, and which line of theirs, it came
 * from. Errors that the function throws itself are left as they are.
 */
export function explainFailure(error: unknown, origin: Origin, boundary: string): unknown {
  if (!(error instanceof Error)) return error;
  const { op, location, byTfjs } = sourceLocation(error.stack, boundary);
  const called = op === undefined ? undefined : `tf.${op}`;
  const known = error instanceof CompileError ? error : undefined;
  const found = origin.placeOf(error) ?? { words: called, op: called ?? known?.op, kernel: undefined };
  const place = { ...found, location };
  if (error instanceof CompileError) {
    const dynamic = error.code === "symbolic-read" && op !== undefined && dynamicOps.has(op);
    return located(dynamic ? dynamicShape(`tf.${op}`) : error, error, place);
  }
  const missing = /Kernel '(\w+)' not registered for backend/.exec(error.message);
  if (missing !== null) return located(unknownKernel(missing[1], []), error, place);
  if (!byTfjs) return error;
  const refused = new CompileError("invalid-arguments", `compile: tfjs refused a call: ${error.message}`);
  return located(refused, error, place);
}

/** The error with its place added to the message, and the stack of the error it explains. */
function located(
  { code, message, kernel }: CompileError,
  source: Error,
  place: Place & { readonly location: string | undefined },
): CompileError {
  const parts = [
    place.words !== undefined && !message.includes(place.words) ? `in ${place.words}` : "",
    place.location === undefined ? "" : `at ${place.location}`,
  ].filter((part) => part !== "");
  const full = parts.length === 0 ? message : `${message} (${parts.join(", ")})`;
  const error = new CompileError(code, full, {
    op: place.op,
    kernel: kernel ?? place.kernel,
    location: place.location,
    cause: source instanceof CompileError ? undefined : source,
  });
  const frames = source.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  error.stack = [`${error.name}: ${full}`, ...frames].join("\n");
  return error;
}
