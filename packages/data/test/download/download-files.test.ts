import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DownloadError, type DownloadFilesOptions, downloadFiles } from "@lmk/data/download";
import { beforeEach, describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";
import { type Fault, hashOf, startFileServer } from "./file-server.ts";

const folder = createTemporaryFolder();
const server = await startFileServer();
const body = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 31) % 251));
const half = 20_000;
const quick: DownloadFilesOptions = { retryDelayMs: 1, timeoutMs: 5000 };

let count = 0;
let name = "";
let url = "";
let path = "";
beforeEach(() => {
  count += 1;
  name = `file-${count}.bin`;
  url = `${server.url}/${name}`;
  path = join(folder.path, `to-${count}`, name);
});

/** Cuts the connection after so many bytes, once the partial file has `total`. */
function cut(after: number, total: number = after): Fault {
  const partial = `${path}.partial`;
  const arrived = (): boolean => existsSync(partial) && statSync(partial).size >= total;
  return { kind: "cut", after, arrived };
}

/** Leaves what a process that was killed leaves: the first bytes, and the note on their version. */
function leavePartial(bytes: Uint8Array, note: object): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(`${path}.partial`, bytes);
  writeFileSync(`${path}.partial.json`, JSON.stringify(note));
}

function expectWhole(): void {
  expect(readFileSync(path).equals(body)).toBe(true);
  expect(existsSync(`${path}.partial`)).toBe(false);
  expect(existsSync(`${path}.partial.json`)).toBe(false);
}

describe("a file", () => {
  it("comes whole, makes its folders, and is not asked for again", async () => {
    server.add(name, body);
    const files = [{ url, path, md5: hashOf("md5", body), bytes: body.length }];
    expect(await downloadFiles(files, quick)).toEqual([{ path, bytes: 50_000, skipped: false }]);
    expectWhole();
    const before = server.requests.length;
    expect(await downloadFiles(files, quick)).toEqual([{ path, bytes: 50_000, skipped: true }]);
    expect(server.requests.length).toBe(before);
  });

  it("without a length comes whole", async () => {
    server.add(name, body, { tellsLength: false });
    expect(await downloadFiles([{ url, path }], quick)).toEqual([{ path, bytes: 50_000, skipped: false }]);
    expectWhole();
  });

  it("that has moved is followed, for its missing bytes too", async () => {
    const moved = { kind: "status", status: 301, headers: { location: `/${name}.new` } } as const;
    server.add(name, body, { faults: [moved, moved] });
    server.add(`${name}.new`, body, { faults: [cut(half)] });
    await downloadFiles([{ url, path }], quick);
    expectWhole();
    expect(server.rangesOf(`${name}.new`)).toEqual([undefined, `bytes=${half}-`]);
  });

  it("that is sent compressed all the same comes as it is, and is begun anew when cut", async () => {
    const zipped = gzipSync(body);
    const version = { etag: '"1"', "content-encoding": "gzip" };
    server.add(name, zipped, { version, faults: [{ kind: "cut", after: zipped.length >> 1 }] });
    await downloadFiles([{ url, path, bytes: body.length }], quick);
    expectWhole();
    expect(server.rangesOf(name)).toEqual([undefined, undefined]);
  });

  it("that is empty comes too", async () => {
    server.add(name, "");
    expect(await downloadFiles([{ url, path }], quick)).toEqual([{ path, bytes: 0, skipped: false }]);
  });

  it("of another size than listed is brought again, and one with other bytes only if checksums are verified", async () => {
    server.add(name, body);
    mkdirSync(join(path, ".."), { recursive: true });
    const file = { url, path, sha256: hashOf("sha256", body), bytes: body.length };
    writeFileSync(path, Buffer.alloc(body.length));
    expect((await downloadFiles([file], quick))[0]!.skipped).toBe(true);
    expect((await downloadFiles([file], { ...quick, verify: "checksum" }))[0]!.skipped).toBe(false);
    expectWhole();
    expect((await downloadFiles([file], { ...quick, verify: "checksum" }))[0]!.skipped).toBe(true);
    writeFileSync(path, "short");
    expect((await downloadFiles([file], quick))[0]!.skipped).toBe(false);
    expectWhole();
  });
});

describe("a connection that is cut", () => {
  it("is gone on from with the bytes that are missing", async () => {
    server.add(name, body, { faults: [cut(half)] });
    await downloadFiles([{ url, path, md5: hashOf("md5", body) }], quick);
    expectWhole();
    expect(server.rangesOf(name)).toEqual([undefined, `bytes=${half}-`]);
    expect(server.requests.at(-1)!.ifRange).toBe(`"${hashOf("md5", body)}"`);
  });

  it("without new bytes counts against the retries, with new bytes does not", async () => {
    server.add(name, body, { faults: Array.from({ length: 9 }, (_, i) => cut(5000, 5000 * (i + 1))) });
    await downloadFiles([{ url, path }], { ...quick, retries: 1 });
    expectWhole();
    expect(server.rangesOf(name).length).toBe(10);
  });

  it("begins anew where the server does not know ranges", async () => {
    server.add(name, body, { ranges: false, faults: [cut(half)] });
    await downloadFiles([{ url, path, md5: hashOf("md5", body) }], quick);
    expectWhole();
    expect(server.rangesOf(name)).toEqual([undefined, `bytes=${half}-`]);
  });

  it("begins anew where nothing names the version and no checksum would tell", async () => {
    server.add(name, body, { version: {}, faults: [cut(half)] });
    await downloadFiles([{ url, path }], quick);
    expectWhole();
    expect(server.rangesOf(name)).toEqual([undefined, undefined]);
  });

  it("goes on without a version where a checksum will tell", async () => {
    server.add(name, body, { version: {}, faults: [cut(half)] });
    await downloadFiles([{ url, path, md5: hashOf("md5", body) }], quick);
    expectWhole();
    expect(server.rangesOf(name)).toEqual([undefined, `bytes=${half}-`]);
  });

  it("takes the date of a file whose tag is weak", async () => {
    const date = "Wed, 01 Jan 2025 00:00:00 GMT";
    const version = { etag: 'W/"1"', "last-modified": date };
    server.add(name, body, { version, faults: [cut(half)] });
    await downloadFiles([{ url, path }], quick);
    expectWhole();
    expect(server.requests.at(-1)!.ifRange).toBe(date);
  });

  it("is named after the last retry, and the next call goes on", async () => {
    server.add(name, body, { faults: [cut(half), cut(0, half)] });
    const error = await rejectionOf(downloadFiles([{ url, path }], { ...quick, retries: 1 }));
    expect((error as Error).message).toMatch(new RegExp(`^${url}: expected an answer, got `));
    expect(statSync(`${path}.partial`).size).toBe(half);
    await downloadFiles([{ url, path }], quick);
    expectWhole();
    expect(server.rangesOf(name).at(-1)).toBe(`bytes=${half}-`);
  });
});

describe("a partial file", () => {
  const etag = `"${hashOf("md5", body)}"`;

  it("of a version that the server has no more is thrown away", async () => {
    server.add(name, body);
    leavePartial(Buffer.alloc(half), { url, validator: '"old"' });
    await downloadFiles([{ url, path }], quick);
    expectWhole();
    expect(server.rangesOf(name)).toEqual([`bytes=${half}-`]);
  });

  it("is thrown away if the server gives a part of another version all the same", async () => {
    server.add(name, body, { version: { etag: '"new"', "x-also": '"old"' } });
    leavePartial(Buffer.alloc(half), { url, validator: '"old"' });
    await downloadFiles([{ url, path }], quick);
    expectWhole();
    expect(server.rangesOf(name)).toEqual([`bytes=${half}-`, undefined]);
  });

  it("that is whole already gets its name; one that is too long is thrown away", async () => {
    server.add(name, body);
    leavePartial(body, { url, validator: etag });
    await downloadFiles([{ url, path, md5: hashOf("md5", body) }], quick);
    expectWhole();
    expect(server.rangesOf(name)).toEqual(["bytes=50000-"]);

    path = `${path}.again`;
    leavePartial(Buffer.alloc(60_000), { url, validator: etag });
    await downloadFiles([{ url, path }], quick);
    expectWhole();
    expect(server.rangesOf(name)).toEqual(["bytes=50000-", "bytes=60000-", undefined]);
  });

  it("of a file of another size than listed is not made whole", async () => {
    server.add(name, body);
    leavePartial(body.subarray(0, half), { url, validator: etag });
    const error = await rejectionOf(downloadFiles([{ url, path, bytes: 60_000 }], quick));
    expect((error as Error).message).toBe(`${url}: expected 60000 bytes, got 50000`);
    leavePartial(body, { url, validator: etag });
    const again = await rejectionOf(downloadFiles([{ url, path, bytes: 60_000 }], quick));
    expect((again as Error).message).toBe(`${url}: expected 60000 bytes, got 50000`);
    expect(existsSync(path)).toBe(false);
  });

  it("of another address, or with a note that a crash cut, is thrown away", async () => {
    server.add(name, body);
    leavePartial(Buffer.alloc(half), { url: `${server.url}/other`, validator: etag });
    await downloadFiles([{ url, path }], quick);
    expectWhole();
    path = `${path}.again`;
    leavePartial(Buffer.alloc(half), {});
    writeFileSync(`${path}.partial.json`, '{"url":');
    await downloadFiles([{ url, path }], quick);
    expectWhole();
    expect(server.rangesOf(name)).toEqual([undefined, undefined]);
  });

  it("is gone on from where the address has another query, if a strong tag names its version", async () => {
    server.add(`${name}?signature=2`, body);
    leavePartial(body.subarray(0, half), { url: `${url}?signature=1`, validator: etag });
    await downloadFiles([{ url: `${url}?signature=2`, path }], quick);
    expectWhole();
    expect(server.rangesOf(`${name}?signature=2`)).toEqual([`bytes=${half}-`]);

    const date = "Wed, 01 Jan 2025 00:00:00 GMT";
    server.get(`${name}?signature=2`).version = { "last-modified": date };
    path = `${path}.again`;
    leavePartial(Buffer.alloc(half), { url: `${url}?signature=1`, validator: date });
    await downloadFiles([{ url: `${url}?signature=2`, path }], quick);
    expectWhole();
  });

  it("is thrown away if the server gives a range and tells no size, and nothing else does", async () => {
    server.add(name, body);
    leavePartial(body.subarray(0, half), { url, validator: etag });
    const part = { "content-range": `bytes ${half}-${half + 9}/*`, etag };
    const ranging: typeof fetch = async (input, init) =>
      new Headers(init?.headers).has("range")
        ? new Response(body.subarray(half, half + 10), { status: 206, headers: part })
        : fetch(input, init);
    await downloadFiles([{ url, path }], { ...quick, fetch: ranging });
    expectWhole();
  });

  it("whose bytes are wrong is found out by the checksum and brought anew", async () => {
    server.add(name, body);
    leavePartial(Buffer.alloc(half), { url, validator: etag });
    await downloadFiles([{ url, path, sha256: hashOf("sha256", body) }], quick);
    expectWhole();
    expect(server.rangesOf(name)).toEqual([`bytes=${half}-`, undefined]);
  });
});

describe("a status", () => {
  it("of 503 is tried again", async () => {
    server.add(name, body, { faults: [{ kind: "status", status: 503 }] });
    await downloadFiles([{ url, path }], quick);
    expectWhole();
  });

  it("of 429 waits as long as the server asks, in seconds or until a date", async () => {
    const later = { date: "Wed, 01 Jan 2025 00:00:00 GMT", "retry-after": "Wed, 01 Jan 2025 00:00:01 GMT" };
    for (const headers of [{ "retry-after": "1" }, later]) {
      server.add(name, body, { faults: [{ kind: "status", status: 429, headers }] });
      const started = performance.now();
      await downloadFiles([{ url, path: `${path}.${headers["retry-after"].length}` }], quick);
      expect(performance.now() - started).toBeGreaterThan(990);
    }
  });

  it("of 404 is not", async () => {
    const error = await rejectionOf(downloadFiles([{ url, path }], quick));
    expect((error as Error).message).toBe(`${url}: expected status 200, got 404 Not Found`);
    expect(server.rangesOf(name).length).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  it("of 503 for ever is named", async () => {
    server.add(name, body, { faults: Array.from({ length: 3 }, () => ({ kind: "status", status: 503 })) });
    const error = await rejectionOf(downloadFiles([{ url, path }], { ...quick, retries: 2 }));
    expect((error as Error).message).toBe(`${url}: expected status 200, got 503 Service Unavailable`);
    expect(server.rangesOf(name).length).toBe(3);
  });
});

describe("a checksum", () => {
  it("that is wrong once is mended by a second try", async () => {
    server.add(name, body, { faults: [{ kind: "wrong-bytes" }] });
    await downloadFiles([{ url, path, md5: hashOf("md5", body).toUpperCase() }], quick);
    expectWhole();
    expect(server.rangesOf(name)).toEqual([undefined, undefined]);
  });

  it("that is wrong twice names address, expected and got, and leaves nothing", async () => {
    server.add(name, body);
    const expected = hashOf("sha256", "something else");
    const error = await rejectionOf(downloadFiles([{ url, path, sha256: expected }], quick));
    expect((error as Error).message).toBe(
      `${url}: expected sha256 ${expected}, got ${hashOf("sha256", body)}`,
    );
    expect(server.rangesOf(name).length).toBe(2);
    expect(existsSync(path)).toBe(false);
    expect(existsSync(`${path}.partial`)).toBe(false);
  });

  it("is not needed to refuse a file of another size than listed", async () => {
    server.add(name, body);
    const error = await rejectionOf(downloadFiles([{ url, path, bytes: 49_999 }], quick));
    expect((error as Error).message).toBe(`${url}: expected 49999 bytes, got 50000`);
    server.get(name).tellsLength = false;
    const again = await rejectionOf(downloadFiles([{ url, path, bytes: 49_999 }], quick));
    expect((again as Error).message).toBe(`${url}: expected 49999 bytes, got 50000`);
    expect(existsSync(path)).toBe(false);
  });
});

describe("a server that falls silent", () => {
  it("is left after the timeout, and gone on from", async () => {
    server.add(name, body, { faults: [{ kind: "stall", after: half }] });
    await downloadFiles([{ url, path }], { ...quick, timeoutMs: 1000 });
    expectWhole();
    expect(server.rangesOf(name)).toEqual([undefined, `bytes=${half}-`]);
  });

  it("is named", async () => {
    server.add(name, body, { faults: [{ kind: "stall", after: half }] });
    const error = await rejectionOf(downloadFiles([{ url, path }], { ...quick, timeoutMs: 100, retries: 0 }));
    expect((error as Error).message).toBe(`${url}: expected an answer, got none for 0.1 s`);
  });

  it("is left at once by an abort, and the bytes stay", async () => {
    server.add(name, body, { faults: [{ kind: "stall", after: half }] });
    const controller = new AbortController();
    const error = await rejectionOf(
      downloadFiles([{ url, path }], {
        ...quick,
        signal: controller.signal,
        onProgress: ({ doneBytes }) => doneBytes >= half && controller.abort(new Error("enough")),
      }),
    );
    expect((error as Error).message).toBe("enough");
    expect(statSync(`${path}.partial`).size).toBe(half);
    await downloadFiles([{ url, path }], quick);
    expectWhole();
    expect(server.rangesOf(name)).toEqual([undefined, `bytes=${half}-`]);
  });

  it("does not keep an abort waiting for the next try", async () => {
    server.add(name, body, { faults: [{ kind: "status", status: 503 }] });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 100);
    const options = { ...quick, retryDelayMs: 60_000, signal: controller.signal };
    const error = await rejectionOf(downloadFiles([{ url, path }], options));
    expect((error as Error).message).toBe("enough");
  });
});

describe("several files", () => {
  it.each<[DownloadFilesOptions, number]>([
    [{}, 4],
    [{ concurrency: 3 }, 3],
  ])("come at most `concurrency` at a time, and their progress adds up: %j", async (given, expected) => {
    const files = Array.from({ length: 7 }, (_, i) => ({ url: `${url}-${i}`, path: `${path}-${i}` }));
    for (const [i] of files.entries()) server.add(`${name}-${i}`, body);
    let running = 0;
    let most = 0;
    const counting: typeof fetch = async (input, init) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 10));
      const response = await fetch(input, init);
      running -= 1;
      return response;
    };
    const seen: { doneBytes: number; doneFiles: number }[] = [];
    const onProgress = (progress: { doneBytes: number; doneFiles: number }): number => seen.push(progress);
    await downloadFiles(files, { ...quick, ...given, fetch: counting, onProgress });
    expect(most).toBe(expected);
    expect(seen.at(-1)).toEqual({ doneBytes: 350_000, totalBytes: 350_000, doneFiles: 7, totalFiles: 7 });
  });

  it("do not wait for one that fails, and the failures are listed", async () => {
    const files = Array.from({ length: 4 }, (_, i) => ({ url: `${url}-${i}`, path: `${path}-${i}` }));
    server.add(`${name}-1`, body);
    server.add(`${name}-3`, body);
    const error = (await rejectionOf(downloadFiles(files, { ...quick, concurrency: 1 }))) as DownloadError;
    expect(DownloadError.isInstance(error)).toBe(true);
    expect(error.code).toBe("failed-files");
    expect(error.message).toBe(`${url}-0: expected status 200, got 404 Not Found; 2 of 4 files failed`);
    expect(error.failures.map((failure) => [failure.url, failure.path])).toEqual([
      [`${url}-0`, `${path}-0`],
      [`${url}-2`, `${path}-2`],
    ]);
    expect(existsSync(`${path}-1`) && existsSync(`${path}-3`)).toBe(true);
  });

  it("are not all tried where nothing answers", async () => {
    const files = Array.from({ length: 9 }, (_, i) => ({
      url: `http://127.0.0.1:1/${i}`,
      path: `${path}-${i}`,
    }));
    const options = { ...quick, retries: 0, concurrency: 1 };
    const error = (await rejectionOf(downloadFiles(files, options))) as DownloadError;
    expect(error.message).toMatch(
      /^http:\/\/127\.0\.0\.1:1\/0: expected an answer, got .*; 8 were not begun$/,
    );
  });

  it("come from a server that refuses to tell sizes, and are asked for them with retries once", async () => {
    const files = Array.from({ length: 3 }, (_, i) => ({ url: `${url}-${i}`, path: `${path}-${i}` }));
    for (const [i] of files.entries()) server.add(`${name}-${i}`, body);
    let questions = 0;
    const refusing: typeof fetch = async (input, init) => {
      if (init?.method !== "HEAD") return fetch(input, init);
      questions += 1;
      return new Response(null, { status: 503 });
    };
    await downloadFiles(files, { ...quick, concurrency: 1, retries: 2, fetch: refusing });
    for (const file of files) expect(readFileSync(file.path).equals(body)).toBe(true);
    expect(questions).toBe(3 + 1 + 1);
  });

  it("come from one server though another, which is asked once, does not answer", async () => {
    server.add(name, body);
    const silent = ["x", "y"].map((last) => ({ url: `http://127.0.0.1:1/${last}`, path: `${path}-${last}` }));
    let questions = 0;
    const counting: typeof fetch = async (input, init) => {
      if (init?.method === "HEAD") questions += 1;
      return fetch(input, init);
    };
    const options = { ...quick, concurrency: 1, retries: 0, fetch: counting };
    const error = (await rejectionOf(downloadFiles([...silent, { url, path }], options))) as DownloadError;
    expect(error.failures.map((failure) => failure.url)).toEqual(silent.map((file) => file.url));
    expect(questions).toBe(2);
    expectWhole();
  });

  it("stop where the disk refuses one", async () => {
    server.add(name, body);
    folder.write("a-file", "");
    const files = [
      { url, path: join(folder.path, "a-file", "x") },
      { url, path },
    ];
    const error = (await rejectionOf(downloadFiles(files, { ...quick, concurrency: 1 }))) as DownloadError;
    expect(error.failures.length).toBe(1);
    expect(error.message).toMatch(/ENOTDIR.*; 1 were not begun$/);
  });
});

describe("the space on the disk", () => {
  it("is looked at before the first byte: sizes listed and asked for, less what is there", async () => {
    server.add(name, body);
    const files = [
      { url, path },
      { url: `${url}?2`, path: `${path}-2`, bytes: 1_000_000_000 },
    ];
    mkdirSync(join(path, ".."), { recursive: true });
    leavePartial(body.subarray(0, half), { url });
    const options = { ...quick, freeBytes: async () => 1_000_029_999 };
    const error = (await rejectionOf(downloadFiles(files, options))) as DownloadError;
    expect(error.code).toBe("no-space");
    expect(error.message).toBe(
      `${join(path, "..")}: expected 1000030000 bytes free (1.0 GB), got 1000029999 (1.0 GB)`,
    );
    expect(server.requests.filter((seen) => seen.path === name).map(({ method }) => method)).toEqual([
      "HEAD",
    ]);
  });

  it("is that of the nearest folder that exists", async () => {
    server.add(name, body);
    const asked: string[] = [];
    const freeBytes = async (place: string): Promise<number> => {
      asked.push(place);
      return 50_000;
    };
    await downloadFiles([{ url, path }], { ...quick, freeBytes });
    expectWhole();
    expect(asked).toEqual([folder.path]);
  });
});

it.each<[string, () => Promise<unknown>, string]>([
  [
    "a concurrency of 0",
    () => downloadFiles([], { concurrency: 0 }),
    "downloadFiles: expected `concurrency` to be an integer >= 1, got 0",
  ],
  [
    "negative retries",
    () => downloadFiles([], { retries: -1 }),
    "downloadFiles: expected `retries` to be an integer >= 0, got -1",
  ],
  [
    "a negative delay",
    () => downloadFiles([], { retryDelayMs: -1 }),
    "downloadFiles: expected `retryDelayMs` to be an integer >= 0, got -1",
  ],
  [
    "no timeout",
    () => downloadFiles([], { timeoutMs: 0 }),
    "downloadFiles: expected `timeoutMs` to be an integer >= 1, got 0",
  ],
  [
    "another protocol",
    () => downloadFiles([{ url: "ftp://x/y", path: "y" }]),
    "downloadFiles: expected `url` to be an http or https URL, got ftp://x/y",
  ],
  [
    "no host",
    () => downloadFiles([{ url: "http://", path: "y" }]),
    "downloadFiles: expected `url` to be an http or https URL, got http://",
  ],
  [
    "a negative size",
    () => downloadFiles([{ url: "http://x/y", path: "y", bytes: -1 }]),
    "downloadFiles: expected `bytes` to be an integer >= 0, got -1",
  ],
  [
    "a short MD5 sum",
    () => downloadFiles([{ url: "http://x/y", path: "y", md5: "0123" }]),
    'downloadFiles: expected `md5` to be 32 hexadecimal digits, got "0123"',
  ],
  [
    "an SHA-256 sum with other letters",
    () => downloadFiles([{ url: "http://x/y", path: "y", sha256: "g".repeat(64) }]),
    `downloadFiles: expected \`sha256\` to be 64 hexadecimal digits, got "${"g".repeat(64)}"`,
  ],
  [
    "one path twice",
    () =>
      downloadFiles([
        { url: "http://x/y", path: "y" },
        { url: "http://x/z", path: "y" },
      ]),
    "downloadFiles: expected `files` of different paths, got y twice",
  ],
])("refuses %s", async (_, call, message) => {
  const error = await rejectionOf(call());
  expect(error).toBeInstanceOf(RangeError);
  expect((error as Error).message).toBe(message);
});
