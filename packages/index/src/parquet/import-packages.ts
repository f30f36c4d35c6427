/** Imports the optional reader; alone in its file so that a test can play its absence. */
export function importReader(): Promise<typeof import("hyparquet")> {
  return import("hyparquet");
}

/** Imports the optional writer. */
export function importWriter(): Promise<typeof import("hyparquet-writer")> {
  return import("hyparquet-writer");
}
