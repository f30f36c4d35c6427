import type { Tensor } from "@tensorflow/tfjs-core";
import type { ApplyOptions, RandomSource, Shapes } from "./model.ts";
import type { Parameters } from "./parameters.ts";

/** How a forward pass goes: where weights come from, and where new running statistics go. */
export interface Pass {
  readonly parameters: Parameters;
  readonly training: boolean;
  readonly batchNorm: "batch" | "running";
  readonly random: RandomSource | undefined;
  readonly statistics: Record<string, Tensor>;
}

/** Begins a forward pass, checking that every parameter is there in its shape. */
export function beginPass(
  caller: string,
  shapes: Shapes,
  parameters: Parameters,
  options: ApplyOptions,
): Pass {
  for (const [name, shape] of Object.entries(shapes)) {
    const actual = parameters[name]?.shape;
    if (actual === undefined || String(actual) !== String(shape)) {
      const got = actual === undefined ? "none" : `[${actual}]`;
      throw new RangeError(
        `${caller}: expected \`parameters\` to have ${name} of shape [${shape}], got ${got}`,
      );
    }
  }
  const { training = false, batchNorm = training ? "batch" : "running", random } = options;
  return { parameters, training, batchNorm, random, statistics: {} };
}
