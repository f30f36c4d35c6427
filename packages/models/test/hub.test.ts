import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { DownloadProgress, FetchWeightsOptions } from "@lmk/models/hub";
import { fetchWeights, WeightsDownloadError } from "@lmk/models/hub";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { breakOff, seededBytes, sha256, startServer, type TestServer } from "./hub-server.ts";

const body = seededBytes(300_000);
const source = { repository: "org/net", file: "model.safetensors" };

let server: TestServer;
let cache: string;
let path: string;
let part: string;
let url: string;
let options: FetchWeightsOptions;

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), "lmk-hub-"));
  server = await startServer(body, cache);
  path = join(cache, "org", "net", "main", "model.safetensors");
  part = `${path}.part`;
  url = `${server.url}/org/net/resolve/main/model.safetensors`;
  options = { cache, hubUrl: server.url, retries: 0, retryDelayMs: 1 };
});

afterEach(async () => {
  await server.close();
  rmSync(cache, { recursive: true });
});

/** The error that a call rejects with. */
async function failure(call: Promise<unknown>): Promise<WeightsDownloadError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!WeightsDownloadError.isInstance(error)) throw new Error(`not a WeightsDownloadError: ${error}`);
  return error;
}

describe("a whole download", () => {
  it("leaves the file, its checksum and nothing else", async () => {
    expect(await fetchWeights(source, options)).toBe(path);
    expect(readFileSync(path).equals(body)).toBe(true);
    expect(await readFile(`${path}.sha256`, "utf8")).toBe(`${sha256(body)}  model.safetensors\n`);
    expect((await readdir(dirname(path))).sort()).toEqual(["model.safetensors", "model.safetensors.sha256"]);
    expect(server.seen[1]!.headers["accept-encoding"]).toBe("identity");
    expect(server.seen.map((entry) => [entry.url, entry.range])).toEqual([
      ["/api/models/org/net/paths-info/main", undefined],
      ["/org/net/resolve/main/model.safetensors", undefined],
    ]);
  });

  it("takes a second call from the cache, without a request", async () => {
    await fetchWeights(source, options);
    const before = server.seen.length;
    expect(await fetchWeights(source, options)).toBe(path);
    expect(server.seen.length).toBe(before);
  });

  it("reports growing counts that end at the whole", async () => {
    const seen: DownloadProgress[] = [];
    await fetchWeights(source, { ...options, onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toEqual({ received: 0, total: body.length });
    expect(seen.at(-1)).toEqual({ received: body.length, total: body.length });
    expect(seen.length).toBeGreaterThan(2);
    for (let i = 1; i < seen.length; i++) expect(seen[i]!.received).toBeGreaterThan(seen[i - 1]!.received);
  });

  it("keeps revisions and folders of a repository apart", async () => {
    const nested = { ...source, file: "onnx/model.onnx", revision: "refs/pr/1" };
    const found = await fetchWeights(nested, options);
    expect(found).toBe(join(cache, "org", "net", "refs%2Fpr%2F1", "onnx", "model.onnx"));
    expect(server.seen[1]!.url).toBe("/org/net/resolve/refs%2Fpr%2F1/onnx/model.onnx");
  });

  it("sends the access token to the hub, and not to other servers", async () => {
    await fetchWeights(source, { ...options, accessToken: "hf_secret" });
    expect(server.seen.map((entry) => entry.headers.authorization)).toEqual([
      "Bearer hf_secret",
      "Bearer hf_secret",
    ]);
    await fetchWeights({ url: `${server.url}/v1/net.pth` }, { ...options, accessToken: "hf_secret" });
    expect(server.seen.at(-1)!.headers.authorization).toBeUndefined();
  });

  it("needs no API of a mirror, whose tags are no checksums", async () => {
    Object.assign(server.served, { oid: undefined, etag: `"${"a".repeat(64)}"` });
    server.served.intercept = (request, response, index) =>
      index === 0 && breakOff(request, response, server.served, 100_000);
    await fetchWeights(source, { ...options, retries: 1 });
    expect(server.ranges()).toEqual([undefined, "bytes=100000-"]);
    expect(readFileSync(path).equals(body)).toBe(true);
  });

  it("follows a redirect to another host, which gets the range and no token", async () => {
    const store = await startServer(body, cache);
    try {
      server.served.intercept = (_, response) => {
        response.writeHead(302, { Location: `${store.url}/blob`, "X-Linked-ETag": "other" }).end();
        return true;
      };
      store.served.intercept = (request, response, index) =>
        index === 0 && breakOff(request, response, store.served, 100_000);
      await fetchWeights(source, { ...options, accessToken: "hf_secret", retries: 1 });
      expect(store.ranges()).toEqual([undefined, "bytes=100000-"]);
      expect(store.seen.map((entry) => entry.headers.authorization)).toEqual([undefined, undefined]);
      expect(readFileSync(path).equals(body)).toBe(true);
    } finally {
      await store.close();
    }
  });

  it("makes every request with the given fetch", async () => {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      asked.push(String(input));
      return globalThis.fetch(input, init);
    };
    await fetchWeights(source, { ...options, fetch });
    expect(asked).toEqual([`${server.url}/api/models/org/net/paths-info/main`, url]);
  });

  it.each([["-1"], ["many"], ["99999999999999999999"]])("takes a length of %s for none", async (length) => {
    const answer = async () => new Response(new Uint8Array(body), { headers: { "content-length": length } });
    const totals: unknown[] = [];
    const release = { url: "https://host.test/net.pth", sha256: sha256(body) };
    await fetchWeights(release, { cache, fetch: answer, onProgress: ({ total }) => totals.push(total) });
    expect(new Set(totals)).toEqual(new Set([undefined]));
  });

  it("downloads a release by its URL, and checks the prefix of its checksum", async () => {
    const release = {
      url: `${server.url}/a/releases/v1/net.pth?dl=1`,
      sha256Prefix: sha256(body).slice(0, 8),
    };
    const found = await fetchWeights(release, options);
    expect(found).toBe(
      join(cache, new URL(server.url).host.replace(":", "_"), "a", "releases", "v1", "net.pth%3Fdl%3D1"),
    );
    expect(readFileSync(found).equals(body)).toBe(true);
    expect(server.seen.map((entry) => [entry.url, entry.range])).toEqual([
      ["/a/releases/v1/net.pth?dl=1", undefined],
    ]);
  });
});

describe("a broken connection", () => {
  it("keeps what came, and the next call goes on from that byte", async () => {
    server.served.intercept = (request, response, index) =>
      index === 0 && breakOff(request, response, server.served, 100_000);
    const error = await failure(fetchWeights(source, options));
    expect(error.code).toBe("interrupted");
    expect(error.message).toBe(
      `fetchWeights: expected 300000 bytes of ${url}, got 100000 before the connection ended (UND_ERR_SOCKET); the next call goes on from there`,
    );
    expect((await stat(part)).size).toBe(100_000);
    expect(existsSync(path)).toBe(false);

    const seen: DownloadProgress[] = [];
    await fetchWeights(source, { ...options, onProgress: (progress) => seen.push(progress) });
    expect(server.ranges()).toEqual([undefined, "bytes=100000-"]);
    expect(seen[0]).toEqual({ received: 100_000, total: 300_000 });
    expect(readFileSync(path).equals(body)).toBe(true);
    expect(existsSync(part)).toBe(false);
  });

  it("goes on by itself, as long as every attempt brings bytes", async () => {
    server.served.intercept = (request, response, index) =>
      index < 5 && breakOff(request, response, server.served, 50_000 * (index + 1));
    await fetchWeights(source, { ...options, retries: 1 });
    const starts = [50_000, 100_000, 150_000, 200_000, 250_000].map((start) => `bytes=${start}-`);
    expect(server.ranges()).toEqual([undefined, ...starts]);
    expect(readFileSync(path).equals(body)).toBe(true);
  });

  it("gives up after `retries` attempts without a new byte", async () => {
    server.served.intercept = (request, response) => breakOff(request, response, server.served, 1000);
    expect((await failure(fetchWeights(source, { ...options, retries: 3 }))).code).toBe("interrupted");
    expect(server.ranges()).toEqual([undefined, "bytes=1000-", "bytes=1000-", "bytes=1000-"]);
  });

  it("before the first byte of the answer is tried again too", async () => {
    let calls = 0;
    const reset = () => {
      calls += 1;
      const cause = Object.assign(new Error("reset"), { code: "ECONNRESET" });
      return Promise.reject(new TypeError("fetch failed", { cause }));
    };
    const error = await failure(fetchWeights(source, { ...options, retries: 2, fetch: reset }));
    expect([error.code, calls]).toEqual(["interrupted", 3]);
    expect(error.message).toBe(
      `fetchWeights: expected an answer from ${url}, got a broken connection (ECONNRESET); call again to go on`,
    );
  });

  it("starts over where the server ignores ranges, and reports nothing twice", async () => {
    server.served.intercept = (request, response, index) =>
      index === 0 && breakOff(request, response, server.served, 100_000);
    await failure(fetchWeights(source, options));
    server.served.ranges = false; // its answer to the range is the whole file
    const seen: number[] = [];
    await fetchWeights(source, { ...options, onProgress: ({ received }) => seen.push(received) });
    expect(server.ranges()).toEqual([undefined, "bytes=100000-"]);
    expect(readFileSync(path).equals(body)).toBe(true);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(300_000);
  });

  it("starts over when the hub's tag has changed", async () => {
    server.served.intercept = (request, response, index) =>
      index === 0 && breakOff(request, response, server.served, 100_000);
    await failure(fetchWeights(source, options));
    const other = seededBytes(300_000, 2);
    Object.assign(server.served, { body: other, oid: sha256(other) });
    await fetchWeights(source, options);
    expect(server.ranges()).toEqual([undefined, undefined]);
    expect(readFileSync(path).equals(other)).toBe(true);
  });

  it.each([
    ["honors If-Range", true],
    ["does not know If-Range", false],
  ])("starts over when a release has changed, on a server that %s", async (_, honors) => {
    const release = { url: `${server.url}/net.pth` };
    const other = seededBytes(300_000, 2);
    server.served.intercept = (request, response, index) => {
      if (index === 0) return breakOff(request, response, server.served, 100_000);
      return honors || request.headers.range === undefined
        ? false
        : breakOff(request, response, server.served, 300_000);
    };
    await failure(fetchWeights(release, options));
    Object.assign(server.served, { body: other, etag: '"store-2"' });
    const found = await fetchWeights(release, options);
    expect(server.seen[1]!.headers["if-range"]).toBe('"store-1"');
    expect(server.ranges()).toEqual([undefined, "bytes=100000-", ...(honors ? [] : [undefined])]);
    expect(readFileSync(found).equals(other)).toBe(true);
  });

  it("continues a release without a tag only if a checksum will tell", async () => {
    server.served.etag = undefined;
    server.served.intercept = (request, response, index) =>
      index % 2 === 0 && breakOff(request, response, server.served, 100_000);
    const blind = { url: `${server.url}/blind.pth` };
    const checked = { url: `${server.url}/checked.pth`, sha256: sha256(body) };
    await failure(fetchWeights(blind, options));
    await fetchWeights(blind, options);
    await failure(fetchWeights(checked, options));
    await fetchWeights(checked, options);
    expect(server.ranges()).toEqual([undefined, undefined, undefined, "bytes=100000-"]);
  });

  it("asks for nothing when only the last step was missing", async () => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(part, body);
    await writeFile(`${part}.json`, JSON.stringify({ etag: server.served.oid }));
    await fetchWeights(source, options);
    expect(server.ranges()).toEqual([]);
    expect(readFileSync(path).equals(body)).toBe(true);
  });

  it("drops a part that is longer than the hub says, without asking for more", async () => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(part, seededBytes(400_000));
    await writeFile(`${part}.json`, JSON.stringify({ etag: server.served.oid }));
    await fetchWeights(source, options);
    expect(server.ranges()).toEqual([undefined]);
    expect(readFileSync(path).equals(body)).toBe(true);
  });

  it("drops a part that is longer than the file", async () => {
    const release = { url: `${server.url}/net.pth`, sha256: sha256(body) };
    const place = join(cache, new URL(server.url).host.replace(":", "_"));
    await mkdir(place);
    await writeFile(join(place, "net.pth.part"), seededBytes(400_000));
    server.served.intercept = (request, response) => {
      if (request.headers.range === undefined) return false;
      response.writeHead(416, { "Content-Range": "bytes */300000" }).end();
      return true;
    };
    expect(readFileSync(await fetchWeights(release, options)).equals(body)).toBe(true);
    expect(server.ranges()).toEqual(["bytes=400000-", undefined]);
  });
});

describe("a wrong file", () => {
  it("is removed when the hub's checksum says so", async () => {
    server.served.oid = "0".repeat(64);
    const error = await failure(fetchWeights(source, options));
    expect(error.code).toBe("checksum-mismatch");
    expect(error.message).toBe(
      `fetchWeights: expected ${url} to have the SHA-256 ${"0".repeat(64)}, got ${sha256(body)}; what was downloaded is removed`,
    );
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it("is removed when the source's checksum or prefix says so, whatever the hub says", async () => {
    const stated = { ...source, sha256: "F".repeat(64) };
    expect((await failure(fetchWeights(stated, options))).message).toContain(
      `the SHA-256 ${"f".repeat(64)}, got`,
    );
    const release = { url: `${server.url}/net.pth`, sha256Prefix: "00000000" };
    expect((await failure(fetchWeights(release, options))).message).toBe(
      `fetchWeights: expected ${server.url}/net.pth to have a SHA-256 that begins with 00000000, got ${sha256(body)}; what was downloaded is removed`,
    );
  });

  it("is refused before its first byte when the announced length differs", async () => {
    const error = await failure(fetchWeights({ ...source, bytes: 299_999 }, options));
    expect(error.code).toBe("size-mismatch");
    expect(error.message).toBe(`fetchWeights: expected ${url} to have 299999 bytes, got 300000`);
    expect(existsSync(part)).toBe(false);
  });

  it("is refused when the server announces fewer bytes than the hub", async () => {
    server.served.intercept = (_, response) => {
      response.end(body.subarray(0, 120_000)); // with this Content-Length
      return true;
    };
    const error = await failure(fetchWeights(source, options));
    expect(error.code).toBe("size-mismatch");
    expect(error.message).toBe(`fetchWeights: expected ${url} to have 300000 bytes, got 120000`);
  });

  it("is refused when it never ends where it should", async () => {
    server.served.intercept = (_, response) => {
      response.write(body);
      response.end("more");
      return true;
    };
    const error = await failure(fetchWeights({ ...source, sha256: sha256(body) }, options));
    expect(error.message).toMatch(/to have 300000 bytes, got 30000\d$/);
    expect(existsSync(part)).toBe(false);
  });

  it("is not taken for whole when a chunked body ends early", async () => {
    server.served.intercept = (_, response, index) => {
      if (index > 0) return false;
      response.write(body.subarray(0, 120_000));
      response.end();
      return true;
    };
    const error = await failure(fetchWeights(source, options));
    expect(error.message).toBe(
      `fetchWeights: expected 300000 bytes of ${url}, got 120000 before the connection ended; the next call goes on from there`,
    );
    await fetchWeights(source, options);
    expect(server.ranges()).toEqual([undefined, "bytes=120000-"]);
  });
});

describe("a status", () => {
  const unserved = (status: number, meaning: string) =>
    `fetchWeights: expected ${url} to be served, got status ${status} (${meaning}); to do without, download ${url} elsewhere and place it at ${path}`;

  it.each([
    [404, "not-found", "no such repository, revision or file"],
    [401, "unauthorized", "it does not exist, or needs an `accessToken` that may read it"],
    [403, "unauthorized", "it does not exist, or needs an `accessToken` that may read it"],
    [503, "unavailable", "the server cannot answer now"],
    [400, "unexpected-response", "not an answer that this download knows"],
  ])("%d is %s", async (status, code, meaning) => {
    // Of the look-up and of the file.
    const refuse = { ...options, fetch: async () => new Response("no", { status }) };
    const error = await failure(fetchWeights(source, refuse));
    expect([error.code, error.url, error.path]).toEqual([code, url, path]);
    expect(error.message).toBe(unserved(status, meaning));
    server.served.intercept = (_, response) => {
      response.writeHead(status).end();
      return true;
    };
    expect((await failure(fetchWeights(source, options))).message).toBe(unserved(status, meaning));
  });

  it("of 200 with something else than a description is an unexpected response", async () => {
    const fetch = async () => new Response("<p>Sign in to this network</p>");
    const error = await failure(fetchWeights(source, { ...options, fetch }));
    expect(error.code).toBe("unexpected-response");
    expect(error.message).toContain(
      `fetchWeights: expected ${server.url} to describe the weights org/net/model.safetensors, got an answer that is none (`,
    );
  });

  it("500 is tried again, 404 is not", async () => {
    server.served.intercept = (_, response, index) => {
      if (index >= 2) return false;
      response.writeHead(500).end();
      return true;
    };
    await fetchWeights(source, { ...options, retries: 2 });
    expect(server.ranges()).toEqual([undefined, undefined, undefined]);
    server.served.intercept = (_, response) => {
      response.writeHead(404).end();
      return true;
    };
    await failure(fetchWeights({ ...source, file: "other" }, { ...options, retries: 2 }));
    expect(server.ranges().length).toBe(4);
  });

  it("tries 5 times unless told otherwise", async () => {
    const { retries: _, ...rest } = options;
    server.served.intercept = (_, response) => {
      response.writeHead(500).end();
      return true;
    };
    await failure(fetchWeights(source, rest));
    expect(server.ranges().length).toBe(5);
  });
});

describe("a signal", () => {
  it("stops within 100 ms and leaves a part that the next call continues", async () => {
    server.served.intercept = (_, response, index) => {
      if (index > 0) return false;
      response.writeHead(200, { "Content-Length": body.length });
      response.write(body.subarray(0, 70_000));
      return true;
    };
    const controller = new AbortController();
    let stopped = Number.NaN;
    const call = fetchWeights(source, {
      ...options,
      signal: controller.signal,
      onProgress: ({ received }) => {
        if (received < 70_000) return;
        setTimeout(() => {
          stopped = performance.now();
          controller.abort(new Error("enough"));
        }, 10);
      },
    });
    await expect(call).rejects.toThrow("enough");
    expect(performance.now() - stopped).toBeLessThan(100);
    expect((await stat(part)).size).toBe(70_000);
    expect(existsSync(`${path}.lock`)).toBe(false);
    await fetchWeights(source, options);
    expect(server.ranges()).toEqual([undefined, "bytes=70000-"]);
    expect(readFileSync(path).equals(body)).toBe(true);
  });

  it("that is aborted before the call makes it do nothing", async () => {
    await expect(
      fetchWeights(source, { ...options, signal: AbortSignal.abort(new Error("never")) }),
    ).rejects.toThrow("never");
    expect(server.seen).toEqual([]);
    expect(await readdir(cache)).toEqual([]);
  });

  it("ends the wait before a retry", async () => {
    server.served.intercept = (_, response) => {
      response.writeHead(500).end();
      return true;
    };
    const patient = { ...options, retries: 4, retryDelayMs: 60_000, signal: AbortSignal.timeout(100) };
    await expect(fetchWeights(source, patient)).rejects.toThrow("The operation was aborted due to timeout");
  });
});
