import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { RunOptions } from "../src/command-line.ts";
import { runFolderOf, systemProgram } from "../src/system-program.ts";
import { UserError } from "../src/user-error.ts";

const folder = mkdtempSync(join(tmpdir(), "lmk-system-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options: RunOptions = { preset: "small", provider: "cpu", threads: 1, skipCorrupt: false, run: folder };

it("keeps a run in the folder that is asked for, or by its name and preset", () => {
  expect(runFolderOf("app", options)).toBe(folder);
  expect(runFolderOf("app", { preset: "small" })).toBe(resolve("runs/app-small"));
});

it("runs stages with the config of the options, after files of --init are looked at", async () => {
  const seen: unknown[] = [];
  const program = systemProgram<{ readonly seed: number }, RunOptions>({
    name: "app",
    description: "",
    folder: "app",
    stages: [],
    presets: ["small"],
    configOf: ({ seed = 7 }) => ({ seed }),
    requireInits(config, init) {
      if (init !== undefined) throw new UserError("--init: expected none");
      seen.push(config);
    },
    async runUpTo(stage, { config, run }) {
      seen.push(stage, config, run.path);
    },
  });
  expect(program.runFolderOf(options)).toBe(folder);
  await program.runUpTo("embed", { ...options, seed: 3 });
  expect(seen).toEqual([{ seed: 3 }, "embed", { seed: 3 }, folder]);
  await expect(program.runUpTo("embed", { ...options, init: { "*": "a" } })).rejects.toThrow("expected none");
  expect(seen).toHaveLength(4);
});
