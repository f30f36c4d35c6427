import type { Case } from "./case.ts";
import { convolutionCases } from "./convolution.ts";
import { elementWiseCases } from "./element-wise.ts";
import { imageCases } from "./image.ts";
import { indexingCases } from "./indexing.ts";
import { matrixProductCases } from "./matrix-product.ts";
import { movementCases } from "./movement.ts";
import { normalizationCases } from "./normalization.ts";
import { poolingCases } from "./pooling.ts";
import { reductionCases } from "./reductions.ts";
import { resizeCases } from "./resize.ts";
import { secondDerivativeCases } from "./second-derivatives.ts";

/** The cases by group; each group is tested by the file of its name. */
export const groups: Readonly<Record<string, readonly Case[]>> = {
  "element-wise": elementWiseCases,
  reductions: reductionCases,
  movement: movementCases,
  indexing: indexingCases,
  pooling: poolingCases,
  resize: resizeCases,
  image: imageCases,
  convolution: convolutionCases,
  "matrix-product": matrixProductCases,
  normalization: normalizationCases,
  "second-derivatives": secondDerivativeCases,
};

export const allCases: readonly Case[] = Object.values(groups).flat();
