import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withFileLock } from "../../src/tuning/file-lock.ts";
import { addResult, readResults } from "../../src/tuning/results-file.ts";
import { UserError } from "../../src/user-error.ts";

let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-tuning-"));
  file = join(folder, "tuning", "results.csv");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The number of a process that has ended. */
const deadProcess = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

describe("addResult", () => {
  it("writes settings by name, then scores, and adds columns for what is new", async () => {
    await addResult(file, { margin: 0.3, loss: "arcface" }, { "mAP@100": 0.5, GAP: 0.25 });
    await addResult(file, { loss: "cosface", pooling: "G,G" }, { "mAP@100": 0.75 });
    expect(readFileSync(file, "utf8")).toBe(
      [
        "name,loss,margin,mAP@100,GAP,pooling",
        "loss-arcface_margin-0.3,arcface,0.3,0.5,0.25,",
        '"loss-cosface_pooling-G,G",cosface,,0.75,,"G,G"',
        "",
      ].join("\n"),
    );
    expect(readResults(file)[1]).toEqual({
      name: "loss-cosface_pooling-G,G",
      loss: "cosface",
      margin: "",
      "mAP@100": "0.75",
      GAP: "",
      pooling: "G,G",
    });
    expect(readdirSync(join(folder, "tuning"))).toEqual(["results.csv"]);
  });

  it("keeps a candidate's first result", async () => {
    await addResult(file, { a: 1 }, { score: 1 });
    await addResult(file, { a: 1 }, { score: 2 });
    expect(readResults(file)).toEqual([{ name: "a-1", a: "1", score: "1" }]);
  });

  it("loses no row of processes that write at once, after one died with the lock", async () => {
    const [go, rows] = [join(folder, "go"), 15];
    mkdirSync(join(folder, "tuning"));
    writeFileSync(`${file}.lock`, `${hostname()} ${deadProcess()}`);
    const program = new URL("./add-rows.mts", import.meta.url).pathname;
    const writers = ["0", "1", "2"].map((writer) =>
      spawn(
        process.execPath,
        ["--conditions=@lmk/source", "--import", "tsx", program, file, go, writer, String(rows)],
        { stdio: ["ignore", "pipe", "inherit"], cwd: new URL(".", import.meta.url).pathname },
      ),
    );
    const ended = writers.map((writer: ChildProcess) => once(writer, "exit"));
    await Promise.all(writers.map(({ stdout }) => once(stdout, "data")));
    writeFileSync(go, "");
    expect((await Promise.all(ended)).map(([code]) => code)).toEqual([0, 0, 0]);
    const names = readResults(file).map(({ name }) => name!);
    const expected = ["0", "1", "2"].flatMap((writer) =>
      Array.from({ length: rows }, (_, i) => `i-${i}_writer-${writer}`),
    );
    expect([...names].sort()).toEqual([...expected].sort());
    expect(readdirSync(join(folder, "tuning"))).toEqual(["results.csv"]);
  });

  it("refuses a score with the name of a setting", async () => {
    await expect(addResult(file, { a: 1 }, { a: 1 })).rejects.toThrow(
      new RangeError("addResult: expected `scores` to have names of their own, got `a`"),
    );
  });
});

describe("readResults", () => {
  it("has no rows without a file", () => expect(readResults(file)).toEqual([]));

  it("refuses a file that is something else, or torn", () => {
    const other = join(folder, "other.csv");
    writeFileSync(other, "id,score\n1,2\n");
    expect(() => readResults(other)).toThrow(
      new UserError(
        `${other}: expected results with a column \`name\`, got columns id, score; move the file away`,
      ),
    );
    writeFileSync(other, "name,a\nx,1\ny\n");
    expect(() => readResults(other)).toThrow(
      new UserError(
        `${other}: expected results with a column \`name\`, got Too few fields: expected 2 fields but parsed 1 in row 1; move the file away`,
      ),
    );
  });
});

describe("withFileLock", () => {
  it("holds the lock while it works, and gives it back after a failure too", async () => {
    const target = join(folder, "f");
    const seen = await withFileLock(target, () => readFileSync(`${target}.lock`, "utf8"));
    expect(seen).toBe(`${hostname()} ${process.pid}`);
    const fails = withFileLock(target, () => {
      throw new RangeError("broken");
    });
    await expect(fails).rejects.toThrow(new RangeError("broken"));
    expect(readdirSync(folder)).toEqual([]);
  });

  it("takes over the lock of a process that has ended", async () => {
    const target = join(folder, "f");
    writeFileSync(`${target}.lock`, `${hostname()} ${deadProcess()}`);
    expect(await withFileLock(target, () => "mine")).toBe("mine");
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ["of a process that runs", `${hostname()} ${process.pid}`],
    ["of another machine", `elsewhere ${2 ** 22 + 1}`],
    ["that is being written", ""],
  ])("leaves the lock %s, and names it in the end", async (_, owner) => {
    const target = join(folder, "f");
    writeFileSync(`${target}.lock`, owner);
    await expect(withFileLock(target, () => "mine", { timeoutMs: 50 })).rejects.toThrow(
      new UserError(
        `${target}.lock: expected to get the lock in 0.05 s; if no other run uses ${target}, remove it`,
      ),
    );
    expect(existsSync(`${target}.lock`)).toBe(true);
  });
});
