import type { LossCase } from "../loss-case.ts";
import { marginCases } from "./margins.ts";

/** Every loss, for the tests that all must pass. */
export const lossCases: readonly LossCase[] = [...marginCases];
