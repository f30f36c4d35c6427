import { defineConfig } from "tsup";

/** The one build. tsup runs in a package's folder; packages with subpaths name their entries on the command line. */
export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm"],
  target: "es2022",
  dts: { compilerOptions: { customConditions: null } },
  sourcemap: true,
  clean: true,
});
