import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { root } from "./repository.ts";

/** Kilobytes that a page loads for packages, minified and compressed. */
async function sizeOf(...names: readonly string[]): Promise<number> {
  const { outputFiles } = await build({
    stdin: {
      contents: names.map((name) => `export * from ${JSON.stringify(name)};`).join("\n"),
      resolveDir: `${root}/architecture`,
    },
    conditions: ["@lmk/source"],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length / 1000;
}

it("keeps all of @lmk/rerank and @lmk/eval within 60 kB", async () => {
  expect(await sizeOf("@lmk/rerank", "@lmk/eval")).toBeLessThan(60);
});

it("keeps all of @lmk/models and what it uses of TensorFlow.js within 60 kB, and free of Node's modules", async () => {
  expect(await sizeOf("@lmk/models")).toBeLessThan(60);
});
