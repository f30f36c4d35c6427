import { describeCases } from "./check-case.ts";
import { reductionCases } from "./reductions.ts";

describeCases("reductions", reductionCases);
