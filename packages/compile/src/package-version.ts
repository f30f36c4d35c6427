import { createRequire } from "node:module";

/** The version of this package, from its manifest, which lies beside `src` and `dist`. */
export function packageVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)("../package.json");
  return (manifest as { readonly version: string }).version;
}
