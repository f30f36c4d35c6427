import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHalf, toInt8 } from "@lmk/index";
import { IndexFileError, openEmbeddings, readEmbeddings, writeEmbeddings } from "@lmk/index/embedding-files";
import { openNpy, readNpy, writeNpy } from "@lmk/index/npy";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { randomMatrix } from "./fixtures.ts";

const matrix = randomMatrix(1, 7, 3);
const ids = Array.from({ length: 7 }, (_, row) => `photo ${row}`);

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-embeddings-"));
  path = join(folder, "rows");
});
afterEach(() => {
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true, force: true });
});

describe("readEmbeddings", () => {
  it.each([matrix, toHalf(matrix), toInt8(matrix)])("gives what was written", async (embeddings) => {
    await writeEmbeddings(path, embeddings, { ids });
    expect(await readEmbeddings(path)).toEqual({ embeddings, ids });
    await writeEmbeddings(path, embeddings);
    expect(await readEmbeddings(path)).toEqual({ embeddings });
  });

  it("gives no rows where there are none", async () => {
    const none = { data: new Float32Array(), rows: 0, columns: 3 };
    await writeEmbeddings(path, none, { ids: [] });
    expect((await readEmbeddings(path)).embeddings).toEqual(none);
  });

  it("reads into shared memory, tells how far it is, and ends early", async () => {
    await writeEmbeddings(path, matrix);
    const told: number[] = [];
    const options = { shared: true, onProgress: ({ done }: { done: number }) => told.push(done) };
    const { embeddings } = await readEmbeddings(path, options);
    expect(embeddings.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...embeddings.data]).toEqual([...matrix.data]);
    expect(told.at(-1)).toBe(7);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(readEmbeddings(path, { signal })).rejects.toThrow("enough");
  });

  it("refuses a file that has changed, in its own name", async () => {
    await writeEmbeddings(path, matrix, { ids });
    const bytes = readFileSync(path);
    bytes[4096]! ^= 1;
    writeFileSync(path, bytes);
    const error = await readEmbeddings(path).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "wrong-checksum", path });
    expect((error as Error).message).toMatch(/^readEmbeddings: expected /);
    writeFileSync(path, "other");
    await expect(readEmbeddings(path)).rejects.toThrow(
      new IndexFileError(
        `readEmbeddings: expected ${path} to start with 0x89 LMKE, got other bytes`,
        "not-this-format",
        path,
      ),
    );
  });
});

it("says what to do where rows do not fit into memory", async () => {
  const npyPath = join(folder, "rows.npy");
  await writeNpy(npyPath, matrix);
  await writeEmbeddings(path, matrix);
  await using npy = await openNpy(npyPath);
  await using file = await openEmbeddings(path);
  const Real = Float32Array;
  vi.stubGlobal("Float32Array", function Fake(length: number) {
    if (length === 21) throw new RangeError("Array buffer allocation failed");
    return new Real(length);
  });
  const refusal = (caller: string, of: string) =>
    new RangeError(
      `${caller}: expected ${of} to fit into memory, got 7 x 3 numbers (Array buffer allocation failed); open it and read some rows at a time with \`blocks\``,
    );
  const all = { first: 0, end: 7 };
  await expect(readNpy(npyPath)).rejects.toThrow(refusal("readNpy", npyPath));
  await expect(npy.read(all)).rejects.toThrow(refusal("read", npyPath));
  await expect(readEmbeddings(path)).rejects.toThrow(refusal("readEmbeddings", path));
  await expect(file.read(all)).rejects.toThrow(refusal("read", path));
});
