import { describeCases } from "./check-case.ts";
import { convolutionCases } from "./convolution.ts";

describeCases("convolution", convolutionCases);
