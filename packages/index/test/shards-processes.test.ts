import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exactSearch } from "@lmk/index";
import { IndexFileError, mergeShards } from "@lmk/index/shards";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { database, k, queries } from "./shard-data.ts";

const program = fileURLToPath(new URL("programs/search-shard.ts", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));
const count = 8;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-shards-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Searches a shard in a process of its own; with `"kill"` the process is killed when half its rows are read. */
function search(index: number, end: "finish" | "kill" = "finish"): Promise<Outcome> {
  const mode = end === "kill" ? ["wait"] : [];
  const args = [
    "--conditions=@lmk/source",
    "--import",
    "tsx",
    program,
    folder,
    `${index}`,
    `${count}`,
    ...mode,
  ];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
    if (output.includes("waiting")) child.kill("SIGKILL");
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, output }));
  });
}

describe("shards in processes of their own", () => {
  it("are together one search, also when one was killed and run again", { timeout: 120_000 }, async () => {
    const outcomes: Outcome[] = [];
    for (let index = 0; index < count; index += 2) {
      // Shard 5 is killed.
      const pair = [index, index + 1].map((shard) => search(shard, shard === 5 ? "kill" : "finish"));
      outcomes.push(...(await Promise.all(pair)));
    }
    const searched = { code: 0, signal: null, output: "searched\n" };
    const killed = { code: null, signal: "SIGKILL", output: "waiting\n" };
    expect(outcomes).toEqual(Array.from({ length: count }, (_, i) => (i === 5 ? killed : searched)));
    // What a process leaves that is killed while it writes.
    writeFileSync(join(folder, "shard-0005-of-0008.neighbors.1234.partial"), "half");

    await expect(mergeShards(folder)).rejects.toEqual(
      new IndexFileError(
        `mergeShards: expected ${folder} to hold all 8 shards, got 7; missing: 5`,
        "incomplete",
        folder,
      ),
    );

    const [again, other] = await Promise.all([search(5), search(4)]);
    expect(again).toEqual(searched);
    expect(other).toEqual({ ...searched, output: "skipped\n" });
    expect(readdirSync(folder)).toHaveLength(2 * count);
    expect(await mergeShards(folder)).toEqual(exactSearch(queries, database, { k, metric: "cosine" }));
  });
});
