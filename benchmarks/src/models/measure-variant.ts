import { readFileSync } from "node:fs";
import { type Compiled, compile } from "@lmk/compile";
import { fromReferenceLayout, type NamedArrays, toReferenceLayout } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { goldenImages, referenceWeights } from "../../../packages/models/test/reference-values.ts";
import { type Summary, summarize } from "../measure/interleave.ts";
import { threads } from "../measure/settings.ts";
import { countMultiplications } from "./count-multiplications.ts";
import type { Variant } from "./variants.ts";

/** What is measured of one network. */
export interface VariantRow {
  readonly title: string;
  readonly size: number;
  readonly checkpoints: string;
  /** Trainable values. */
  readonly parameters: number;
  /** Whether the names' number and the values' are the reference's, running statistics included. */
  readonly countsAgree: boolean;
  /** Multiplications and additions of one image, as pairs, in convolutions and matrix products. */
  readonly multiplications: number;
  /** Length of the embedding, or of the pooled last map, or of a local descriptor. */
  readonly dimension: number;
  /** How far the compiled network is from the reference, over the root mean square; the worst map. */
  readonly parityErrors: { readonly inference: number; readonly training: number };
  /** Milliseconds of one image through the compiled network. */
  readonly time: Summary;
}

type Mode = "inference" | "training";

interface Digest {
  readonly every: number;
  readonly values: readonly number[];
  readonly rms: number;
}

interface GoldenFile {
  readonly shapes: Readonly<Record<string, { readonly names: number; readonly values: number }>>;
  readonly cases: Readonly<
    Record<string, { readonly batch: number; readonly size: number; readonly levels: readonly Digest[] }>
  >;
}

const folder = new URL("../../../packages/models/test/golden/", import.meta.url);
/** Timed runs of each network. */
export const runs = 15;

/** Compares a network with its reference, and times it. */
export async function measureVariant(variant: Variant): Promise<VariantRow> {
  const goldens: GoldenFile = JSON.parse(readFileSync(new URL(`${variant.family}.json`, folder), "utf8"));
  const network = variant.create();
  const sizes = Object.entries(network.shapes).map(([name, shape]) => ({
    name,
    size: shape.reduce((product, side) => product * side, 1),
  }));
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  const running = sizes.filter(({ name }) => /\.running_(mean|var)$/.test(name));
  const weights = goldenWeights(network.shapes);
  const { names, values } = goldens.shapes[variant.golden];
  return {
    title: variant.title,
    size: variant.size,
    checkpoints: variant.checkpoints,
    parameters: total - running.reduce((sum, { size }) => sum + size, 0),
    countsAgree: names === sizes.length && values === total,
    dimension: "channels" in network ? network.channels : network.dimension,
    parityErrors: {
      inference: await parityError(variant, weights, goldens, "inference"),
      training: await parityError(variant, weights, goldens, "training"),
    },
    ...(await timeAndCount(variant, weights)),
  };
}

function goldenWeights(shapes: Readonly<Record<string, readonly number[]>>): NamedArrays {
  const empty = Object.entries(shapes).map(([name, shape]) => [name, { shape, data: new Float32Array() }]);
  const reference = Object.entries(toReferenceLayout(Object.fromEntries(empty)) as NamedArrays);
  return fromReferenceLayout(
    referenceWeights(Object.fromEntries(reference.map(([name, { shape }]) => [name, shape]))),
  );
}

/** Everything that a network gives, from first to last. */
function outputsOf(variant: Variant, weights: NamedArrays, images: tf.Tensor4D, mode: Mode): tf.Tensor[] {
  const parameters = Object.fromEntries(
    Object.entries(weights).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );
  const output = variant.create().apply(parameters, images, { training: mode === "training" });
  if ("levels" in output) return [...output.levels];
  return "embedding" in output ? [output.embedding] : [output.scores, output.descriptors];
}

function compileVariant(
  variant: Variant,
  weights: NamedArrays,
  shape: readonly [number, number, number, number],
  mode: Mode,
  onTrace: (outputs: readonly tf.Tensor[]) => readonly tf.Tensor[],
): Promise<Compiled> {
  return compile(
    ({ images }) => {
      const outputs = onTrace(outputsOf(variant, weights, images as tf.Tensor4D, mode));
      return { outputs: Object.fromEntries(outputs.map((output, i) => [`output${i}`, output])) };
    },
    { inputs: { images: { shape } } },
    { threads },
  );
}

async function parityError(
  variant: Variant,
  weights: NamedArrays,
  { cases }: GoldenFile,
  mode: Mode,
): Promise<number> {
  const { batch, size, levels } = cases[`${variant.golden}.${mode}`];
  const compiled = await compileVariant(variant, weights, [batch, size, size, 3], mode, (outputs) => outputs);
  const outputs = await compiled.run({ images: goldenImages(batch, size) });
  await compiled.dispose();
  const errors = levels.flatMap(({ every, values, rms }, i) => {
    const { data } = outputs[`output${i}`];
    return values.map((value, j) => Math.abs(data[j * every] - value) / rms);
  });
  return errors.reduce((worst, error) => Math.max(worst, error), 0);
}

/** Times the last of the outputs, that nothing but it need be made. */
async function timeAndCount(
  variant: Variant,
  weights: NamedArrays,
): Promise<Pick<VariantRow, "time" | "multiplications">> {
  const { size } = variant;
  const isLocal = variant.family === "alike";
  const counted = countMultiplications();
  const compiled = await compileVariant(variant, weights, [1, size, size, 3], "inference", (outputs) =>
    isLocal ? outputs : outputs.slice(-1),
  );
  const multiplications = counted.stop();
  const images = goldenImages(1, size);
  const times: number[] = [];
  for (let i = -3; i < runs; i++) {
    const begin = performance.now();
    await compiled.run({ images });
    if (i >= 0) times.push(performance.now() - begin);
  }
  await compiled.dispose();
  return { time: summarize(times), multiplications };
}
