import type { ThreadProgram } from "../threads/program.ts";

/** What threads run for this folder. */
export const recognitionProgram: ThreadProgram = { load: () => import("../generated/recognition-worker.ts") };
