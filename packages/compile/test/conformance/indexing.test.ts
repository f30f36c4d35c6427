import { describeCases } from "./check-case.ts";
import { indexingCases } from "./indexing.ts";

describeCases("indexing", indexingCases);
