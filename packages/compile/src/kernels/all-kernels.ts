import type { Kernels } from "../kernel.ts";
import { convolutionKernels } from "./convolution.ts";
import { elementWiseKernels } from "./element-wise.ts";
import { indexingKernels } from "./indexing.ts";
import { matrixProductKernels } from "./matrix-product.ts";
import { movementKernels } from "./movement.ts";
import { normalizationKernels } from "./normalization.ts";
import { poolingKernels } from "./pooling.ts";
import { reductionKernels } from "./reductions.ts";
import { resizeKernels } from "./resize.ts";

/** Every tfjs kernel that can be compiled. */
export const allKernels: Kernels = {
  ...elementWiseKernels,
  ...reductionKernels,
  ...movementKernels,
  ...matrixProductKernels,
  ...indexingKernels,
  ...convolutionKernels,
  ...poolingKernels,
  ...normalizationKernels,
  ...resizeKernels,
};
