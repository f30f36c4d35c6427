import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initFileOf, initHashOf } from "@lmk-example/kit";
import { afterAll, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "lmk-init-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("takes a network's own file before the one for all", () => {
  const init = { "*": "all.pth", resnet50: "own.pth" };
  expect([initFileOf({ init }, "resnet50"), initFileOf({ init }, "resnet101")]).toEqual([
    "own.pth",
    "all.pth",
  ]);
  expect(initFileOf({}, "resnet50")).toBeUndefined();
});

it("names what is in a file, so that another file in its place counts and the same elsewhere does not", async () => {
  const [file, copy] = [join(folder, "a.pth"), join(folder, "b.pth")];
  for (const path of [file, copy]) writeFileSync(path, "weights");
  const hash = await initHashOf({ init: { resnet50: file } }, "resnet50");
  expect(hash).toMatch(/^[0-9a-f]{12}$/);
  expect(await initHashOf({ init: { "*": copy } }, "resnet50")).toBe(hash);
  writeFileSync(file, "others");
  expect(await initHashOf({ init: { resnet50: file } }, "resnet50")).not.toBe(hash);
  expect(await initHashOf({}, "resnet50")).toBeUndefined();
});
