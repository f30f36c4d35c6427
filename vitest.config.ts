import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Sources before builds, so that unit tests need no build. */
const conditions = ["@lmk/source", "node", "import", "module", "default"];
const root = new URL(".", import.meta.url).pathname.replace(/\/$/, "");

const folders = ["packages", "examples"]
  .flatMap((group) => readdirSync(`${root}/${group}`).map((name) => `${group}/${name}`))
  .concat("benchmarks", "architecture")
  .filter((folder) => existsSync(`${root}/${folder}/test`));

/** One project per folder: `vitest run --project packages/eval`. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    // vitest leaves a core to its main process, which has little to do here.
    maxWorkers: "100%",
    testTimeout: 30_000,
    hookTimeout: 120_000,
    projects: folders.map((folder) => ({
      extends: true as const,
      test: { name: folder, root: `${root}/${folder}`, include: ["test/**/*.test.ts"] },
    })),
  },
});
