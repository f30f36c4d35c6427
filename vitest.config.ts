import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Sources before builds, so that unit tests need no build. */
const conditions = ["@lmk/source", "node", "import", "module", "default"];
const root = new URL(".", import.meta.url).pathname.replace(/\/$/, "");

const folders = ["packages", "examples"]
  .flatMap((group) => readdirSync(`${root}/${group}`).map((name) => `${group}/${name}`))
  .concat("benchmarks", "architecture")
  .filter((folder) => existsSync(`${root}/${folder}/test`));

/**
 * Folders whose test files have a process each: their tests need one without a GPU or a backend of tfjs, or with memory that
 * no other file has taken. The files of the other folders share one, because loading tfjs, ONNX Runtime and sharp anew is
 * most of their time: each must leave what is global as it was. One that mocks a module, or gives words to a command of a
 * program, which keeps them, asks for a process of its own by `@vitest-environment-options` with a name that no other file
 * has, as only files of equal options share.
 */
const isolated = new Set(["packages/compile", "packages/models", "benchmarks", "architecture"]);

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
      test: {
        name: folder,
        root: `${root}/${folder}`,
        include: ["test/**/*.test.ts"],
        isolate: isolated.has(folder),
      },
    })),
  },
});
