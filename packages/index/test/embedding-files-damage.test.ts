import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Embeddings, toInt8 } from "@lmk/index";
import { IndexFileError, openEmbeddings, writeEmbeddings } from "@lmk/index/embedding-files";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomMatrix } from "./fixtures.ts";
import { copyRows, expectSameEmbeddings } from "./same-embeddings.ts";

const rows = 900;
const embeddings: Embeddings = toInt8(randomMatrix(1, rows, 700));
const ids = Array.from({ length: rows }, (_, i) => `名${i}`);

let folder = "";
let path = "";
let sound: Buffer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-damage-"));
  path = join(folder, "gallery.embeddings");
  await writeEmbeddings(path, embeddings, { ids });
  sound = await readFile(path);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest().subarray(0, 16);

interface Content {
  readonly embeddings: Embeddings;
  readonly ids: readonly string[];
}

function expectSound(content: Content): void {
  expectSameEmbeddings(content.embeddings, embeddings);
  expect(content.ids).toEqual(ids);
}

async function readAll(): Promise<Content> {
  const file = await openEmbeddings(path);
  try {
    const range = { first: 0, end: file.rows };
    return { embeddings: await file.read(range), ids: await file.readIds(range) };
  } finally {
    await file.close();
  }
}

async function verifies(): Promise<void> {
  const file = await openEmbeddings(path);
  await file.verify().finally(file.close);
}

const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );

/** The sound file with other bytes in its header, whose checksum is right. */
function withHeader(change: (header: Buffer) => void): Buffer {
  const bytes = Buffer.from(sound);
  change(bytes);
  sha(bytes.subarray(0, 4080)).copy(bytes, 4080);
  return bytes;
}

/** The sound file with other bytes anywhere after the header, whose checksums are right. */
function withBody(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(sound);
  change(bytes);
  const end = Number(bytes.readBigUInt64LE(88));
  for (let start = 4096, i = 0; start < end; start += 262144, i++) {
    sha(bytes.subarray(start, Math.min(start + 262144, end))).copy(bytes, end + 16 * i);
  }
  sha(bytes.subarray(end)).copy(bytes, 96);
  sha(bytes.subarray(0, 4080)).copy(bytes, 4080);
  return bytes;
}

describe("a damaged file", () => {
  it("is sound before it is damaged", async () => {
    writeFileSync(path, sound);
    expectSound(await readAll());
    await verifies();
    expect(sound.length).toBeGreaterThan(4096 + 2 * 262144);
  });

  it("is found wherever a bit flips", async () => {
    const last = sound.length - 1;
    const positions = fc.oneof(
      fc.integer({ min: 0, max: 4095 }),
      fc.integer({ min: 4096, max: last }),
      fc.integer({ min: last - 600, max: last }),
    );
    await fc.assert(
      fc.asyncProperty(positions, fc.integer({ min: 0, max: 7 }), async (position, bit) => {
        const bytes = Buffer.from(sound);
        bytes[position]! ^= 1 << bit;
        writeFileSync(path, bytes);
        // No reader looks at the zeros between parts alone; whatever it gives must be right.
        const read = await readAll().catch((reason: unknown) => reason);
        if (!IndexFileError.isInstance(read)) expectSound(read as Content);
        expect(IndexFileError.isInstance(await caught(verifies()))).toBe(true);
      }),
      { numRuns: 400, seed: 11 },
    );
  });

  it("is found wherever it is cut off or goes on", async () => {
    const lengths = [0, 1, 11, 12, 4095, 4096, 300_000, sound.length - 16, sound.length - 1];
    for (const length of lengths) {
      writeFileSync(path, sound.subarray(0, length));
      expect(await caught(openEmbeddings(path))).toMatchObject({
        name: "IndexFileError",
        code: length < 12 ? "not-this-format" : "wrong-size",
      });
    }
    writeFileSync(path, Buffer.concat([sound, Buffer.alloc(1)]));
    expect(await caught(openEmbeddings(path))).toMatchObject({ code: "wrong-size" });
  });

  const field = (position: number, value: number) => () =>
    withHeader((header) => header.writeUInt32LE(value, position));
  const content = (changes: object): string =>
    JSON.stringify({ rows, columns: 700, dtype: "int8", idKind: "text", idBytes: 5290, ...changes });

  it.each([
    ["an empty file", () => Buffer.alloc(0), "not-this-format", "to start with 0x89 LMKE, got other bytes"],
    [
      "another format",
      () => Buffer.from("\x93NUMPY not embeddings", "latin1"),
      "not-this-format",
      "to start with 0x89 LMKE, got other bytes",
    ],
    ["a newer version", field(8, 2), "unsupported-version", "to be of version 1, got 2"],
    [
      "a header cut off",
      () => sound.subarray(0, 4000),
      "wrong-size",
      "to have a header of 4096 bytes, got a file of 4000 bytes",
    ],
    [
      "a file cut off",
      () => sound.subarray(0, 5000),
      "wrong-size",
      "to have SIZE bytes for 900 x 700 int8 numbers, got 5000 bytes",
    ],
    ["another byte order", field(12, 0x04030201), "bad-header", "to have 4 in byte 12, got 1"],
    [
      "an unknown precision",
      field(36, 3),
      "bad-header",
      `to describe embeddings, got ${content({ dtype: undefined })}`,
    ],
    [
      "unknown ids",
      field(40, 9),
      "bad-header",
      `to describe embeddings, got ${content({ idKind: undefined })}`,
    ],
    ["no columns", field(32, 0), "bad-header", `to describe embeddings, got ${content({ columns: 0 })}`],
    [
      "an absurd number of rows",
      field(28, 0x7fffffff),
      "bad-header",
      `to describe embeddings, got ${content({ rows: 0x7fffffff * 2 ** 32 + rows })}`,
    ],
    [
      "ids that are not there",
      () => withHeader((header) => header.writeBigUInt64LE(0n, 48)),
      "bad-header",
      `to describe embeddings, got ${content({ idBytes: 0 })}`,
    ],
    // Scales start at 634112 = 0x09ad00, the next multiple of 64 after 4096 + 900 * 700.
    ["a part elsewhere", field(64, 4096), "bad-header", "to have 173 in byte 65, got 16"],
    [
      "a header that is not empty where it should be",
      field(200, 1),
      "bad-header",
      "to have 0 in byte 200, got 1",
    ],
    [
      "more rows than it has",
      () =>
        withHeader((header) => {
          header.writeUInt32LE(0, 40);
          for (const [position, value] of [
            [16, 4096 + 64 + 16],
            [24, 1],
            [48, 0],
            [64, 4096 + 64],
            [72, 4096 + 64],
            [80, 4096 + 64],
            [88, 4096 + 64],
          ] as const) {
            header.writeBigUInt64LE(BigInt(value), position);
          }
          header.writeUInt32LE(16, 32);
          header.writeUInt32LE(0, 36);
        }),
      "wrong-size",
      "to have 4176 bytes for 1 x 16 float32 numbers, got SIZE bytes",
    ],
  ] as const)("is refused as a whole: %s", async (_, make, code, message) => {
    writeFileSync(path, make());
    expect(await caught(openEmbeddings(path))).toEqual(
      new IndexFileError(
        `openEmbeddings: expected ${path} ${message.replace("SIZE", String(sound.length))}`,
        code,
        path,
      ),
    );
  });

  it("names the checksums", async () => {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
    const expectError = async (promise: Promise<unknown>, message: string): Promise<void> => {
      expect(await caught(promise)).toEqual(new IndexFileError(message, "wrong-checksum", path));
    };
    const header = Buffer.from(sound);
    header[24]! ^= 1;
    writeFileSync(path, header);
    await expectError(
      openEmbeddings(path),
      `openEmbeddings: expected ${path} to have the checksum ${hex(sound.subarray(4080, 4096))} in its header, got ${hex(sha(header.subarray(0, 4080)))}`,
    );

    const list = Buffer.from(sound);
    const end = Number(sound.readBigUInt64LE(88));
    list[end + 3]! ^= 1;
    writeFileSync(path, list);
    await expectError(
      openEmbeddings(path),
      `openEmbeddings: expected ${path} to have the checksum ${hex(sound.subarray(96, 112))} in its list of checksums, got ${hex(sha(list.subarray(end)))}`,
    );

    const numbers = Buffer.from(sound);
    const [from, to] = [4096 + 262144, 4096 + 2 * 262144];
    numbers[from + 700]! ^= 1;
    writeFileSync(path, numbers);
    const file = await openEmbeddings(path);
    const message = (caller: string): string =>
      `${caller}: expected ${path} to have the checksum ${hex(sound.subarray(end + 16, end + 32))} in bytes ${from} to ${to}, got ${hex(sha(numbers.subarray(from, to)))}`;
    await expectError(file.verify(), message("verify"));
    await expectError(file.read({ first: 400, end: 401 }), message("read"));
    await expectError(
      (async () => {
        for await (const _ of file.blocks({ first: 0, end: rows, blockRows: 100 }));
      })(),
      message("blocks"),
    );
    // Rows of other chunks can still be read.
    expectSameEmbeddings(await file.read({ first: 0, end: 300 }), copyRows(embeddings, 0, 300));
    await file.close();
  });

  it("is refused where its ids make no sense, though the checksums are right", async () => {
    const idEnds = Number(sound.readBigUInt64LE(72));
    const start = Number(sound.readBigUInt64LE(80));
    const message = `expected ${path} to hold ids one after another, got other ends in rows 0 to 2`;
    for (const end of [0n, 2n ** 60n]) {
      writeFileSync(
        path,
        withBody((bytes) => bytes.writeBigUInt64LE(end, idEnds + 8)),
      );
      const file = await openEmbeddings(path);
      expect(await caught(file.readIds({ first: 0, end: 2 }))).toEqual(
        new IndexFileError(`readIds: ${message}`, "unsupported-content", path),
      );
      await file.close();
    }
    writeFileSync(
      path,
      withBody((bytes) => bytes.writeUInt8(0xff, start)),
    );
    const file = await openEmbeddings(path);
    expect(await caught(file.idsOf([0]))).toMatchObject({
      name: "IndexFileError",
      message: `idsOf: expected ${path} to hold ids in UTF-8, got other bytes`,
      code: "unsupported-content",
    });
    await file.close();
  });

  it("is told of when the file changes while it is open", async () => {
    writeFileSync(path, sound);
    const file = await openEmbeddings(path);
    writeFileSync(path, sound.subarray(0, 5000));
    expect(await caught(file.read({ first: 0, end: 1 }))).toEqual(
      new IndexFileError(`read: expected ${path} to go on at byte 5000, got its end`, "wrong-size", path),
    );
    await file.close();
    const closed = `expected a file that is open, got ${path} after close`;
    expect(await caught(file.read({ first: 0, end: 1 }))).toEqual(new RangeError(`read: ${closed}`));
    expect(await caught(file.readIds({ first: 0, end: 1 }))).toEqual(new RangeError(`readIds: ${closed}`));
    expect(await caught(file.verify())).toEqual(new RangeError(`verify: ${closed}`));
    expect(() => file.blocks({ first: 0, end: 1, blockRows: 1 })).toThrow(
      new RangeError(`blocks: ${closed}`),
    );
  });
});
