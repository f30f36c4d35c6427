import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createHnswIndex, IndexFileError, loadHnswIndex } from "@lmk/index/hnsw";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matrixFrom, randomMatrix, slice } from "./fixtures.ts";
import { describeLibraries, describeLibrary } from "./hnsw-libraries.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-hnsw-"));
  path = join(folder, "embeddings.hnsw");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const released = (name: string): string =>
  fileURLToPath(new URL(`files/${name}/embeddings.hnsw`, import.meta.url));

async function expectRefusal(at: string, code: string, message: RegExp): Promise<void> {
  const error = await loadHnswIndex(path).catch((reason: unknown) => reason);
  expect(IndexFileError.isInstance(error)).toBe(true);
  expect(error).toMatchObject({ code, path: at });
  const prefix = `loadHnswIndex: expected ${at} `;
  expect((error as Error).message.startsWith(prefix)).toBe(true);
  expect((error as Error).message.slice(prefix.length)).toMatch(message);
}

describeLibraries("save and loadHnswIndex", (library) => {
  const graphName = (): string => readdirSync(folder).find((name) => name.endsWith(".graph"))!;

  async function saved(seed = 1) {
    const index = await createHnswIndex({
      dimension: 8,
      metric: "dot",
      m: 8,
      efConstruction: 50,
      ef: 9,
      library,
    });
    await index.add(randomMatrix(seed, 300, 8));
    await index.save(path);
    return index;
  }

  it("answers the same after saving and loading, and can grow", async () => {
    const index = await saved();
    const loaded = await loadHnswIndex(path);
    const queries = randomMatrix(2, 30, 8);
    expect([loaded.library, loaded.rows, loaded.dimension, loaded.metric, loaded.dtype]).toEqual([
      library,
      300,
      8,
      "dot",
      "float32",
    ]);
    expect(await loaded.search(queries, { k: 7 })).toEqual(await index.search(queries, { k: 7 }));
    const grown = randomMatrix(3, 1500, 8);
    await loaded.add(grown);
    expect(loaded.rows).toBe(1800);
    await loaded.remove(Int32Array.of(0, 299, 1799));
    const found = await loaded.search(slice(grown, 0, 50), { k: 100, ef: 200 });
    for (const id of [-1, 0, 299, 1799]) expect(found.ids.includes(id)).toBe(false);
    expect(found.ids.some((id) => id >= 300)).toBe(true);
  });

  it("remembers removed rows and ids", async () => {
    const index = await saved();
    await index.remove(Int32Array.of(5, 100, 299));
    await index.save(path);
    const loaded = await loadHnswIndex(path);
    expect(loaded.rows).toBe(297);
    const queries = randomMatrix(2, 30, 8);
    expect(await loaded.search(queries, { k: 7 })).toEqual(await index.search(queries, { k: 7 }));
    await expect(loaded.remove(Int32Array.of(5))).rejects.toThrow(RangeError);
    const next = matrixFrom([[9, 9, 9, 9, 9, 9, 9, 9]]);
    await loaded.add(next);
    await loaded.add(next, { ids: Int32Array.of(5) });
    expect([...(await loaded.search(next, { k: 2, ef: 50 })).ids]).toEqual([5, 300]);
    await loaded.compact({ vectors: randomMatrix(5, 301, 8) });
    await loaded.save(path);
    const again = await loadHnswIndex(path);
    expect(again.rows).toBe(299);
    await again.add(next);
    expect([...(await again.search(next, { k: 1 })).ids]).toEqual([301]);
  });

  it("keeps removed ids as ranges, so the JSON file stays small", async () => {
    const index = await saved();
    await index.remove(Int32Array.from({ length: 100 }, (_, i) => 100 + i));
    await index.remove(Int32Array.of(0, 299, 298));
    await index.save(path);
    const { removed, rows } = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    expect(removed).toEqual([[0, 1], [100, 200], [298, 300]]); // biome-ignore format: short
    expect(rows).toBe(197);
    const { ids } = await (await loadHnswIndex(path)).search(randomMatrix(2, 1, 8), { k: 300, ef: 300 });
    const left = [...ids.filter((id) => id !== -1)].sort((a, b) => a - b);
    expect(left).toEqual(Array.from({ length: 300 }, (_, id) => id).filter((id) => id > 0 && id < 298 && (id < 100 || id >= 200))); // biome-ignore format: short
  });

  it("is ended early by a signal, also before it begins", async () => {
    await saved();
    const reason = new Error("enough");
    await expect(loadHnswIndex(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const loading = loadHnswIndex(path, { signal: controller.signal });
    controller.abort(reason);
    await expect(loading).rejects.toBe(reason);
    expect((await loadHnswIndex(path, { signal: new AbortController().signal })).rows).toBe(300);
  });

  it("can be copied, and its JSON file renamed", async () => {
    const index = await saved();
    const copies = join(folder, "copies");
    mkdirSync(copies);
    copyFileSync(path, join(copies, "renamed.hnsw"));
    copyFileSync(join(folder, graphName()), join(copies, graphName()));
    await saved(2);
    const queries = randomMatrix(3, 20, 8);
    const copy = await loadHnswIndex(join(copies, "renamed.hnsw"));
    expect(await copy.search(queries, { k: 5 })).toEqual(await index.search(queries, { k: 5 }));
  });

  it("saves an index without rows, and waits for rows that are being added", async () => {
    const index = await createHnswIndex({ dimension: 8, library });
    await index.save(path);
    expect((await loadHnswIndex(path)).rows).toBe(0);
    const adding = index.add(randomMatrix(1, 200, 8));
    await index.save(path);
    await adding;
    expect((await loadHnswIndex(path)).rows).toBe(200);
    await index.remove(Int32Array.from({ length: 200 }, (_, id) => id));
    await index.save(path);
    const emptied = await loadHnswIndex(path);
    await emptied.add(randomMatrix(1, 1, 8));
    expect([...(await emptied.search(randomMatrix(1, 1, 8), { k: 2 })).ids]).toEqual([200, -1]);
  });

  it("replaces a saved index and leaves nothing of the old one", async () => {
    await saved(1);
    const before = graphName();
    await saved(2);
    expect(readdirSync(folder)).toHaveLength(2);
    expect(graphName()).not.toBe(before);
    expect((await loadHnswIndex(path)).rows).toBe(300);
  });

  it("leaves nothing behind where it cannot write, and stays usable", async () => {
    const index = await createHnswIndex({ dimension: 8, library });
    await index.add(randomMatrix(1, 3, 8));
    await expect(index.save(join(folder, "no", "where.hnsw"))).rejects.toThrow(/ENOENT/);
    expect(readdirSync(folder)).toEqual([]);
    await index.save(path);
    expect((await loadHnswIndex(path)).rows).toBe(3);
  });

  it("refuses a graph that is missing, cut off or changed in one bit", async () => {
    await saved();
    const graph = join(folder, graphName());
    const bytes = readFileSync(graph);
    const { sha256 } = JSON.parse(readFileSync(path, "utf8")).graph as { sha256: string };
    for (const at of [0, 1000, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      writeFileSync(graph, changed);
      await expectRefusal(
        graph,
        "wrong-checksum",
        new RegExp(`to have the checksum ${sha256}, got [0-9a-f]{64}$`),
      );
    }
    writeFileSync(graph, bytes.subarray(0, -1));
    await expectRefusal(
      graph,
      "wrong-size",
      new RegExp(`to have ${bytes.length} bytes, got ${bytes.length - 1}$`),
    );
    rmSync(graph);
    await expectRefusal(graph, "wrong-size", /to be there, got no file$/);
  });

  it("refuses a JSON file that was changed in one bit, wherever", async () => {
    await saved();
    const text = readFileSync(path);
    const codes = new Set<string>();
    for (let at = 0; at < text.length; at += 3) {
      const changed = Buffer.from(text);
      changed[at]! ^= 2;
      writeFileSync(path, changed);
      const error = await loadHnswIndex(path).catch((reason: unknown) => reason);
      // Spaces between fields mean nothing, and a flipped one is none: then JSON does not parse.
      expect(IndexFileError.isInstance(error), `byte ${at}`).toBe(true);
      codes.add((error as IndexFileError).code);
    }
    expect([...codes].sort()).toEqual(expect.arrayContaining(["wrong-checksum", "wrong-size"]));
  });

  it("refuses a file that is not an index, cut off, of a newer version, or incomplete", async () => {
    writeFileSync(path, "\u0000\u0001");
    await expectRefusal(path, "not-this-format", /^to be JSON, got something else$/);
    writeFileSync(path, '{ "format": "other" }');
    await expectRefusal(path, "not-this-format", /^to have the format "lmk-hnsw", got "other"$/);
    writeFileSync(path, "null");
    await expectRefusal(path, "not-this-format", /^to have the format "lmk-hnsw", got undefined$/);
    await saved();
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.slice(0, 200));
    await expectRefusal(path, "wrong-size", /^to be complete JSON, got some that is cut off or changed$/);
    const { checksum: _, ...manifest } = JSON.parse(text) as Record<string, unknown>;
    const write = (fields: Record<string, unknown>) => {
      const checksum = createHash("sha256").update(JSON.stringify(fields)).digest("hex");
      writeFileSync(path, JSON.stringify({ ...fields, checksum }));
    };
    write({ ...manifest, version: 3 });
    await expectRefusal(path, "unsupported-version", /^to be of version 1 or 2, got 3$/);
    const long = Array.from({ length: 100 }, (_, id) => id);
    for (const [name, value, shown] of [
      ["graph", { file: "../x", bytes: 1, sha256: "" }, '{"file":"../x","bytes":1,"sha256":""}'],
      ["library", "faiss", '"faiss"'],
      ["metric", "ip", '"ip"'],
      ["dtype", "float64", '"float64"'],
      ["dimension", 0, "0"],
      ["m", 1.5, "1.5"],
      ["seed", -1, "-1"],
      ["rows", 301, "301"],
      ["removed", undefined, "undefined"],
      ["removed", [2, 1], "[2,1]"],
      ["removed", [[2, 1]], "[[2,1]]"],
      ["removed", [[299, 301]], "[[299,301]]"],
      ["removed", [[0, 1]], "[[0,1]]"],
      ["removed", long, `${JSON.stringify(long).slice(0, 80)}...`],
      ["end", 2 ** 40, "1099511627776"],
    ] as const) {
      write({ ...manifest, [name]: value });
      await expect(loadHnswIndex(path)).rejects.toThrow(
        new IndexFileError(
          `loadHnswIndex: expected ${path} to describe an index by a usable \`${name}\`, got ${shown}`,
          "bad-header",
          path,
        ),
      );
    }
    write({ ...manifest, rows: 299 });
    await expectRefusal(
      join(folder, graphName()),
      "bad-header",
      /^to hold 299 rows with ids below 300, got 300 rows with ids up to 299$/,
    );
  });
});

describe("files of other versions", () => {
  const queries = randomMatrix(1, 2, 4);

  describeLibrary("hnswlib", "version 1", () => {
    it("is read still, as it was written by version 0.1.0 of the package", async () => {
      const index = await loadHnswIndex(released("hnsw-v1"));
      expect([index.library, index.rows, index.metric]).toEqual(["hnswlib", 60, "cosine"]);
      const found = await index.search(queries, { k: 3 });
      expect([...found.ids]).toEqual([0, 4, 29, 1, 57, 32]);
      const scores = [1, 0.9281561, 0.8447838, 1, 0.9133409, 0.8728671];
      for (const [i, score] of scores.entries()) expect(found.scores[i]).toBeCloseTo(score, 6);
      await index.add(queries);
      expect([...(await index.search(queries, { k: 2 })).ids]).toEqual([0, 60, 1, 61]);
    });

    it("is refused where the graph is not one of that dimension", async () => {
      const manifest = JSON.parse(readFileSync(released("hnsw-v1"), "utf8")) as { graph: { file: string } };
      writeFileSync(path, JSON.stringify({ ...manifest, rows: -1 }));
      await expectRefusal(path, "bad-header", /^to describe an index by a usable `rows`, got -1$/);
    });
  });

  describeLibraries("version 2", (library) => {
    it("is read", async () => {
      const index = await loadHnswIndex(released(`hnsw-v2-${library}`));
      expect([index.library, index.rows, index.dtype]).toEqual([
        library,
        58,
        library === "hnswlib" ? "float32" : "float16",
      ]);
      const found = await index.search(queries, { k: 3 });
      expect([...found.ids]).toEqual([4, 29, 34, 1, 50, 32]);
      expect(found.scores[0]).toBeCloseTo(-0.08661706, 3);
    });
  });
});

describeLibrary("usearch", "loadHnswIndex", () => {
  it("takes threads, also more than there are cores, and searches and adds with them", async () => {
    const index = await createHnswIndex({ dimension: 4, dtype: "int8" });
    await index.add(randomMatrix(1, 100, 4));
    await index.save(path);
    const loaded = await loadHnswIndex(path, { threads: 64 });
    await loaded.add(randomMatrix(2, 500, 4));
    expect((await loaded.search(randomMatrix(1, 40, 4), { k: 3 })).ids.includes(-1)).toBe(false);
    await expect(loadHnswIndex(path, { threads: 0 })).rejects.toThrow(
      new RangeError("loadHnswIndex: expected `threads` to be a positive integer, got 0"),
    );
  });
});

describeLibrary("hnswlib", "loadHnswIndex", () => {
  it("refuses threads", async () => {
    await expect(loadHnswIndex(released("hnsw-v1"), { threads: 2 })).rejects.toThrow(
      new RangeError("loadHnswIndex: expected `threads` to be 1 with hnswlib, got 2; usearch has more"),
    );
  });
});
