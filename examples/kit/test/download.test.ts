import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadData, type ExampleProgram, runProgram, UserError } from "@lmk-example/kit";
import sharp from "sharp";
import { create } from "tar";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";

let folder = "";
let mirror = "";
let lines: string[] = [];
const files = new Map<string, Buffer>();
const server = createServer((request, response) => {
  const body = files.get(request.url!.slice(1));
  if (body === undefined) response.writeHead(404).end();
  else response.writeHead(200, { "content-length": body.length }).end(body);
});
/** The pickle of a ground truth with the image all_souls_000000 and the query all_souls_000001. */
const groundTruth =
  "gAJ9cQAoWAYAAABpbWxpc3RxAV1xAlgQAAAAYWxsX3NvdWxzXzAwMDAwMHEDYVgHAAAAcWltbGlzdHEEXXEFWBAAAABhbGxfc291bHNfMDAwMDAxcQZhWAMAAABnbmRxB11xCH1xCShYAwAAAGJieHEKXXELKEsASwBLCEsIZVgEAAAAZWFzeXEMXXENSwBhWAQAAABoYXJkcQ5dcQ9YBAAAAGp1bmtxEF1xEXVhdS4=";

function photo(): Promise<Buffer> {
  const create = { width: 8, height: 8, channels: 3, background: "red" } as const;
  return sharp({ create }).jpeg().toBuffer();
}

const say = (line: string): number => lines.push(line);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-kit-download-"));
  const images = join(folder, "images");
  mkdirSync(images);
  writeFileSync(join(images, "all_souls_000000.jpg"), await photo());
  const archive = join(folder, "oxbuild.tgz");
  await create({ file: archive, cwd: images, gzip: true }, ["all_souls_000000.jpg"]);
  files.set("oxbuild_images-v1.tgz", readFileSync(archive));
  files.set("gnd_roxford5k.pkl", Buffer.from("not the published one"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  lines = [];
});

it("does nothing without --download", async () => {
  expect(await downloadData({ data: folder, dryRun: false }, say)).toBe(true);
  expect(lines).toEqual([]);
});

it("shows the plan of a revisited set, from the server's own sizes", async () => {
  const data = join(folder, "dry");
  const options = { download: "roxford5k", data, mirror, dryRun: true } as const;
  expect(await downloadData(options, say)).toBe(false);
  const sizes = [...files.values()].map(({ length }) => length);
  const sum = sizes.reduce((a, b) => a + b, 0);
  expect(lines).toEqual([
    `        0.0 MB  ${mirror}/gnd_roxford5k.pkl`,
    `        0.0 MB  ${mirror}/oxbuild_images-v1.tgz`,
    `would fetch 2 files, ${sum} bytes (0.0 MB); 0 are there`,
    expect.stringMatching(/^would need \d+ bytes \(0\.0 MB\) in .*dry$/),
  ]);
});

it("keeps the images where the ground truth is not the published one, and says so", async () => {
  const data = join(folder, "wrong");
  const got = createHash("sha256").update("not the published one").digest("hex");
  const failure = await downloadData({ download: "roxford5k", data, mirror }, say).catch((error) => error);
  expect(failure).toBeInstanceOf(UserError);
  expect(failure.message).toMatch(
    new RegExp(
      `^${mirror}/gnd_roxford5k\\.pkl: expected sha256 ba79[0-9a-f]{60}, got ${got}; run the same command to try again$`,
    ),
  );
});

it("reads the ground truth, looks at every image, and ends there", async () => {
  const data = join(folder, "complete");
  mkdirSync(join(data, "jpg"), { recursive: true });
  // Of two images; it stands there already, so the published one is not fetched.
  writeFileSync(join(data, "gnd_roxford5k.pkl"), Buffer.from(groundTruth, "base64"));
  const failure = await downloadData({ download: "roxford5k", data, mirror }, say).catch((error) => error);
  expect(failure).toBeInstanceOf(UserError);
  expect(failure.message).toMatch(
    /^.*all_souls_000001\.jpg: .*; remove .*\*\.unpacked and run the same command/,
  );

  writeFileSync(join(data, "jpg", "all_souls_000001.jpg"), await photo());
  expect(await downloadData({ download: "roxford5k", data, mirror }, say)).toBe(false);
  expect(lines.slice(-2)).toEqual([
    "download roxford5k: 0 files fetched, 0 unpacked from them",
    `roxford5k: 1 images and 1 queries in ${data}; nothing to train on, so it ends here`,
  ]);
});

it.each<[string[], string]>([
  [
    ["prepare", "--download", "gldv2"],
    "--download gldv2: expected a folder to download to, got none; pass --data DIR",
  ],
  [
    ["prepare", "--dry-run", "--data", "x"],
    "--dry-run, --archives and --mirror: expected --download with them, got none",
  ],
  [
    ["prepare", "--download", "gldv3"],
    "option '--download <set>' argument 'gldv3' is invalid. Allowed choices are gldv2, roxford5k, rparis6k.; see example prepare --help",
  ],
  [
    ["prepare", "--archives", "9-0"],
    "option '--archives <first-last>' argument '9-0' is invalid. expected two numbers such as 0-9, got 9-0.; see example prepare --help",
  ],
  [
    ["prepare", "--mirror", "s3://x"],
    "option '--mirror <url>' argument 's3://x' is invalid. expected an http or https URL, got s3://x.; see example prepare --help",
  ],
  [["train", "--dry-run"], "unknown option '--dry-run'; see example train --help"],
])("refuses %j in one line", async (argv, message) => {
  const shown: string[] = [];
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => shown.push(String(text)) > 0);
  const program: ExampleProgram = {
    name: "example",
    description: "",
    stages: [
      { name: "prepare", description: "" },
      { name: "train", description: "" },
    ],
    runFolderOf: () => "",
    presets: ["small"],
    async runUpTo(_, options) {
      await downloadData(options, say);
    },
  };
  const code = await runProgram(program, argv);
  stderr.mockRestore();
  expect(code).toBe(1);
  expect(shown).toEqual([`example: ${message}\n`]);
});
