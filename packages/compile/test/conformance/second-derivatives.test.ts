import { describeCases } from "./check-case.ts";
import { secondDerivativeCases } from "./second-derivatives.ts";

describeCases("second-derivatives", secondDerivativeCases);
