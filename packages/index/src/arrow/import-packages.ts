/** Imports the optional package; alone in its file so that a test can play its absence. */
export function importArrow(): Promise<typeof import("apache-arrow")> {
  return import("apache-arrow");
}
