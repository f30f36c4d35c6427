import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-layers";
import { readFileSync } from "node:fs";
import { type ApplyOptions, fromReferenceLayout, type Parameters, type Shapes } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crc32, goldenImages, hashedUniform, referenceWeights } from "./reference-values.ts";
import { useExactMean } from "./wasm-mean.ts";

/** How far a network may be from its reference, relative to the root mean square of what is compared. */
const tolerance = 1e-4;

/** A few values of a tensor at even distances, and mean and root mean square of all. */
export interface Digest {
  readonly shape: readonly number[];
  readonly every: number;
  readonly values: readonly number[];
  readonly mean: number;
  readonly rms: number;
}

/** What a reference gives for one variant, in one mode. */
export interface GoldenCase {
  readonly batch: number;
  readonly size: number;
  readonly levels: readonly Digest[];
  readonly statistics?: Readonly<Record<string, Digest>>;
  readonly gradients?: Readonly<Record<string, { readonly shape: readonly number[]; readonly norm: number }>>;
}

/** What the golden file of a family holds. */
export interface GoldenFile {
  /** By variant: how many arrays and values, the CRC-32 of names and shapes, and the names that are left out. */
  readonly shapes: Readonly<
    Record<string, { names: number; values: number; crc32: number; classifier: readonly string[] }>
  >;
  /** By variant and mode: `resnet18.training`. */
  readonly cases: Readonly<Record<string, GoldenCase>>;
}

/**
 * Cases that only the program behind docs/models.md runs, compiled: large images, of which smaller variants have the code,
 * and Swin's training, which is the same pass without batch norm.
 */
export const compiledOnly: ReadonlySet<string> = new Set([
  "swin_tiny_patch4_window7_224.training",
  "swin_small_patch4_window7_224.training",
  "swin_base_patch4_window7_224.training",
  "swin_tiny_patch4_window7_224 size 384 window 12.training",
  "swin_small_patch4_window7_224 size 384 window 12.inference",
  "swin_small_patch4_window7_224 size 384 window 12.training",
  "swin_base_patch4_window12_384.inference",
  "swin_base_patch4_window12_384.training",
  "b3 tap 3.inference",
  "b3 tap 3.training",
  "b5 tap 3 stemStride 1.training",
  "b6 tap 1.inference",
  "b6 tap 1.training",
]);

/** A backbone, an embedding model, or a network of local features. */
export interface GoldenNetwork {
  readonly shapes: Shapes;
  readonly classifier: readonly string[];
  readonly apply: (parameters: Parameters, images: tf.Tensor4D, options?: ApplyOptions) => GoldenOutput;
}

type GoldenOutput = { readonly statistics: Parameters } & (
  | { readonly levels: readonly tf.Tensor[] }
  | { readonly embedding: tf.Tensor }
  | { readonly scores: tf.Tensor; readonly descriptors: tf.Tensor }
);

/** Reads the golden file of a family. */
export function readGoldens(family: string): GoldenFile {
  return JSON.parse(readFileSync(new URL(`./golden/${family}.json`, import.meta.url), "utf8")) as GoldenFile;
}

/**
 * Declares the tests of a family against its golden file: for each variant names and shapes, all maps without and with
 * training, running statistics, and norms of gradients.
 *
 * @param family - Name of the golden file.
 * @param create - Makes the network of a variant, by its name in the file.
 */
export function describeAgainstGolden(family: string, create: (variant: string) => GoldenNetwork): void {
  const { shapes, cases } = readGoldens(family);

  describe.each(Object.keys(shapes))("%s", (variant) => {
    const modes = ["inference", "training"].filter((mode) => {
      const name = `${variant}.${mode}`;
      return name in cases && !compiledOnly.has(name);
    });
    let parameters: Record<string, tf.Tensor> = {};

    beforeAll(async () => {
      if (modes.length === 0) return;
      await startWasm();
      parameters = goldenParameters(create(variant).shapes);
    });

    afterAll(() => {
      tf.dispose(parameters);
    });

    it("has the reference's names and shapes", () => {
      const { shapes: own, classifier } = create(variant);
      expect({ ...summaryOf(own), classifier: [...classifier].sort() }).toEqual({
        ...shapes[variant]!,
        classifier: [...shapes[variant]!.classifier].sort(),
      });
    });

    it.each(modes)(
      "gives the reference's maps: %s",
      (mode) => {
        const golden = cases[`${variant}.${mode}`]!;
        tf.tidy(() => {
          const output = create(variant).apply(parameters, imagesOf(golden), {
            training: mode === "training",
          });
          expectLevels(levelsOf(output), golden);
          expectStatistics(output.statistics, golden);
        });
      },
      300_000,
    );

    it.each([`${variant}.gradient`].filter((name) => name in cases))(
      "has the reference's gradients",
      async (name) => {
        await tf.setBackend("cpu");
        tf.tidy(() => expectGradients(create(variant), parameters, cases[name]!));
        await tf.setBackend("wasm");
      },
      300_000,
    );
  });
}

/** Starts the WASM backend anew: its memory never shrinks, and large networks one after another would not fit. */
async function startWasm(): Promise<void> {
  const factory = tf.findBackendFactory("wasm");
  tf.removeBackend("wasm");
  tf.registerBackend("wasm", factory, 2);
  await tf.setBackend("wasm");
  useExactMean();
}

/** A network's weights, filled as the goldens' were. */
export function goldenParameters(shapes: Shapes): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(referenceShapes(shapes)).map(([name, shape]) => {
      const { [name]: array } = fromReferenceLayout(referenceWeights({ [name]: shape }));
      return [name, tf.tensor(array!.data, [...array!.shape])];
    }),
  );
}

/** The images of a case. */
export function imagesOf({ batch, size }: GoldenCase): tf.Tensor4D {
  return tf.tensor4d(goldenImages(batch, size), [batch, size, size, 3]);
}

/** Compares maps with those of a case. */
export function expectLevels(levels: readonly tf.Tensor[], golden: GoldenCase): void {
  expect(levels.map(({ shape }) => shape)).toEqual(golden.levels.map(({ shape }) => shape));
  for (const [i, digest] of golden.levels.entries()) expectDigest(levels[i]!, digest, `level ${i}`);
}

/** Compares running statistics with those of a case; a case without has none. */
export function expectStatistics(statistics: Parameters, golden: GoldenCase): void {
  if (golden.statistics === undefined) expect(Object.keys(statistics)).toEqual([]);
  for (const [name, digest] of Object.entries(golden.statistics ?? {})) {
    expect(Object.keys(statistics)).toContain(name);
    expectDigest(statistics[name]!, digest, name);
  }
}

/** Compares the norms of gradients of mean(last level · direction), and the maps on the way. */
export function expectGradients(
  network: Pick<GoldenNetwork, "apply">,
  parameters: Parameters,
  golden: GoldenCase,
  batchNorm: "batch" | "running" = "running",
): void {
  const images = imagesOf(golden);
  const names = Object.keys(golden.gradients!);
  const gradients = tf.grads((...moving: tf.Tensor[]) => {
    const current = { ...parameters, ...Object.fromEntries(names.map((name, i) => [name, moving[i]!])) };
    const output = network.apply(current, images, { training: true, batchNorm });
    const levels = levelsOf(output);
    expectLevels(levels, golden);
    expectStatistics(output.statistics, golden);
    const last = levels.at(-1)!;
    return tf.mean(tf.mul(last, tf.tensor(hashedUniform("direction", last.size), last.shape)));
  })(names.map((name) => parameters[name]!));
  const errors = names.map((name, i): [name: string, error: number] => {
    const norm = Math.sqrt(sumOf(gradients[i]!.dataSync(), (value) => value ** 2));
    return [name, Math.abs(norm / golden.gradients![name]!.norm - 1)];
  });
  expect(Object.fromEntries(errors.filter(([, error]) => !(error < tolerance)))).toEqual({});
}

function expectDigest(actual: tf.Tensor, golden: Digest, what: string): void {
  expect(actual.shape, what).toEqual(golden.shape);
  const data = actual.dataSync();
  const mean = sumOf(data, (value) => value) / data.length;
  const rms = Math.sqrt(sumOf(data, (value) => value ** 2) / data.length);
  const errors = golden.values.map((value, i) => Math.abs(data[i * golden.every]! - value));
  const worst = Math.max(...errors, Math.abs(mean - golden.mean), Math.abs(rms - golden.rms));
  expect(worst / golden.rms, what).toBeLessThan(tolerance);
}

function sumOf(data: ArrayLike<number>, of: (value: number) => number): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += of(data[i]!);
  return sum;
}

function levelsOf(output: GoldenOutput): readonly tf.Tensor[] {
  if ("levels" in output) return output.levels;
  return "embedding" in output ? [output.embedding] : [output.scores, output.descriptors];
}

/** Shapes as PyTorch has them. */
function referenceShapes(shapes: Shapes): Record<string, readonly number[]> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const [height, width, input, output] = shape;
      return [name, shape.length === 4 ? [output!, input!, height!, width!] : shape];
    }),
  );
}

function summaryOf(shapes: Shapes): { names: number; values: number; crc32: number } {
  const pairs = Object.entries(referenceShapes(shapes)).sort(([a], [b]) => (a < b ? -1 : 1));
  const sizes = pairs.map(([, shape]) => shape.reduce((product, side) => product * side, 1));
  return {
    names: pairs.length,
    values: sizes.reduce((sum, size) => sum + size, 0),
    crc32: crc32(JSON.stringify(pairs)),
  };
}
