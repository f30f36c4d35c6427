import type { InferenceSession, TensorConstructor } from "onnxruntime-node";

/** Axes of an input or output: numbers, names of free ones; none where the file does not say. */
export type Axes = readonly (number | string)[];

/** An open file, and what its inputs are made with. */
export interface OpenedOnnx {
  readonly session: InferenceSession;
  readonly Tensor: TensorConstructor;
}

async function importOnnxRuntime(caller: string): Promise<typeof import("onnxruntime-node")> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    throw new Error(`${caller}: expected the package onnxruntime-node to be installed, got none`, { cause });
  }
}

/** Opens an ONNX file with onnxruntime-node. */
export async function openOnnx(
  caller: string,
  onnx: string | Uint8Array,
  options: InferenceSession.SessionOptions | undefined,
): Promise<OpenedOnnx> {
  const { InferenceSession, Tensor } = await importOnnxRuntime(caller);
  try {
    const session = await (typeof onnx === "string"
      ? InferenceSession.create(onnx, options)
      : InferenceSession.create(onnx, options));
    return { session, Tensor };
  } catch (cause) {
    const got = typeof onnx === "string" ? onnx : `${onnx.length} bytes`;
    const [why] = (cause instanceof Error ? cause.message : String(cause)).split("\n", 1);
    throw new RangeError(`${caller}: expected \`onnx\` to be an ONNX file that runs, got ${got}: ${why}`, {
      cause,
    });
  }
}

/** The name of an input or output, which the file must have. */
export function requireValueName(
  caller: string,
  argument: string,
  name: string | undefined,
  names: readonly string[],
): string {
  if (name !== undefined && names.includes(name)) return name;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be one of ${names.join(", ")}, got ${name ?? "none"}`,
  );
}

/** A side that the file fixes. */
export function fixedSide(axis: number | string | undefined): number | undefined {
  return typeof axis === "number" && axis > 0 ? axis : undefined;
}

/** `[N, 3, pixels]` from `[N, pixels, 3]`. */
export function channelsFirst(values: Float32Array, count: number, pixels: number): Float32Array {
  const result = new Float32Array(count * pixels * 3);
  for (let n = 0; n < count; n++) {
    for (let channel = 0; channel < 3; channel++) {
      const to = (n * 3 + channel) * pixels;
      const from = n * pixels * 3 + channel;
      for (let pixel = 0; pixel < pixels; pixel++) result[to + pixel] = values[from + pixel * 3]!;
    }
  }
  return result;
}
