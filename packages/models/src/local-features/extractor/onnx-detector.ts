import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { Size } from "../../images/pixels.ts";
import {
  type Axes,
  fixedSide,
  type OpenedOnnx,
  openOnnx,
  requireValueName,
} from "../../networks/onnx-session.ts";
import { requirePositiveInteger } from "../../require.ts";
import { keepFeatures } from "./best-features.ts";
import { type Detector, ImageError, type ImageLocalFeatures } from "./detector.ts";
import { denseFeatures, type InputSizes, sparseFeatures } from "./onnx-features.ts";
import type { DenseOutputs, OnnxFeatures, SparseOutputs } from "./onnx-options.ts";
import { featureOutputs } from "./onnx-outputs.ts";
import { type InputForm, networkInput, paddedSize } from "./place-image.ts";

/** Features of an ONNX file. */
export async function createOnnxDetector(caller: string, options: OnnxFeatures): Promise<Detector> {
  const { multiple = 1 } = options;
  requirePositiveInteger(caller, "multiple", multiple);
  const opened = await openOnnx(caller, options.onnx, options.session);
  try {
    return detectorOf(caller, opened, options, multiple);
  } catch (error) {
    await opened.session.release();
    throw error;
  }
}

function detectorOf(
  caller: string,
  { session, Tensor }: OpenedOnnx,
  options: OnnxFeatures,
  multiple: number,
): Detector {
  const input = imageInput(caller, session, options.input);
  const axes = axesOf(caller, session, input);
  const form = formOf(caller, options, axes);
  const fixed = fixedSize(axes, form);
  const outputs = featureOutputs(caller, session, options.outputs);
  const feeds = otherInputs(caller, session, input, options.feeds ?? {}, Tensor);
  return {
    dimension: dimensionOf(session, outputs),
    largest: fixed,
    async detect(image, limit) {
      const padded = fixed ?? paddedSize(image, multiple);
      const { channels, layout } = form;
      const { width, height } = padded;
      const shape = layout === "NHWC" ? [1, height, width, channels] : [1, channels, height, width];
      const values = new Tensor("float32", networkInput(image, padded, form), shape);
      const found = await runOn(session, { ...feeds, [input]: values }, Object.values(outputs));
      return featuresOf(found, outputs, options, { padded, image }, limit);
    },
    dispose: () => session.release(),
  };
}

/** Runs the network; that it fails may be due to the image, such as one with fewer points than it picks. */
async function runOn(
  session: InferenceSession,
  feeds: Readonly<Record<string, Tensor>>,
  names: readonly string[],
): Promise<Readonly<Record<string, Tensor>>> {
  try {
    return await session.run(feeds, names);
  } catch (cause) {
    const [why] = (cause instanceof Error ? cause.message : String(cause)).split("\n", 1);
    throw new ImageError(`The network failed: ${why}`, { cause });
  }
}

function featuresOf(
  found: Readonly<Record<string, Tensor>>,
  outputs: SparseOutputs | DenseOutputs,
  { coordinates = "pixels", threshold }: OnnxFeatures,
  sizes: InputSizes,
  limit: number,
): ImageLocalFeatures {
  if ("scoreMap" in outputs) {
    const maps = { scoreMap: found[outputs.scoreMap]!, descriptorMap: found[outputs.descriptorMap]! };
    const detection = threshold === undefined ? { limit } : { limit, threshold };
    return denseFeatures("extract", maps, sizes, detection);
  }
  const features = sparseFeatures(
    "extract",
    {
      points: found[outputs.points]!,
      scores: outputs.scores === undefined ? undefined : found[outputs.scores],
      descriptors: found[outputs.descriptors]!,
    },
    sizes.padded,
    coordinates,
  );
  return keepFeatures(features, sizes.image, threshold ?? Number.NEGATIVE_INFINITY);
}

function imageInput(caller: string, session: InferenceSession, asked: string | undefined): string {
  const images = session.inputMetadata.filter(
    (value) => value.isTensor && value.type === "float32" && [0, 4].includes(value.shape.length),
  );
  const only = images.length === 1 ? images[0]!.name : undefined;
  return requireValueName(caller, "input", asked ?? only, session.inputNames);
}

function axesOf(caller: string, session: InferenceSession, name: string): Axes {
  const found = session.inputMetadata.find((value) => value.name === name);
  if (found?.isTensor === true && found.type === "float32") return found.shape;
  const type = found?.isTensor === true ? found.type : "no tensor";
  throw new RangeError(`${caller}: expected the input ${name} to be float32, got ${type}`);
}

function formOf(caller: string, options: OnnxFeatures, axes: Axes): InputForm {
  const { mean = [0, 0, 0], std = [1, 1, 1] } = options;
  const isColors = (axis: number | string | undefined): boolean => axis === 1 || axis === 3;
  const layout = options.layout ?? (isColors(axes[3]) && !isColors(axes[1]) ? "NHWC" : "NCHW");
  const said = fixedSide(axes[layout === "NHWC" ? 3 : 1]);
  const channels = options.channels ?? said ?? 3;
  const fits = axes.length === 0 || (axes.length === 4 && (fixedSide(axes[0]) ?? 1) === 1);
  if (fits && (channels === 1 || channels === 3) && (said ?? channels) === channels) {
    return { channels, layout, mean, std };
  }
  const expected = layout === "NHWC" ? "[1, H, W, 1 or 3]" : "[1, 1 or 3, H, W]";
  throw new RangeError(`${caller}: expected an input of shape ${expected}, got [${axes.join(", ")}]`);
}

function fixedSize(axes: Axes, { layout }: InputForm): Size | undefined {
  const [height, width] = (layout === "NHWC" ? [1, 2] : [2, 3]).map((axis) => fixedSide(axes[axis]));
  return height !== undefined && width !== undefined ? { height, width } : undefined;
}

/** Length of a descriptor, if the file says it. */
function dimensionOf(
  { outputMetadata }: InferenceSession,
  outputs: SparseOutputs | DenseOutputs,
): number | undefined {
  const isDense = "scoreMap" in outputs;
  const name = isDense ? outputs.descriptorMap : outputs.descriptors;
  const found = outputMetadata.find((value) => value.name === name);
  const axes = found?.isTensor === true ? found.shape : [];
  if (isDense) return fixedSide(axes[axes.length - 3]);
  const [first, second] = axes.slice(-2).map(fixedSide);
  // Of two fixed axes either may be the count of points.
  return first !== undefined && second !== undefined ? undefined : (second ?? first);
}

/** Tensors for the inputs besides the image. */
function otherInputs(
  caller: string,
  { inputMetadata }: InferenceSession,
  image: string,
  feeds: Readonly<Record<string, number>>,
  tensors: OpenedOnnx["Tensor"],
): Readonly<Record<string, Tensor>> {
  const others = inputMetadata.filter(({ name }) => name !== image);
  for (const name of Object.keys(feeds)) {
    if (others.some((value) => value.name === name)) continue;
    throw new RangeError(`${caller}: expected \`feeds\` to name other inputs, got ${name}`);
  }
  return Object.fromEntries(
    others.map((value) => {
      const number = feeds[value.name];
      if (number === undefined || !value.isTensor) {
        throw new RangeError(`${caller}: expected \`feeds\` to have the input ${value.name}, got none`);
      }
      const dims = value.shape.map(() => 1);
      if (value.type === "int64") {
        return [value.name, new tensors("int64", BigInt64Array.of(BigInt(number)), dims)];
      }
      if (value.type === "int32") return [value.name, new tensors("int32", Int32Array.of(number), dims)];
      return [value.name, new tensors("float32", Float32Array.of(number), dims)];
    }),
  );
}
