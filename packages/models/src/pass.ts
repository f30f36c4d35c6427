import type { Tensor } from "@tensorflow/tfjs-core";
import type { ApplyOptions, RandomSource, ReplicaGroup, Shapes } from "./model.ts";
import type { Parameters } from "./parameters.ts";
import { requirePositiveInteger } from "./require.ts";

/** How a forward pass goes: where weights come from, and where new running statistics go. */
export interface Pass {
  readonly parameters: Parameters;
  readonly training: boolean;
  readonly batchNorm: "batch" | "running";
  readonly random: RandomSource | undefined;
  readonly replicas?: ReplicaGroup | undefined;
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
  const { training = false, batchNorm = training ? "batch" : "running", random, replicas } = options;
  if (replicas !== undefined) requireReplicas(caller, replicas);
  return { parameters, training, batchNorm, random, replicas, statistics: {} };
}

function requireReplicas(caller: string, { rank, size }: ReplicaGroup): void {
  requirePositiveInteger(caller, "options.replicas.size", size);
  if (Number.isInteger(rank) && rank >= 0 && rank < size) return;
  throw new RangeError(
    `${caller}: expected \`options.replicas.rank\` to be a whole number below ${size}, got ${rank}`,
  );
}
