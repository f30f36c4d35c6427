import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openGldv2 } from "@lmk/data";
import {
  corruptParisImages,
  type DownloadDatasetOptions,
  type DownloadError,
  datasetFiles,
  downloadDataset,
  planDataset,
} from "@lmk/data/download";
import { beforeEach, describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";
import { hashOf, startFileServer } from "./file-server.ts";
import { packed, publishGldv2, treeOf } from "./published-files.ts";

const folder = createTemporaryFolder();
const server = await startFileServer();
const expected = await publishGldv2(server, join(folder.path, "published"));
const content = /\.(jpg|csv|pkl)$/;
const options: DownloadDatasetOptions = {
  baseUrl: server.url,
  archives: [0, 1],
  retryDelayMs: 1,
  timeoutMs: 5000,
};

let count = 0;
let root = "";
beforeEach(() => {
  count += 1;
  root = join(folder.path, `root-${count}`);
  server.requests.length = 0;
});

/** Paths asked for with GET, with the ranges. */
function fetched(pattern: RegExp): string[] {
  return server.requests
    .filter(({ method, path }) => method === "GET" && pattern.test(path))
    .map(({ path, range }) => (range === undefined ? path : `${path} ${range}`))
    .sort();
}

it("brings and unpacks Google Landmarks v2, deletes the archives, and reads as one", async () => {
  expect(await downloadDataset("gldv2", root, options)).toEqual({ files: 18, complete: 0, unpacked: 36 });
  expect(treeOf(root, content)).toEqual(expected);
  expect(Object.keys(treeOf(root, /\.(tar|partial|json)$/))).toEqual([]);
  const marker = JSON.parse(treeOf(root, /unpacked$/)["test/images_001.tar.unpacked"]!);
  const tar = server.get("test/images_001.tar").body;
  expect(marker).toEqual({
    url: `${server.url}/test/images_001.tar`,
    md5: hashOf("md5", tar),
    files: 6,
    bytes: marker.bytes,
    archiveBytes: tar.length,
    kept: false,
  });
  const data = await openGldv2(root);
  expect([data.train.ids.length, data.index.ids.length, data.test.ids.length]).toEqual([12, 12, 12]);
  for (const split of [data.train, data.index, data.test]) {
    for (let row = 0; row < 12; row++) expect(existsSync(split.paths.at(row))).toBe(true);
  }
  expect(data.clean?.length).toBe(2);
  expect(data.retrieval).toBeDefined();

  server.requests.length = 0;
  expect(await downloadDataset("gldv2", root, options)).toEqual({ files: 0, complete: 18, unpacked: 0 });
  expect(server.requests).toEqual([]);
});

it("keeps archives if told to, and does not ask for them again", async () => {
  const some: DownloadDatasetOptions = { ...options, splits: ["test"], keepArchives: true };
  await downloadDataset("gldv2", root, some);
  expect(statSync(join(root, "test", "images_000.tar")).size).toBe(
    server.get("test/images_000.tar").body.length,
  );
  server.requests.length = 0;
  await downloadDataset("gldv2", root, some);
  expect(server.requests).toEqual([]);
  await downloadDataset("gldv2", root, { ...some, keepArchives: false });
  expect(existsSync(join(root, "test", "images_000.tar"))).toBe(true);
});

it("goes on after the process was killed, and ends with the same files", { timeout: 60_000 }, async () => {
  const tar = server.get("index/images_000.tar");
  const half = tar.body.length >> 1;
  tar.faults.push({ kind: "stall", after: half });
  const script = `import { downloadDataset } from "@lmk/data/download";
    await downloadDataset("gldv2", ${JSON.stringify(root)}, ${JSON.stringify({ ...options, concurrency: 1, timeoutMs: 60_000 })});`;
  const child = spawn(
    process.execPath,
    ["--conditions=@lmk/source", "--import", "tsx", "--input-type=module", "--eval", script],
    { cwd: fileURLToPath(new URL("../..", import.meta.url)), stdio: ["ignore", "ignore", "inherit"] },
  );
  const ended = new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
  const partial = join(root, "index", "images_000.tar.partial");
  for (let i = 0; i < 400 && !(existsSync(partial) && statSync(partial).size === half); i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill("SIGKILL");
  expect(await ended).toBe("SIGKILL");
  expect(statSync(partial).size).toBe(half);

  server.requests.length = 0;
  await downloadDataset("gldv2", root, options);
  expect(treeOf(root, content)).toEqual(expected);
  // Train was unpacked before; of the archive that was cut, only the second half is asked for.
  expect(fetched(/tar$/)).toEqual([
    `index/images_000.tar bytes=${half}-`,
    "index/images_001.tar",
    "test/images_000.tar",
    "test/images_001.tar",
  ]);
});

it("unpacks again an archive whose unpacking was cut", async () => {
  const some: DownloadDatasetOptions = { ...options, splits: ["test"], archives: [0, 0] };
  const image = Object.keys(expected).find((path) => path.startsWith("test/"))!;
  mkdirSync(join(root, image, ".."), { recursive: true });
  writeFileSync(join(root, image), "half a pho");
  writeFileSync(join(root, "test", "images_000.tar"), server.get("test/images_000.tar").body);
  await downloadDataset("gldv2", root, some);
  const unpacked = treeOf(root, /jpg$/);
  expect(Object.keys(unpacked).length).toBe(6);
  for (const [path, bytes] of Object.entries(unpacked)) expect(bytes).toBe(expected[path]);
  expect(fetched(/tar$/)).toEqual([]);
});

it("brings an archive again that was put there by hand and is not whole", async () => {
  const some: DownloadDatasetOptions = { ...options, splits: ["test"], archives: [0, 0] };
  const { body } = server.get("test/images_000.tar");
  mkdirSync(join(root, "test"), { recursive: true });
  writeFileSync(join(root, "test", "images_000.tar"), body.subarray(0, body.length >> 1));
  await downloadDataset("gldv2", root, some);
  const unpacked = treeOf(root, /jpg$/);
  expect(Object.keys(unpacked).length).toBe(6);
  for (const [path, bytes] of Object.entries(unpacked)) expect(bytes).toBe(expected[path]);
  expect(fetched(/tar$/)).toEqual(["test/images_000.tar"]);
});

it("removes an archive whose unpacking was marked by a process that was killed before it could", async () => {
  const some: DownloadDatasetOptions = { ...options, splits: ["test"] };
  await downloadDataset("gldv2", root, some);
  const archive = join(root, "test", "images_000.tar");
  writeFileSync(archive, server.get("test/images_000.tar").body);
  await planDataset("gldv2", root, some);
  expect(existsSync(archive)).toBe(true);
  server.requests.length = 0;
  await downloadDataset("gldv2", root, some);
  expect(existsSync(archive)).toBe(false);
  expect(server.requests).toEqual([]);
});

it("goes on after an abort between archives and within one", async () => {
  const controller = new AbortController();
  const onProgress = ({ doneFiles }: { doneFiles: number }): void => {
    if (doneFiles === 14) controller.abort(new Error("enough"));
  };
  const stopped = downloadDataset("gldv2", root, {
    ...options,
    concurrency: 1,
    signal: controller.signal,
    onProgress,
  });
  expect(((await rejectionOf(stopped)) as Error).message).toBe("enough");
  expect(Object.keys(treeOf(root, /unpacked$/)).length).toBe(2);
  await downloadDataset("gldv2", root, options);
  expect(treeOf(root, content)).toEqual(expected);
});

it("brings the others if an archive is not there, has a wrong checksum, or no checksum", async () => {
  const real = server.get("train/images_000.tar");
  const md5 = server.get("md5sum/index/md5.images_000.txt");
  const right = md5.body;
  server.add("train/images_000.tar", "not here", {
    faults: [
      { kind: "status", status: 403 },
      { kind: "status", status: 403 },
    ],
  });
  md5.body = Buffer.from("<html>\n");
  const wrong = "0".repeat(32);
  server.add("md5sum/test/md5.images_001.txt", `${wrong}  images_001.tar\n`);
  const error = (await rejectionOf(downloadDataset("gldv2", root, options))) as DownloadError;
  expect(error.failures.map(({ message }) => message)).toEqual([
    `${server.url}/train/images_000.tar: expected status 200, got 403 Forbidden`,
    `${server.url}/md5sum/index/md5.images_000.txt:1: expected one line of an MD5 sum of 32 hexadecimal digits, two blanks and a file name, got "<html>"`,
    `${server.url}/test/images_001.tar: expected md5 ${wrong}, got ${hashOf("md5", server.get("test/images_001.tar").body)}`,
  ]);
  expect(Object.keys(treeOf(root, /unpacked$/))).toHaveLength(3);

  server.add("train/images_000.tar", real.body);
  md5.body = right;
  const tar = server.get("test/images_001.tar").body;
  server.add("md5sum/test/md5.images_001.txt", `${hashOf("md5", tar)}  images_001.tar\n`);
  await downloadDataset("gldv2", root, options);
  expect(treeOf(root, content)).toEqual(expected);
});

it("looks for space for what comes, what is unpacked, and the archives on their way", async () => {
  const size = (path: string): number => server.get(path).body.length;
  const some: DownloadDatasetOptions = { ...options, splits: ["test"], concurrency: 1 };
  const tables = datasetFiles("gldv2", root, { ...some, metadataOnly: true, archives: [0, 1] });
  const tableBytes = tables.reduce((sum, { url }) => sum + size(url.slice(server.url.length + 1)), 0);
  const [first, second] = [size("test/images_000.tar"), size("test/images_001.tar")];
  const unpacked = Math.ceil(first * 1.05) + Math.ceil(second * 1.05);
  const plan = await planDataset("gldv2", root, some);
  expect(plan.missing.length).toBe(5);
  expect(plan.complete).toBe(0);
  expect(plan.missing[4]).toEqual({ file: datasetFiles("gldv2", root, some)[4], bytes: second });
  expect(plan.bytes).toBe(tableBytes + first + second);
  expect(plan.neededBytes).toBe(tableBytes + unpacked + Math.max(first, second));
  const kept = await planDataset("gldv2", root, { ...some, keepArchives: true });
  expect(kept.neededBytes).toBe(tableBytes + unpacked + first + second);
  expect(existsSync(root)).toBe(false);

  server.requests.length = 0;
  const free = plan.neededBytes - 1;
  const tight = downloadDataset("gldv2", root, { ...some, freeBytes: async () => free });
  const error = (await rejectionOf(tight)) as DownloadError;
  expect(error.code).toBe("no-space");
  expect(error.message).toBe(
    `${folder.path}: expected ${free + 1} bytes free (0.0 GB), got ${free} (0.0 GB)`,
  );
  expect(existsSync(root)).toBe(false);
  expect(server.requests.every(({ method }) => method === "HEAD")).toBe(true);
  await downloadDataset("gldv2", root, { ...some, freeBytes: async () => free + 1 });
});

it("brings revisited Oxford into one folder of images, and checks its ground truth", async () => {
  const files = { "all_souls_000000.jpg": "a", "ashmolean_000001.jpg": "b" };
  server.add("oxbuild_images-v1.tgz", await packed(join(folder.path, "oxford"), files, true));
  server.add("gnd_roxford5k.pkl", "not the published one");
  const places = { baseUrl: server.url, groundTruthUrl: server.url, retryDelayMs: 1 };
  const error = (await rejectionOf(downloadDataset("roxford5k", root, places))) as DownloadError;
  expect(error.message).toBe(
    `${server.url}/gnd_roxford5k.pkl: expected sha256 ba7967754bd2d7d2210a5799f9c45ad5835e269a80ef9d3eba44caa35816c471, got ${hashOf("sha256", "not the published one")}`,
  );
  expect(treeOf(root, content)).toEqual({ "jpg/all_souls_000000.jpg": "a", "jpg/ashmolean_000001.jpg": "b" });
});

describe("an archive without a published checksum that is none", () => {
  const page = "<html>please log in</html>".repeat(100);
  const places = { baseUrl: server.url, groundTruthUrl: server.url, retryDelayMs: 1 };
  const name = "oxbuild_images-v1.tgz";

  beforeEach(() => {
    mkdirSync(root);
    writeFileSync(join(root, "gnd_roxford5k.pkl"), "stands there");
  });

  it("is fetched anew by the next call", async () => {
    server.add(name, page);
    const error = (await rejectionOf(downloadDataset("roxford5k", root, places))) as DownloadError;
    expect(error.message).toBe(
      `${join(root, name)}: expected a whole tar archive, got TAR_ENTRY_INVALID: checksum failure`,
    );
    expect(Object.keys(treeOf(root))).toEqual(["gnd_roxford5k.pkl"]);
    server.add(name, await packed(join(folder.path, "anew"), { "a.jpg": "a" }, true));
    await downloadDataset("roxford5k", root, places);
    expect(treeOf(root, content)).toMatchObject({ "jpg/a.jpg": "a" });
  });

  it("stays if the user put it there", async () => {
    writeFileSync(join(root, name), page);
    const error = (await rejectionOf(downloadDataset("roxford5k", root, places))) as DownloadError;
    expect(error.message).toBe(
      `${join(root, name)}: expected a whole tar archive, got TAR_ENTRY_INVALID: checksum failure; remove it to have it fetched anew`,
    );
    expect(existsSync(join(root, name))).toBe(true);
  });

  it("stays if the disk refuses what is in it", async () => {
    server.add(name, await packed(join(folder.path, "refused"), { "a.jpg": "a" }, true));
    writeFileSync(join(root, "jpg"), "in the way");
    await rejectionOf(downloadDataset("roxford5k", root, places));
    expect(existsSync(join(root, name))).toBe(true);
  });
});

const otherDisk = "/dev/shm";
const hasOtherDisk = existsSync(otherDisk) && statSync(otherDisk).dev !== statSync(folder.path).dev;

it.skipIf(!hasOtherDisk)("looks for the space of images on the disk where they go", async () => {
  server.add("oxbuild_images-v1.tgz", Buffer.alloc(1000));
  server.add("gnd_roxford5k.pkl", Buffer.alloc(10));
  mkdirSync(root);
  const images = mkdtempSync(join(otherDisk, "lmk-download-"));
  symlinkSync(images, join(root, "jpg"));
  const places = { baseUrl: server.url, groundTruthUrl: server.url, retryDelayMs: 1 };
  const free = { [root]: 1010, [join(root, "jpg")]: 1049 };
  const freeBytes = async (place: string): Promise<number> => free[place]!;
  const error = await rejectionOf(downloadDataset("roxford5k", root, { ...places, freeBytes }));
  rmSync(images, { recursive: true });
  expect((error as Error).message).toBe(
    `${join(root, "jpg")}: expected 1050 bytes free (0.0 GB), got 1049 (0.0 GB)`,
  );
});

it("leaves the corrupt images of Paris out, and the folders of its archives", async () => {
  const one = {
    "paris/defense/paris_defense_000000.jpg": "a",
    [`paris/louvre/${corruptParisImages[0]}`]: "x",
  };
  const two = { "paris/triomphe/paris_triomphe_000000.jpg": "b" };
  server.add("paris_1-v1.tgz", await packed(join(folder.path, "paris-1"), one, true));
  server.add("paris_2-v1.tgz", await packed(join(folder.path, "paris-2"), two, true));
  const places = { baseUrl: server.url, groundTruthUrl: server.url, retryDelayMs: 1 };
  await rejectionOf(downloadDataset("rparis6k", root, places));
  expect(treeOf(root, content)).toEqual({
    "jpg/paris_defense_000000.jpg": "a",
    "jpg/paris_triomphe_000000.jpg": "b",
  });
});
