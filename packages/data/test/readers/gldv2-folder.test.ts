import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { gldv2ImagePath, readGldv2Folder, type Split } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const root = join(folder.path, "kaggle");
const digits = "0123456789abcdef";
const ids = Array.from({ length: 400 }, (_, n) => {
  return `${digits[(n * 7) % 16]}${digits[n % 3]}f${n.toString(16).padStart(13, "0")}`;
});
for (const id of ids) folder.write(`kaggle/index/${id[0]}/${id[1]}/${id[2]}/${id}.jpg`, "");

describe("readGldv2Folder", () => {
  it("lists the images of a split by ascending id", async () => {
    const index = await readGldv2Folder(root, "index");
    const sorted = [...ids].sort();
    expect(Array.from({ length: index.ids.length }, (_, row) => index.ids.at(row))).toEqual(sorted);
    expect(index.paths.length).toBe(400);
    expect(index.paths.at(399)).toBe(gldv2ImagePath(root, "index", sorted[399]));
    expect(sorted.every((id, row) => index.ids.rowOf(id) === row)).toBe(true);
  });

  it("passes over what is no image in its place, and follows links", async () => {
    const id = "abc0000000000001";
    for (const name of [
      `a/b/c/${id}.jpg`,
      "a/b/c/abd0000000000001.jpg",
      "a/b/c/abc0000000000002.JPG",
      "a/b/c/abc0000000000003.jpeg",
      "a/b/c/abc000000000004.jpg",
      "a/b/c/abcABC0000000005.jpg",
      "a/b/c/.abc0000000000006.jpg",
      "a/b/c/abc0000000000007.jpg/in-a-folder.txt",
      "a/b/c/d/abcd000000000008.jpg",
      "a/b/abc0000000000009.jpg",
      "a/b/d",
      "a/readme.md",
      "test.csv",
      "ab/c/d/abcd00000000000a.jpg",
      "elsewhere/c/d/bcd000000000000b.jpg",
    ]) {
      folder.write(`odd/test/${name}`, "");
    }
    symlinkSync("elsewhere", join(folder.path, "odd/test/b"));
    symlinkSync("abc0000000000001.jpg", join(folder.path, "odd/test/a/b/c/abc000000000000f.jpg"));
    const test = await readGldv2Folder(join(folder.path, "odd"), "test");
    expect(Array.from({ length: test.ids.length }, (_, row) => test.ids.at(row))).toEqual([
      id,
      "abc000000000000f",
      "bcd000000000000b",
    ]);
  });

  it("refuses folders that are missing, unreadable or empty", async () => {
    expect(await rejectionOf(readGldv2Folder(root, "test"))).toMatchObject({
      code: "missing-file",
      message: `${join(root, "test")}: expected a folder, got none`,
    });
    folder.write("kaggle/train", "");
    expect(await rejectionOf(readGldv2Folder(root, "train"))).toMatchObject({
      code: "unreadable-file",
      message: `${join(root, "train")}: expected a readable folder, got ENOTDIR`,
    });
    folder.write("empty/index/0/readme.md", "");
    expect(await rejectionOf(readGldv2Folder(join(folder.path, "empty"), "index"))).toMatchObject({
      code: "no-images",
      message: `${join(folder.path, "empty", "index")}: expected images a/b/c/<id>.jpg, got none`,
    });
    expect(await rejectionOf(readGldv2Folder(root, "query" as Split))).toEqual(
      new RangeError('readGldv2Folder: expected `split` to be one of train, index, test, got "query"'),
    );
  });
});
