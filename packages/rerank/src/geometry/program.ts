import type { ThreadProgram } from "../threads/program.ts";

/** What threads run for this folder. */
export const geometryProgram: ThreadProgram = { load: () => import("../generated/geometry-worker.ts") };
