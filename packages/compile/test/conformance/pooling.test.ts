import { describeCases } from "./check-case.ts";
import { poolingCases } from "./pooling.ts";

describeCases("pooling", poolingCases);
