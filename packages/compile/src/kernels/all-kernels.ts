import type { Kernels } from "../kernel.ts";
import { convolutionKernels } from "./convolution.ts";
import { countingKernels } from "./counting.ts";
import { cumulativeKernels } from "./cumulative.ts";
import { einsumKernels } from "./einsum.ts";
import { elementWiseKernels } from "./element-wise.ts";
import { imageKernels } from "./image.ts";
import { indexingKernels } from "./indexing.ts";
import { localResponseKernels } from "./local-response.ts";
import { matrixProductKernels } from "./matrix-product.ts";
import { movementKernels } from "./movement.ts";
import { normalizationKernels } from "./normalization.ts";
import { poolingKernels } from "./pooling.ts";
import { quotientKernels } from "./quotient.ts";
import { rearrangementKernels } from "./rearrangement.ts";
import { reductionKernels } from "./reductions.ts";
import { resizeKernels } from "./resize.ts";
import { spaceToBatchKernels } from "./space-to-batch.ts";
import { unaryKernels } from "./unary.ts";

/** Every tfjs kernel that can be compiled. */
export const allKernels: Kernels = {
  ...elementWiseKernels,
  ...unaryKernels,
  ...quotientKernels,
  ...reductionKernels,
  ...cumulativeKernels,
  ...countingKernels,
  ...movementKernels,
  ...rearrangementKernels,
  ...matrixProductKernels,
  ...einsumKernels,
  ...indexingKernels,
  ...convolutionKernels,
  ...poolingKernels,
  ...normalizationKernels,
  ...resizeKernels,
  ...imageKernels,
  ...localResponseKernels,
  ...spaceToBatchKernels,
};
