import { describeCases } from "./check-case.ts";
import { resizeCases } from "./resize.ts";

describeCases("resize", resizeCases);
