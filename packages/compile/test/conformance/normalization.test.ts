import { describeCases } from "./check-case.ts";
import { normalizationCases } from "./normalization.ts";

describeCases("normalization", normalizationCases);
