import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { homedir, hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  alikeVariants,
  efficientnetVariants,
  fishnetVariants,
  mobilenetV3Variants,
  resnestVariants,
  resnetVariants,
  rexnetVariants,
  swinVariants,
} from "@lmk/models";
import type { FetchWeightsOptions, WeightsSource } from "@lmk/models/hub";
import { fetchWeights, pretrainedWeights, WeightsDownloadError, weightsPath } from "@lmk/models/hub";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { breakOff, seededBytes, sha256, startServer, type TestServer } from "./hub-server.ts";

const body = seededBytes(300_000);
const source = { repository: "org/net", file: "model.safetensors" };

let server: TestServer;
let cache: string;
let path: string;
let options: FetchWeightsOptions;

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), "lmk-hub-"));
  server = await startServer(body, cache);
  path = join(cache, "org", "net", "main", "model.safetensors");
  options = { cache, hubUrl: server.url, retries: 0, retryDelayMs: 1 };
});

afterEach(async () => {
  await server.close();
  rmSync(cache, { recursive: true });
});

async function place(bytes: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

async function failure(call: Promise<unknown>): Promise<WeightsDownloadError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!WeightsDownloadError.isInstance(error)) throw new Error(`not a WeightsDownloadError: ${error}`);
  return error;
}

describe("several callers of one file", () => {
  it("share one download", async () => {
    const calls = [1, 2, 3, 4].map(() => fetchWeights(source, options));
    expect(await Promise.all(calls)).toEqual([path, path, path, path]);
    expect(server.ranges()).toEqual([undefined]);
    expect(readFileSync(path).equals(body)).toBe(true);
    expect((await readdir(dirname(path))).sort()).toEqual(["model.safetensors", "model.safetensors.sha256"]);
  });

  it("take over from one that gives up", async () => {
    const controller = new AbortController();
    server.served.intercept = (_, response, index) => {
      if (index > 0) return false;
      response.writeHead(200, { "Content-Length": body.length });
      response.write(body.subarray(0, 70_000));
      return true;
    };
    let second: Promise<string> | undefined;
    const onProgress = ({ received }: { received: number }) => {
      if (received < 70_000) return;
      second = fetchWeights(source, options);
      setTimeout(() => controller.abort(), 100);
    };
    const first = fetchWeights(source, { ...options, signal: controller.signal, onProgress });
    await expect(first).rejects.toThrow("This operation was aborted");
    expect(await second).toBe(path);
    expect(server.ranges()).toEqual([undefined, "bytes=70000-"]);
    expect(readFileSync(path).equals(body)).toBe(true);
  });

  it("wait for another process, and take the file that it leaves", async () => {
    await mkdir(dirname(path), { recursive: true });
    const program = `
      const { renameSync, unlinkSync, writeFileSync } = require("node:fs");
      const [path, host] = process.argv.slice(1);
      writeFileSync(path + ".lock", host + " " + process.pid + " other 0");
      console.log("locked");
      setTimeout(() => {
        writeFileSync(path + ".part", "theirs");
        renameSync(path + ".part", path);
        unlinkSync(path + ".lock");
      }, 200);`;
    const other = spawn(process.execPath, ["-e", program, path, hostname()], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((locked) => other.stdout.once("data", locked));
    expect(await fetchWeights(source, options)).toBe(path);
    expect(readFileSync(path, "utf8")).toBe("theirs");
    expect(server.seen).toEqual([]);
  });

  it("do not wait for a process that is gone", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.lock`, `${hostname()} ${pid} gone 3`);
    await fetchWeights(source, { ...options, signal: AbortSignal.timeout(5000) });
    expect((await readdir(dirname(path))).sort()).toEqual(["model.safetensors", "model.safetensors.sha256"]);
  });

  it("stop waiting when their signal says so", async () => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.lock`, `${hostname()} ${process.pid} alive 0`);
    await expect(fetchWeights(source, { ...options, signal: AbortSignal.timeout(100) })).rejects.toThrow(
      "The operation was aborted due to timeout",
    );
    expect(readFileSync(`${path}.lock`, "utf8")).toContain("alive");
  });
});

describe("without a network", () => {
  it("says what to get, from where, and where to put it", async () => {
    await server.close();
    const error = await failure(fetchWeights("resnet50", { ...options, retries: 4, retryDelayMs: 60_000 }));
    const url = `${server.url}/timm/resnet50.tv_in1k/resolve/main/model.safetensors`;
    const place = join(cache, "timm", "resnet50.tv_in1k", "main", "model.safetensors");
    expect([error.code, error.url, error.path]).toEqual(["offline", url, place]);
    expect(error.message).toBe(
      `fetchWeights: expected a connection to ${new URL(url).host} for the weights resnet50, got ECONNREFUSED; to do without, download ${url} elsewhere and place it at ${place}`,
    );
    expect(error.cause).toBeInstanceOf(Error);
  });

  it("says so too for a release and for a name that does not resolve", async () => {
    const fetch = () =>
      Promise.reject(
        new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ENOTFOUND" }) }),
      );
    const error = await failure(fetchWeights("resnet50_ibn_a", { ...options, fetch }));
    const { url } = pretrainedWeights.resnet50_ibn_a as { url: string };
    expect(error.message).toBe(
      `fetchWeights: expected a connection to github.com for the weights resnet50_ibn_a, got ENOTFOUND; to do without, download ${url} elsewhere and place it at ${join(cache, "github.com/XingangPan/IBN-Net/releases/download/v1.0/resnet50_ibn_a-d9d0bb7b.pth")}`,
    );
  });

  it("waits for one that goes away in the middle", async () => {
    let calls = 0;
    const fetch: typeof globalThis.fetch = async (input, init) => {
      calls += 1;
      if (calls === 3)
        throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ENETUNREACH" }) });
      return await globalThis.fetch(input, init);
    };
    server.served.intercept = (request, response, index) =>
      index === 0 && breakOff(request, response, server.served, 70_000);
    await fetchWeights(source, { ...options, retries: 2, fetch });
    expect(server.ranges()).toEqual([undefined, "bytes=70000-"]);
  });

  it("names the package that the hub needs, and needs none for a release", async () => {
    vi.doMock("@huggingface/hub", () => {
      throw new Error("Cannot find package");
    });
    try {
      const error = await failure(fetchWeights(source, options));
      const url = `${server.url}/org/net/resolve/main/model.safetensors`;
      expect(error.code).toBe("missing-package");
      expect(error.message).toBe(
        `fetchWeights: expected the package @huggingface/hub, which downloads from the hub, got none; install it (npm install @huggingface/hub), or to do without, download ${url} elsewhere and place it at ${path}`,
      );
      await fetchWeights({ url: `${server.url}/net.pth` }, options);
    } finally {
      vi.doUnmock("@huggingface/hub");
    }
  });
});

describe("a file put in its place by hand", () => {
  it("is taken as it is where nothing is known of it", async () => {
    await place(Buffer.from("mine"));
    expect(await fetchWeights(source, options)).toBe(path);
    expect(readFileSync(path, "utf8")).toBe("mine");
    expect(server.seen).toEqual([]);
  });

  it("is checked against the source's checksum and length, and kept when they differ", async () => {
    await place(body);
    expect(await fetchWeights({ ...source, sha256: sha256(body), bytes: 300_000 }, options)).toBe(path);
    const error = await failure(fetchWeights({ ...source, sha256: "0".repeat(64) }, options));
    expect(error.code).toBe("checksum-mismatch");
    expect(error.message).toBe(
      `fetchWeights: expected ${path} to have the SHA-256 ${"0".repeat(64)}, got ${sha256(body)}; remove it to download it again`,
    );
    expect((await failure(fetchWeights({ ...source, bytes: 1 }, options))).message).toBe(
      `fetchWeights: expected ${path} to have 1 bytes, got 300000; remove it to download it again`,
    );
    expect(readFileSync(path).equals(body)).toBe(true);
    expect(server.seen).toEqual([]);
  });

  it("is checked against the prefix that the table knows", async () => {
    path = weightsPath("resnest50", { cache });
    await place(body);
    expect((await failure(fetchWeights("resnest50", options))).message).toBe(
      `fetchWeights: expected ${path} to have a SHA-256 that begins with 528c19ca, got ${sha256(body)}; remove it to download it again`,
    );
  });

  it("is checked against what its download noted", async () => {
    await fetchWeights(source, options);
    await writeFile(path, "changed");
    expect((await failure(fetchWeights(source, options))).message).toBe(
      `fetchWeights: expected ${path} to have the SHA-256 ${sha256(body)}, got ${sha256(Buffer.from("changed"))}; remove it and ${path}.sha256 to download it again`,
    );
  });
});

describe("weightsPath", () => {
  it("is under the home folder unless told otherwise", () => {
    expect(weightsPath("resnet50")).toBe(
      join(homedir(), ".cache", "lmk", "timm", "resnet50.tv_in1k", "main", "model.safetensors"),
    );
    expect(weightsPath("resnet50", { cache: "weights" })).toBe(
      join("weights", "timm", "resnet50.tv_in1k", "main", "model.safetensors"),
    );
    expect(weightsPath({ url: "https://example.org:8443/a/b.pth" }, { cache: "weights" })).toBe(
      join("weights", "example.org_8443", "a", "b.pth"),
    );
  });

  it.each([
    ["?", "b.pth"],
    ["#part", "b.pth"],
    ["?x=1", "b.pth%3Fx%3D1"],
    ["?x=2", "b.pth%3Fx%3D2"],
    ["?../*|%2F", "b.pth%3F..%2F%2A%7C%252F"],
    [`?${"x".repeat(97)}`, `b.pth%3F${"x".repeat(97)}`],
    [`?${"x".repeat(98)}`, `b.pth%3F${sha256(Buffer.from(`?${"x".repeat(98)}`))}`],
  ])("keeps apart URLs that differ in their query: %s", (query, file) => {
    expect(weightsPath({ url: `https://example.org/a/b.pth${query}` }, { cache: "weights" })).toBe(
      join("weights", "example.org", "a", file),
    );
  });

  it.each<[unknown, string]>([
    ["resnet51", `\`weights\` to be one of ${Object.keys(pretrainedWeights).join(", ")}, got resnet51`],
    [
      { ...source, file: "/x" },
      '`file` to be names of letters, digits and "_.+=,@ -" with "/" between, got "/x"',
    ],
    [{ ...source, sha256: "abc" }, "`sha256` to be 64 hexadecimal digits, got abc"],
    [{ ...source, bytes: 0 }, "`bytes` to be a whole number above 0, got 0"],
    [{ url: "https://x/" }, "`url` to be an http or https URL of a file, got https://x/"],
  ])("refuses %j under its own name", (weights, message) => {
    expect(() => weightsPath(weights as WeightsSource)).toThrow(
      new RangeError(`weightsPath: expected ${message}`),
    );
  });
});

describe("a refusal", () => {
  const segments = (argument: string, count: string, got: string) =>
    `fetchWeights: expected \`${argument}\` to be ${count} of letters, digits and "_.+=,@ -" with "/" between, got ${JSON.stringify(got)}`;

  it.each<[unknown, FetchWeightsOptions, string]>([
    [{ ...source, repository: "../x" }, {}, segments("repository", "one or two names", "../x")],
    [{ ...source, repository: "a/b/c" }, {}, segments("repository", "one or two names", "a/b/c")],
    [{ ...source, repository: "" }, {}, segments("repository", "one or two names", "")],
    [{ ...source, file: "../../x" }, {}, segments("file", "names", "../../x")],
    [{ ...source, file: "/etc/x" }, {}, segments("file", "names", "/etc/x")],
    [{ ...source, file: "a\\b" }, {}, segments("file", "names", "a\\b")],
    [{ ...source, file: "a?b" }, {}, segments("file", "names", "a?b")],
    [{ ...source, revision: ".." }, {}, segments("revision", "names", "..")],
    [
      { ...source, sha256: "abc" },
      {},
      "fetchWeights: expected `sha256` to be 64 hexadecimal digits, got abc",
    ],
    [{ ...source, bytes: 0 }, {}, "fetchWeights: expected `bytes` to be a whole number above 0, got 0"],
    [
      { url: "https://x/y", sha256Prefix: "xyz" },
      {},
      "fetchWeights: expected `sha256Prefix` to be 6 to 64 hexadecimal digits, got xyz",
    ],
    [
      { url: "file:///x" },
      {},
      "fetchWeights: expected `url` to be an http or https URL of a file, got file:///x",
    ],
    [
      { url: "https://x/" },
      {},
      "fetchWeights: expected `url` to be an http or https URL of a file, got https://x/",
    ],
    [
      { url: "https://x/a%2f..%2fb" },
      {},
      "fetchWeights: expected `url` to be an http or https URL of a file, got https://x/a%2f..%2fb",
    ],
    [
      { url: "https://x/a%3Fb" },
      {},
      "fetchWeights: expected `url` to be an http or https URL of a file, got https://x/a%3Fb",
    ],
    [source, { hubUrl: "hub" }, "fetchWeights: expected `hubUrl` to be an http or https URL, got hub"],
    [
      source,
      { hubUrl: "https://h/" },
      "fetchWeights: expected `hubUrl` to be an http or https URL, got https://h/",
    ],
    [
      source,
      { accessToken: "secret" },
      'fetchWeights: expected `accessToken` to begin with "hf_", got another text',
    ],
    [source, { retries: -1 }, "fetchWeights: expected `retries` to be a whole number from 0 to 20, got -1"],
    [
      source,
      { retryDelayMs: Number.NaN },
      "fetchWeights: expected `retryDelayMs` to be a finite number of at least 0, got NaN",
    ],
  ])("of %j with %j names the argument", async (weights, changed, message) => {
    const call = fetchWeights(weights as WeightsSource, { ...options, ...changed });
    await expect(call).rejects.toThrow(new RangeError(message));
    expect(server.seen).toEqual([]);
    expect(await readdir(cache)).toEqual([]);
  });

  it("of a name lists the table", async () => {
    await expect(fetchWeights("resnet51" as "resnet50", options)).rejects.toThrow(
      new RangeError(
        `fetchWeights: expected \`weights\` to be one of ${Object.keys(pretrainedWeights).join(", ")}, got resnet51`,
      ),
    );
  });
});

describe("pretrainedWeights", () => {
  it("holds sources that the downloader takes, no file twice", () => {
    const paths = Object.keys(pretrainedWeights).map((name) => weightsPath(name as "resnet50", { cache }));
    expect(new Set(paths).size).toBe(paths.length);
  });

  it("names networks of this package, and all but those without weights of their own", () => {
    const networks = new Set(Object.keys(pretrainedWeights).map((name) => name.split(".")[0]!));
    const variants = [
      alikeVariants,
      efficientnetVariants,
      fishnetVariants,
      mobilenetV3Variants,
      resnestVariants,
      resnetVariants,
      rexnetVariants,
      swinVariants,
    ];
    const names = variants.flatMap((table) => Object.keys(table));
    expect([...networks].filter((name) => !names.includes(name))).toEqual([]);
    const without = ["fishnet201", "mobilenetv3_large_075", "resnet152_ibn_a"];
    const plain = [0, 1, 2, 3, 4, 5, 6, 7].map((scale) => `efficientnet_b${scale}`);
    expect(names.filter((name) => !networks.has(name)).sort()).toEqual([...plain, ...without]);
  });

  it("repeats in a release's name the checksum that it states", () => {
    for (const source of Object.values(pretrainedWeights)) {
      if (!("url" in source) || source.sha256Prefix === undefined) continue;
      expect(source.url).toMatch(new RegExp(`-${source.sha256Prefix}\\.pth$`));
    }
  });

  it("takes timm's repositories by the tag of the training", () => {
    expect(pretrainedWeights.tf_efficientnet_b0_ns).toEqual({
      repository: "timm/tf_efficientnet_b0.ns_jft_in1k",
      file: "model.safetensors",
    });
    expect(pretrainedWeights.rexnet_100).toEqual({
      repository: "timm/rexnet_100.nav_in1k",
      file: "model.safetensors",
    });
    expect(pretrainedWeights.swin_base_patch4_window7_224).toEqual({
      repository: "timm/swin_base_patch4_window7_224.ms_in22k_ft_in1k",
      file: "model.safetensors",
    });
  });
});
