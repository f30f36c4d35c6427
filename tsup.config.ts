import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string };

/** The one build. tsup runs in a package's folder; packages with subpaths name their entries on the command line. */
export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm"],
  target: "es2022",
  dts: { compilerOptions: { customConditions: null } },
  define: { lmkPackageVersion: JSON.stringify(version) },
  sourcemap: true,
  clean: true,
});
