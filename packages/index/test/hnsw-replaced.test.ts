// A process of its own (vitest.config.ts says why), as it mocks a module.
// @vitest-environment-options { "alone": "hnsw-replaced" }
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHnswIndex, loadHnswIndex } from "@lmk/index/hnsw";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { randomMatrix } from "./fixtures.ts";
import { describeLibraries } from "./hnsw-libraries.ts";

/** Done once, after the next file was read and before its reader goes on. */
const hooks = vi.hoisted((): { afterReading: (() => Promise<void>) | undefined } => ({
  afterReading: undefined,
}));

vi.mock("node:fs/promises", async (importOriginal) => {
  const original = await importOriginal<typeof import("node:fs/promises")>();
  const readFile = async (path: string, encoding: "utf8") => {
    const text = await original.readFile(path, encoding);
    const { afterReading } = hooks;
    hooks.afterReading = undefined;
    await afterReading?.();
    return text;
  };
  return { ...original, readFile };
});

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-hnsw-"));
  path = join(folder, "embeddings.hnsw");
});
afterEach(() => {
  hooks.afterReading = undefined;
  rmSync(folder, { recursive: true, force: true });
});

describeLibraries("loadHnswIndex while a save replaces the index", (library) => {
  const save = async (rows: number): Promise<void> => {
    const index = await createHnswIndex({ dimension: 4, library });
    await index.add(randomMatrix(1, rows, 4));
    await index.save(path);
    await index.dispose();
  };

  it("reads the new one where the graph of the old one is gone, however often that happens", async () => {
    await save(10);
    hooks.afterReading = () => save(20);
    expect((await loadHnswIndex(path)).rows).toBe(20);
    hooks.afterReading = async () => {
      await save(30);
      hooks.afterReading = () => save(40);
    };
    expect((await loadHnswIndex(path)).rows).toBe(40);
  });

  it("refuses a graph that is gone where the same one is named still", async () => {
    await save(10);
    const graph = join(folder, readdirSync(folder).find((name) => name.endsWith(".graph"))!);
    hooks.afterReading = async () => rmSync(graph);
    await expect(loadHnswIndex(path)).rejects.toThrow(
      `loadHnswIndex: expected ${graph} to be there, got no file`,
    );
  });
});
