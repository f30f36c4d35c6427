import type { InferenceSession } from "onnxruntime-node";
import { type Axes, channelsFirst, fixedSide, openOnnx, requireValueName } from "../networks/onnx-session.ts";
import type { Network } from "./engine.ts";

/** A network in an ONNX file. */
export interface OnnxModel {
  /** The file, or its bytes. */
  readonly onnx: string | Uint8Array;
  /**
   * Which of the file's inputs takes the images, as float32.
   *
   * @defaultValue its only input
   */
  readonly input?: string;
  /**
   * Which of the file's outputs is the embedding, of float32: `[N, D]`, where further axes of length 1 do not matter.
   *
   * @defaultValue its first output
   */
  readonly output?: string;
  /**
   * Order of the axes of the input: `"NCHW"` is `[N, 3, H, W]`, as PyTorch exports, `"NHWC"` is `[N, H, W, 3]`.
   *
   * @defaultValue "NHWC" if the last axis of the input is 3 and the second is not, else "NCHW"
   */
  readonly layout?: "NCHW" | "NHWC";
  /**
   * Options of onnxruntime's session, such as `executionProviders` or `intraOpNumThreads`.
   *
   * @defaultValue onnxruntime's
   */
  readonly session?: InferenceSession.SessionOptions;
}

/** Opens an ONNX file with onnxruntime-node. */
export async function createOnnxNetwork(caller: string, model: OnnxModel): Promise<Network> {
  const { session, Tensor } = await openOnnx(caller, model.onnx, model.session);
  try {
    const { inputNames, outputNames, inputMetadata, outputMetadata } = session;
    const input = requireValueName(caller, "input", model.input ?? onlyOf(inputNames), inputNames);
    const output = requireValueName(caller, "output", model.output ?? outputNames[0], outputNames);
    const inputAxes = axesOf(caller, "input", input, inputMetadata);
    const layout = layoutOf(caller, model, inputAxes);
    const [batch, height, width] = [0, ...(layout === "NHWC" ? [1, 2] : [2, 3])].map((axis) =>
      fixedSide(inputAxes[axis]),
    );
    return {
      dimension: dimensionOf(caller, output, axesOf(caller, "output", output, outputMetadata)),
      size: height !== undefined && width !== undefined ? { height, width } : undefined,
      batch,
      async runBatch(user, { data, count, height, width }) {
        const pixels = height * width;
        const images =
          layout === "NHWC"
            ? new Tensor("float32", data.subarray(0, count * pixels * 3), [count, height, width, 3])
            : new Tensor("float32", channelsFirst(data, count, pixels), [count, 3, height, width]);
        const { [output]: embedding } = await session.run({ [input]: images }, [output]);
        requireRows(user, output, embedding!.dims, count);
        return embedding!.data as Float32Array;
      },
      dispose: () => session.release(),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

function onlyOf(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}

/** The axes of an input or output: numbers, names of free ones; none where the file does not say. */
function axesOf(
  caller: string,
  argument: string,
  name: string,
  metadata: readonly InferenceSession.ValueMetadata[],
): Axes {
  const found = metadata.find((value) => value.name === name);
  const type = found?.isTensor === true ? found.type : "no tensor";
  if (found?.isTensor === true && type === "float32") return found.shape;
  throw new RangeError(`${caller}: expected the ${argument} ${name} to be float32, got ${type}`);
}

function layoutOf(caller: string, model: OnnxModel, axes: Axes): "NCHW" | "NHWC" {
  const layout = model.layout ?? (axes[3] === 3 && axes[1] !== 3 ? "NHWC" : "NCHW");
  if (layout !== "NCHW" && layout !== "NHWC") {
    throw new RangeError(`${caller}: expected \`layout\` to be NCHW or NHWC, got ${layout}`);
  }
  const channels = fixedSide(axes[layout === "NHWC" ? 3 : 1]) ?? 3;
  if (axes.length === 0 || (axes.length === 4 && channels === 3)) return layout;
  const expected = layout === "NHWC" ? "[N, H, W, 3]" : "[N, 3, H, W]";
  throw new RangeError(`${caller}: expected an input of shape ${expected}, got [${axes.join(", ")}]`);
}

/** Length of a row, if the file says it. */
function dimensionOf(caller: string, output: string, axes: Axes): number | undefined {
  if (axes.length === 0) return undefined;
  const sides = axes.slice(1).map(fixedSide);
  if (axes.length > 1 && sides.filter((side) => side !== undefined && side > 1).length <= 1) {
    return sides.includes(undefined) ? undefined : Math.max(...sides.map((side) => side ?? 1));
  }
  throw new RangeError(
    `${caller}: expected the output ${output} to have shape [N, D], got [${axes.join(", ")}]`,
  );
}

function requireRows(caller: string, output: string, dims: readonly number[], count: number): void {
  const long = dims.slice(1).filter((side) => side !== 1);
  if (dims.length > 1 && dims[0] === count && long.length <= 1) return;
  throw new RangeError(
    `${caller}: expected the output ${output} to have shape [${count}, D], got [${dims.join(", ")}]`,
  );
}
