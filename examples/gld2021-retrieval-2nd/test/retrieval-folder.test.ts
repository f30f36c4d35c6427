import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readRetrievalFolder } from "../src/retrieval-folder.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-folder-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function touch(...files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
}

it("finds images however deep, in the order of their paths", () => {
  touch("test/b/0/0/b00.jpg", "test/a/1/2/a12.jpg", "test/readme.txt", "index/c/c1.jpg");
  const { test, index } = readRetrievalFolder(folder);
  expect([test.ids.at(0), test.ids.at(1), test.ids.length]).toEqual(["a12", "b00", 2]);
  expect(test.paths.at(1)).toBe(join(folder, "test", "b", "0", "0", "b00.jpg"));
  expect(index.ids.at(0)).toBe("c1");
});

it("refuses an image that is there twice, and a folder without images", () => {
  touch("index/d/c1.jpg");
  expect(() => readRetrievalFolder(folder)).toThrow(
    `${join(folder, "index")}: expected each image once, got c1 again; remove one of the two files`,
  );
  rmSync(join(folder, "index"), { recursive: true });
  mkdirSync(join(folder, "index"));
  expect(() => readRetrievalFolder(folder)).toThrow(
    `${join(folder, "index")}: expected .jpg images, got none; check --image-dir`,
  );
});
