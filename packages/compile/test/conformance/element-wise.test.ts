import { describeCases } from "./check-case.ts";
import { elementWiseCases } from "./element-wise.ts";

describeCases("element-wise", elementWiseCases);
