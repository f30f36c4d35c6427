import { roundHalfToEven } from "../../round-half-to-even.ts";

/** Forms of a descriptor. */
export type DescriptorNormalization = "root" | "l2" | "opencv";

/** Writes a descriptor of unit length in one of its forms; zeros stay zeros. */
export const normalizeInto: Readonly<
  Record<DescriptorNormalization, (target: Float32Array, descriptor: Float64Array) => void>
> = {
  root: (target, descriptor) => {
    const total = descriptor.reduce((sum, value) => sum + value, 0);
    if (total === 0) return;
    for (let i = 0; i < target.length; i++) target[i] = Math.sqrt(descriptor[i]! / total);
  },
  l2: (target, descriptor) => target.set(descriptor),
  opencv: (target, descriptor) => {
    for (let i = 0; i < target.length; i++) target[i] = Math.min(255, roundHalfToEven(512 * descriptor[i]!));
  },
};
