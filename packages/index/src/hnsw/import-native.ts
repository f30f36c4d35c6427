/** Imports the optional package; alone in its file so that a test can play its absence. */
export function importNative(): Promise<unknown> {
  return import("hnswlib-node");
}
