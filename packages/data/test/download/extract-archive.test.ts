import {
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { extractArchive } from "@lmk/data/download";
import { Header, type HeaderData } from "tar";
import { beforeEach, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";
import { packed, treeOf } from "./published-files.ts";

const folder = createTemporaryFolder();
let count = 0;
let root = "";
beforeEach(() => {
  count += 1;
  root = join(folder.path, `root-${count}`);
});

/** An archive of entries as they are, which no tar program would write. */
function forged(...entries: (HeaderData & { content?: string })[]): string {
  const blocks = entries.flatMap(({ content = "", ...data }) => {
    const header = Buffer.alloc(512);
    new Header({ mode: 0o644, size: content.length, type: "File", ...data }).encode(header);
    return [header, Buffer.from(content.padEnd(Math.ceil(content.length / 512) * 512, "\0"))];
  });
  return folder.write(`forged-${count}.tar`, Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

it("unpacks plain and compressed archives, and counts", async () => {
  const files = { "a/b/x.jpg": "one", "y.jpg": "three" };
  for (const gzip of [false, true]) {
    const archive = folder.write(`made-${gzip}`, await packed(join(folder.path, `in-${gzip}`), files, gzip));
    expect(await extractArchive(archive, join(root, `${gzip}`))).toEqual({ files: 2, bytes: 8 });
    expect(treeOf(join(root, `${gzip}`))).toEqual(files);
  }
});

it("drops folders and what is not wanted", async () => {
  const files = { "a/b/x.jpg": "one", "c/y.jpg": "two", "c/z.jpg": "three" };
  const archive = folder.write("flat.tar", await packed(join(folder.path, "flat"), files));
  expect(await extractArchive(archive, root, { flat: true, leaveOut: ["y.jpg"] })).toEqual({
    files: 2,
    bytes: 8,
  });
  expect(treeOf(root)).toEqual({ "x.jpg": "one", "z.jpg": "three" });
});

it.each<[string, HeaderData, string]>([
  ["a name that climbs out", { path: "../evil.jpg" }, "names below the folder, got ../evil.jpg"],
  [
    "one that climbs out on its way",
    { path: "a/../../evil.jpg" },
    "names below the folder, got a/../../evil.jpg",
  ],
  ["one with back slashes", { path: "..\\evil.jpg" }, "names below the folder, got ..\\evil.jpg"],
  ["an absolute name", { path: "/tmp/evil.jpg" }, "names below the folder, got /tmp/evil.jpg"],
  ["a drive", { path: "C:/evil.jpg" }, "names below the folder, got C:/evil.jpg"],
  [
    "a symbolic link",
    { path: "link", type: "SymbolicLink", linkpath: ".." },
    "files and folders, got link of type SymbolicLink",
  ],
  ["a link", { path: "link", type: "Link", linkpath: "a.jpg" }, "files and folders, got link of type Link"],
  [
    "a device",
    { path: "tty", type: "CharacterDevice" },
    "files and folders, got tty of type CharacterDevice",
  ],
])("refuses %s, and nothing behind it is written", async (_, entry, message) => {
  const archive = forged(
    { path: "good.jpg", content: "good" },
    { ...entry, content: entry.type === undefined ? "evil" : "" },
    { path: "link/after.jpg", content: "after" },
  );
  const before = readdirSync(folder.path).length;
  const error = await rejectionOf(extractArchive(archive, root));
  expect((error as Error).message).toBe(`${archive}: expected ${message}`);
  expect(readdirSync(folder.path).length).toBe(before + 1);
  expect(readdirSync(root).filter((name) => name !== "good.jpg")).toEqual([]);
  expect(existsSync("/tmp/evil.jpg")).toBe(false);
});

it("has written what stood before an entry that it refuses when it ends", async () => {
  const content = "photo ".repeat(5000);
  const good = Array.from({ length: 60 }, (_, i) => ({ path: `${i}.jpg`, content }));
  const archive = forged(...good, { path: "../evil.jpg", content: "evil" }, { path: "z.jpg", content: "z" });
  await rejectionOf(extractArchive(archive, root));
  const files = readdirSync(root);
  expect(files.length).toBe(60);
  for (const file of files) expect(statSync(join(root, file)).size).toBe(content.length);
});

it("writes nothing any more once an abort has ended it", async () => {
  const content = "photo ".repeat(20_000);
  const archive = forged(...Array.from({ length: 200 }, (_, i) => ({ path: `${i}.jpg`, content })));
  const sizes = (): number[] => readdirSync(root).map((file) => statSync(join(root, file)).size);
  const controller = new AbortController();
  const extracted = rejectionOf(extractArchive(archive, root, { signal: controller.signal }));
  while (!existsSync(root) || readdirSync(root).length === 0) await new Promise(setImmediate);
  controller.abort(new Error("enough"));
  expect(((await extracted) as Error).message).toBe("enough");
  const before = sizes();
  expect(before.length).toBeLessThan(200);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sizes()).toEqual(before);
});

it("names a link that stands in the way of a file", async () => {
  const elsewhere = join(folder.path, "elsewhere");
  mkdirSync(elsewhere);
  mkdirSync(root);
  symlinkSync(elsewhere, join(root, "a"));
  const archive = forged({ path: "a/x.jpg", content: "x" });
  const error = (await rejectionOf(extractArchive(archive, root))) as Error;
  expect(error.message).toBe(`${archive}: expected no link in the way of a/x.jpg, got ${join(root, "a")}`);
  expect("syscall" in error).toBe(false);
  expect(readdirSync(elsewhere)).toEqual([]);
});

it("names an archive that was cut, and what is no archive", async () => {
  const files = { "x.jpg": "one".repeat(5000) };
  const archive = folder.write("cut.tar", await packed(join(folder.path, "cut"), files));
  truncateSync(archive, 3000);
  expect(((await rejectionOf(extractArchive(archive, root))) as Error).message).toMatch(
    /^.*cut\.tar: expected a whole tar archive, got .*Truncated input/,
  );
  const zipped = folder.write("cut.tgz", await packed(join(folder.path, "cut"), files, true));
  truncateSync(zipped, statSync(zipped).size - 20);
  expect(((await rejectionOf(extractArchive(zipped, root))) as Error).message).toMatch(
    /^.*cut\.tgz: expected a whole tar archive, got .*unexpected end of file/,
  );
  const text = folder.write("page.tar", "<html>".repeat(500));
  expect(((await rejectionOf(extractArchive(text, root))) as Error).message).toMatch(
    /^.*page\.tar: expected a whole tar archive, got .*checksum failure/,
  );
});

it("passes on what the disk says", async () => {
  const missing = await rejectionOf(extractArchive(join(folder.path, "absent.tar"), root));
  expect((missing as NodeJS.ErrnoException).code).toBe("ENOENT");
  writeFileSync(join(folder.path, "in-the-way"), "");
  const archive = forged({ path: "in-the-way/x.jpg", content: "x" });
  const blocked = await rejectionOf(extractArchive(archive, folder.path));
  expect((blocked as Error).message).toMatch(/in-the-way/);
});

it("stops at once if it is told to before it begins", async () => {
  const archive = forged({ path: "x.jpg", content: "x" });
  const signal = AbortSignal.abort(new Error("enough"));
  expect(((await rejectionOf(extractArchive(archive, root, { signal }))) as Error).message).toBe("enough");
  expect(existsSync(root)).toBe(false);
});
