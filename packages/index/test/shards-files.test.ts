import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IndexFileError, type IndexFileErrorCode, mergeShards, searchShard } from "@lmk/index/shards";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { randomMatrix, slice } from "./fixtures.ts";

const queries = randomMatrix(5, 4, 3);
const database = randomMatrix(6, 30, 3);
const settings = { k: 5, metric: "l2" } as const;
const name = "shard-0001-of-0003";

/** A folder with three shards, copied for each test. */
let good = "";
let folder = "";
let manifestPath = "";
let payloadPath = "";
beforeAll(async () => {
  good = mkdtempSync(join(tmpdir(), "lmk-shards-"));
  await searchAll(good);
});
afterAll(() => rmSync(good, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-shards-"));
  cpSync(good, folder, { recursive: true });
  manifestPath = join(folder, `${name}.json`);
  payloadPath = join(folder, `${name}.neighbors`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Changes {
  readonly queries?: typeof queries;
  readonly database?: typeof database;
  readonly options?: Partial<Parameters<typeof searchShard>[2]>;
}

async function searchOne(to: string, index: number, changes: Changes = {}): Promise<void> {
  const shard = { index, count: 3 };
  const options = { folder: to, shard, ...settings, ...changes.options };
  await searchShard(changes.queries ?? queries, changes.database ?? database, options);
}

async function searchAll(to: string, changes: Changes = {}): Promise<void> {
  for (const index of [0, 1, 2]) await searchOne(to, index, changes);
}

type Fields = Record<string, unknown>;

const manifestAt = (path: string): Fields => JSON.parse(readFileSync(path, "utf8")) as Fields;

/** A manifest with other fields, and the checksum that belongs to them. */
function rewriteManifest(changes: Fields): void {
  const { checksum: _, ...fields } = { ...manifestAt(manifestPath), ...changes };
  const checksum = createHash("sha256").update(JSON.stringify(fields)).digest("hex");
  writeFileSync(manifestPath, JSON.stringify({ ...fields, checksum }));
}

/** A payload with other bytes, and a manifest that says so. */
function rewritePayload(change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(payloadPath);
  change(bytes);
  writeFileSync(payloadPath, bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  rewriteManifest({ neighbors: { bytes: bytes.length, sha256 } });
}

async function expectRefusal(
  call: Promise<unknown>,
  path: string,
  message: string,
  code: IndexFileErrorCode,
): Promise<void> {
  const error = await call.catch((reason: unknown) => reason);
  expect(error).toEqual(new IndexFileError(message, code, path));
  expect(error).toMatchObject({ code, path });
}

describe("a damaged manifest", () => {
  const fields = () => manifestAt(manifestPath);
  const cases: readonly (readonly [string, () => void, () => string, IndexFileErrorCode])[] = [
    [
      "nothing",
      () => writeFileSync(manifestPath, ""),
      () => "to be JSON, got something else",
      "not-this-format",
    ],
    [
      "cut off",
      () => writeFileSync(manifestPath, readFileSync(manifestPath).subarray(0, 100)),
      () => "to be JSON, got something else",
      "not-this-format",
    ],
    [
      "null",
      () => writeFileSync(manifestPath, "null"),
      () => 'to have the format "lmk-search-shard", got undefined',
      "not-this-format",
    ],
    [
      "of another format",
      () => rewriteManifest({ format: "lmk-hnsw" }),
      () => 'to have the format "lmk-search-shard", got "lmk-hnsw"',
      "not-this-format",
    ],
    [
      "of a newer version",
      () => rewriteManifest({ version: 2 }),
      () => "to be of version 1, got 2",
      "unsupported-version",
    ],
    [
      "without a checksum",
      () => writeFileSync(manifestPath, JSON.stringify({ ...fields(), checksum: undefined })),
      () => {
        const { checksum: _, ...rest } = fields();
        const actual = createHash("sha256").update(JSON.stringify(rest)).digest("hex");
        return `to have the checksum undefined, got ${actual}`;
      },
      "wrong-checksum",
    ],
  ];

  it.each(cases)("is refused when it is %s, and stays", async (_, damage, expected, code) => {
    damage();
    const bytes = readFileSync(manifestPath);
    for (const [caller, call] of [
      ["mergeShards", () => mergeShards(folder)],
      ["searchShard", () => searchOne(folder, 1)],
    ] as const) {
      await expectRefusal(call(), manifestPath, `${caller}: expected ${manifestPath} ${expected()}`, code);
    }
    expect(readFileSync(manifestPath).equals(bytes)).toBe(true);
  });

  it("is refused with any bit flipped, but for spaces between fields", async () => {
    const text = readFileSync(manifestPath);
    let read = 0;
    for (let bit = 0; bit < 8 * text.length; bit += 23) {
      const flipped = Buffer.from(text);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(manifestPath, flipped);
      const outcome = await mergeShards(folder).catch((error: unknown) => error);
      if (JSON.stringify(parsed(flipped)) === JSON.stringify(parsed(text))) read++;
      else expect(IndexFileError.isInstance(outcome)).toBe(true);
    }
    expect(read).toBeLessThan(8);
  });

  const parsed = (bytes: Buffer): unknown => {
    try {
      return JSON.parse(bytes.toString("utf8"));
    } catch {
      return undefined;
    }
  };

  it.each([
    ["negative counts", { k: -5 }],
    ["counts that are not whole", { columns: 0.5 }],
    ["no columns", { columns: 0 }],
    ["no neighbors", { k: 0, neighbors: { bytes: 0, sha256: "" } }],
    ["too many rows", { rows: 2 ** 31 }],
    ["another shard than its name says", { shard: { index: 2, count: 3 } }],
    ["a shard beyond the last", { shard: { index: 3, count: 3 } }],
    ["a range that is not the shard's", { range: { first: 10, end: 21 } }],
    ["an unknown metric", { metric: "hamming" }],
    ["a size that does not follow from its counts", { neighbors: { bytes: 2 ** 40, sha256: "" } }],
    ["a number as checksum", { database: 5 }],
    ["nothing as queries", { queries: null }],
    ["a number as excluded rows", { exclude: 3 }],
  ] as const)("is refused with %s", async (_, changes) => {
    rewriteManifest(changes);
    const { checksum: __, ...rest } = manifestAt(manifestPath);
    await expectRefusal(
      mergeShards(folder),
      manifestPath,
      `mergeShards: expected ${manifestPath} to describe a shard, got ${JSON.stringify(rest)}`,
      "bad-header",
    );
  });
});

describe("damaged neighbors", () => {
  it("are refused when merged", async () => {
    const bytes = readFileSync(payloadPath);
    const { sha256 } = manifestAt(manifestPath).neighbors as { sha256: string };
    const refuse = (message: string, code: IndexFileErrorCode) =>
      expectRefusal(
        mergeShards(folder),
        payloadPath,
        `mergeShards: expected ${payloadPath} ${message}`,
        code,
      );

    writeFileSync(payloadPath, bytes.subarray(0, -1));
    await refuse("to have 160 bytes, got 159", "wrong-size");
    writeFileSync(payloadPath, Buffer.concat([bytes, bytes]));
    await refuse("to have 160 bytes, got 320", "wrong-size");
    const flipped = Buffer.from(bytes);
    flipped[159]! ^= 1;
    writeFileSync(payloadPath, flipped);
    const got = createHash("sha256").update(flipped).digest("hex");
    await refuse(`to have the checksum ${sha256}, got ${got}`, "wrong-checksum");
    rmSync(payloadPath);
    await refuse("to be there, got no file", "incomplete");
  });

  it("are refused when merged, although their checksum is right", async () => {
    rewritePayload((bytes) => bytes.writeInt32LE(20, 4));
    const refuse = (message: string) =>
      expectRefusal(
        mergeShards(folder),
        payloadPath,
        `mergeShards: expected ${payloadPath} ${message}`,
        "unsupported-content",
      );
    await refuse("to hold rows 10 to 19, got row 20");
    rewritePayload((bytes) => bytes.writeInt32LE(bytes.readInt32LE(8), 4));
    rewritePayload((bytes) => bytes.writeFloatLE(Number.NaN, 80 + 4 * 7));
    await refuse("to have the list of query 1 best first, got another order");
  });
});

describe("shards of another search", () => {
  const other = { ...queries, data: queries.data.map((x) => x + 1) };
  const wide = { data: database.data.subarray(0, 60), rows: 15, columns: 4 };
  const exclude = new Int32Array(4);
  const sum = (...parts: Uint8Array[]) => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  /** As the files have it: SHA-256 of the sums over numbers (after a word on them) and over scales. */
  const sumOf = ({ data }: typeof queries) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return sum(sum(Buffer.from("3 float32;"), bytes), sum()).toString("hex");
  };

  const cases: readonly (readonly [string, Changes, string, string])[] = [
    ["k", { options: { k: 6 } }, "k 5", "6"],
    ["metric", { options: { metric: "dot" } }, 'metric "l2"', '"dot"'],
    ["number of database rows", { database: slice(database, 0, 29) }, "rows 30", "29"],
    ["number of queries", { queries: slice(queries, 0, 3) }, "query rows 4", "3"],
    ["queries", { queries: other }, `queries with the checksum ${sumOf(queries)}`, sumOf(other)],
    [
      "excluded rows",
      { options: { exclude } },
      "excluded rows with the checksum none",
      sum(new Uint8Array(16)).toString("hex"),
    ],
    [
      "columns",
      { database: { ...wide, rows: 30, data: new Float32Array(120) }, queries: randomMatrix(1, 4, 4) },
      "columns 3",
      "4",
    ],
  ];

  it.each(cases)("are told apart by %s", async (_, changes, expected, got) => {
    // Asked for another search, where the shard of the first one is.
    const before = readFileSync(manifestPath);
    await expectRefusal(
      searchOne(folder, 1, changes),
      manifestPath,
      `searchShard: expected ${manifestPath} to be of a search with ${swap(expected, got)}, got ${lastWord(expected)}; delete it or choose another folder`,
      "other-settings",
    );
    expect(readFileSync(manifestPath).equals(before)).toBe(true);

    for (const file of readdirSync(folder)) if (file.startsWith(name)) rmSync(join(folder, file));
    await searchOne(folder, 1, changes);
    await expectRefusal(
      mergeShards(folder),
      manifestPath,
      `mergeShards: expected ${manifestPath} to be of a search with ${expected} like shard-0000-of-0003.json, got ${got}`,
      "other-settings",
    );
  });

  /** The value at the end of "k 5". */
  const lastWord = (text: string) => text.slice(text.lastIndexOf(" ") + 1);
  const swap = (text: string, value: string) => text.slice(0, text.lastIndexOf(" ") + 1) + value;

  it("are told apart by the rows of the database when they are searched again", async () => {
    const changed = { ...database, data: database.data.map((x, i) => (i === 3 * 15 ? x + 1 : x)) };
    await searchOne(folder, 0, { database: changed });
    await expectRefusal(
      searchOne(folder, 1, { database: changed }),
      manifestPath,
      `searchShard: expected ${manifestPath} to be of a search with database rows with the checksum ${sumOf(slice(changed, 10, 20))}, got ${sumOf(slice(database, 10, 20))}; delete it or choose another folder`,
      "other-settings",
    );
  });

  it("are refused when they are of another number of shards", async () => {
    await searchShard(queries, database, { folder, shard: { index: 0, count: 10 }, ...settings });
    await expectRefusal(
      mergeShards(folder),
      folder,
      `mergeShards: expected ${folder} to hold the shards of one search, got some of 3 and of 10`,
      "other-settings",
    );
  });
});

describe("missing shards", () => {
  it("are named by number", async () => {
    const many = join(folder, "many");
    for (const index of [0, 2]) rmSync(join(folder, `shard-000${index}-of-0003.json`));
    await expectRefusal(
      mergeShards(folder),
      folder,
      `mergeShards: expected ${folder} to hold all 3 shards, got 1; missing: 0, 2`,
      "incomplete",
    );
    await searchShard(queries, database, { folder: many, shard: { index: 3, count: 14 }, ...settings });
    await expectRefusal(
      mergeShards(many),
      many,
      `mergeShards: expected ${many} to hold all 14 shards, got 1; missing: 0, 1, 2, 4, 5, 6, 7, 8, 9, 10 and 3 more`,
      "incomplete",
    );
    rmSync(manifestPath);
    await expectRefusal(
      mergeShards(folder),
      folder,
      `mergeShards: expected ${folder} to hold the shards of a search, got none`,
      "incomplete",
    );
  });

  it("are the file system's matter when the folder is missing", async () => {
    const error = await mergeShards(join(folder, "no")).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "ENOENT" });
    expect(IndexFileError.isInstance(error)).toBe(false);
  });
});
