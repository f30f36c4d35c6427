import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { DataFormatError, readImageFolder } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const root = join(folder.path, "photos");
for (const name of [
  "zoo/2.JPG",
  "zoo/10.jpeg",
  "zoo/.hidden.jpg",
  "zoo/notes.txt",
  "zoo/deeper.d/3.txt",
  "Old Bridge/a, b.webp",
  "Old Bridge/ä.png",
  "empty/readme.md",
  ".git/x.jpg",
  "loose.jpg",
]) {
  folder.write(`photos/${name}`, "");
}
symlinkSync(join(root, "zoo/2.JPG"), join(root, "zoo/link.png"));

describe("readImageFolder", () => {
  it("reads places and images in the order of their names", () => {
    const images = readImageFolder(root);
    expect(images.places).toEqual(["Old Bridge", "zoo"]);
    expect(Array.from({ length: images.ids.length }, (_, row) => images.ids.at(row))).toEqual([
      "Old%20Bridge/a%2C%20b.webp",
      "Old%20Bridge/%C3%A4.png",
      "zoo/10.jpeg",
      "zoo/2.JPG",
      "zoo/link.png",
    ]);
    expect(images.landmarkIds).toEqual(Int32Array.of(0, 0, 1, 1, 1));
    expect(images.paths.at(0)).toBe(join(root, "Old Bridge", "a, b.webp"));
    expect(images.ids.rowOf("zoo/2.JPG")).toBe(3);
  });

  it("names a link that leads to itself", () => {
    const loop = folder.write("links/a/b.jpg", "").replace("b.jpg", "loop.jpg");
    symlinkSync(loop, loop);
    expect(() => readImageFolder(join(folder.path, "links"))).toThrow(
      new DataFormatError("unreadable-file", loop, 0, "expected a readable file, got ELOOP"),
    );
  });

  it("refuses a folder without places, and one that is not there", () => {
    const none = join(root, "zoo");
    expect(() => readImageFolder(none)).toThrow(
      new DataFormatError(
        "no-images",
        none,
        0,
        "expected sub-folders, one per place, with .jpg, .jpeg, .png, .webp images, got none",
      ),
    );
    expect(() => readImageFolder(join(root, "gone"))).toThrow(
      new DataFormatError("missing-file", join(root, "gone"), 0, "expected a folder, got none"),
    );
    expect(() => readImageFolder(join(root, "loose.jpg"))).toThrow(
      new DataFormatError(
        "unreadable-file",
        join(root, "loose.jpg"),
        0,
        "expected a readable folder, got ENOTDIR",
      ),
    );
  });
});
