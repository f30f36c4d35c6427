import { createRequire } from "node:module";

/** What the build puts in; sources that are run as they are have none. */
declare const lmkPackageVersion: string | undefined;

/** The version of this package: the one it was built as, or that of the manifest beside `src`. */
export function packageVersion(): string {
  if (typeof lmkPackageVersion === "string") return lmkPackageVersion;
  const manifest: unknown = createRequire(import.meta.url)("../package.json");
  return (manifest as { readonly version: string }).version;
}
