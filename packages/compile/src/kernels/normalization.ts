import type { Kernels } from "../kernel.ts";
import type { Value } from "../value.ts";
import { add, multiply, subtract } from "./element-wise.ts";

/** Batch normalisation with given statistics. */
export const normalizationKernels: Kernels = {
  FusedBatchNorm: (tracer, inputs, { varianceEpsilon }) => {
    const { x, mean, variance } = inputs;
    const { scale, offset } = inputs as Partial<typeof inputs>;
    const epsilon = tracer.scalar((varianceEpsilon as number | null | undefined) ?? 0.001);
    const deviation: Value = tracer.follow(
      "Reciprocal",
      tracer.follow("Sqrt", add(tracer, variance, epsilon)),
    );
    const slope = scale === undefined || scale === null ? deviation : multiply(tracer, deviation, scale);
    const shifted = multiply(tracer, subtract(tracer, x, mean), slope);
    return offset === undefined || offset === null ? shifted : add(tracer, shifted, offset);
  },
};
