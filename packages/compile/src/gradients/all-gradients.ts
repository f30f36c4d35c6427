import type { GradConfig } from "@tensorflow/tfjs-core";
import { convolutionGradients } from "./convolution.ts";
import { elementWiseGradients } from "./element-wise.ts";
import { imageGradients } from "./image.ts";
import { indexingGradients } from "./indexing.ts";
import { matrixProductGradients } from "./matrix-product.ts";
import { movementGradients } from "./movement.ts";
import { poolingGradients } from "./pooling.ts";
import { reductionGradients } from "./reductions.ts";

/**
 * Gradients by kernel name, in force while a function is traced: those that tfjs lacks, and those of its own
 * that fail or are wrong for some inputs. Everything else is differentiated by tfjs.
 */
export const allGradients: Readonly<Record<string, Omit<GradConfig, "kernelName">>> = {
  ...elementWiseGradients,
  ...reductionGradients,
  ...movementGradients,
  ...convolutionGradients,
  ...matrixProductGradients,
  ...imageGradients,
  ...indexingGradients,
  ...poolingGradients,
};
