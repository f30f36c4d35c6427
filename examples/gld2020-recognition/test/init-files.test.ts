import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initFileOf } from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { requireInits } from "../src/init-files.ts";
import { presets, withMembers } from "../src/presets.ts";

let folder = "";
let file = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-init-"));
  file = join(folder, "b7.pth");
  writeFileSync(file, "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { paper } = presets;

it("finds the file of a network by its name, or the one that has none", () => {
  expect(initFileOf({ init: { rex20: "a", "*": "b" } }, "rex20")).toBe("a");
  expect(initFileOf({ init: { rex20: "a", "*": "b" } }, "nest101")).toBe("b");
  expect(initFileOf({}, "nest101")).toBeUndefined();
});

it("takes files that are there, of networks, and one for all where there is one", () => {
  requireInits(paper);
  requireInits(paper, { tf_efficientnet_b7_ns: file, rex20: file });
  requireInits(withMembers(paper, ["b6", "b6b"]), { "*": file });
});

it("refuses others", () => {
  expect(() => requireInits(paper, { b7: file })).toThrow(
    /^--init: expected one of tf_efficientnet_b7_ns, .*rex20 before =, got b7; correct it$/,
  );
  expect(() => requireInits(paper, { rex20: join(folder, "none.pth") })).toThrow(
    `--init: expected a file of weights, got no ${join(folder, "none.pth")}; correct the path`,
  );
  expect(() => requireInits(withMembers(paper, ["b7", "rex20"]), { "*": file })).toThrow(
    "--init: expected a file for each network (tf_efficientnet_b7_ns=FILE, rex20=FILE), got one for all",
  );
});
