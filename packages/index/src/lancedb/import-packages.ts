import { createRequire } from "node:module";

/** The optional packages: LanceDB, and the copy of Arrow that it uses itself, whose tables it takes as they are. */
export interface LancePackages {
  readonly lancedb: typeof import("@lancedb/lancedb");
  readonly arrow: typeof import("apache-arrow");
}

/** Imports the optional packages; alone in its file so that a test can play their absence. */
export async function importLance(): Promise<LancePackages> {
  const lancedb = await import("@lancedb/lancedb");
  const entry = createRequire(import.meta.url).resolve("@lancedb/lancedb");
  const arrow = createRequire(entry)("apache-arrow") as LancePackages["arrow"];
  return { lancedb, arrow };
}
