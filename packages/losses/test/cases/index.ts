import type { LossCase } from "../loss-case.ts";
import { adaptiveCases } from "./adaptive.ts";
import { marginCases } from "./margins.ts";
import { pairCases } from "./pairs.ts";

/** Every loss, for the tests that all must pass. */
export const lossCases: readonly LossCase[] = [...marginCases, ...adaptiveCases, ...pairCases];
