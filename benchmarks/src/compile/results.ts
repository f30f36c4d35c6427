import type { Report } from "../measure/report.ts";
import type { CompileRow } from "./parts/compile-time.ts";
import type { Endurance } from "./parts/endurance.ts";
import type { MemoryRow } from "./parts/memory.ts";
import type { SpeedRow } from "./parts/speed.ts";

/** What the parts of the benchmark found; those that ran. */
export interface CompileResults {
  training?: SpeedRow[];
  inference?: SpeedRow[];
  memory?: MemoryRow[];
  endurance?: Endurance;
  compileTime?: CompileRow[];
}

/** The results with all that is needed to read them. */
export type CompileResult = Report<CompileResults>;
