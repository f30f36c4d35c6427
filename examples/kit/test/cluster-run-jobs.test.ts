import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runJobs } from "../src/cluster/run-jobs.ts";
import { runTrainings, type Training } from "../src/trainings.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-kit-jobs-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Adds its name to a file, and before that waits until another name is in it. */
const program = `
const fs = require("node:fs");
const [file, name, awaited, code = "0"] = process.argv.slice(1);
const has = (one) => fs.existsSync(file) && fs.readFileSync(file, "utf8").split("\\n").includes(one);
const tick = setInterval(() => {
  if (awaited && !has(awaited)) return;
  clearInterval(tick);
  fs.appendFileSync(file, name + "\\n");
  if (code !== "0") console.error("no " + name);
  process.exitCode = Number(code);
}, 10);`;

const command = (file: string, name: string, awaited = "", code = "0"): string[] => [
  process.execPath,
  ...["-e", program, file, name, awaited, code],
];
const linesOf = (file: string): string[] => readFileSync(file, "utf8").trim().split("\n");

it("runs jobs at once, each after those that it needs", async () => {
  const file = join(folder, "order");
  // The first waits for the second, which is listed behind it: only both at once come to an end.
  const jobs = [
    { name: "first", after: [], command: command(file, "first", "second") },
    { name: "third", after: ["first", "elsewhere"], command: command(file, "third") },
    { name: "second", after: [], command: command(file, "second") },
  ];
  const lines: string[] = [];
  await runJobs(jobs, { atOnce: 2, env: process.env, onLine: (line) => lines.push(line) });
  expect(linesOf(file)).toEqual(["second", "first", "third"]);
  expect(lines).toEqual([]);
});

it("names the job that failed, and starts no more", async () => {
  const file = join(folder, "failing");
  const jobs = [
    { name: "bad", after: [], command: command(file, "bad", "", "3") },
    { name: "next", after: ["bad"], command: command(file, "next") },
  ];
  await expect(runJobs(jobs, { atOnce: 2, env: process.env, onLine: () => {} })).rejects.toThrow(
    "worker bad: exited with 3: no bad; what is done stays: run the same command again to go on",
  );
  expect(linesOf(file)).toEqual(["bad"]);
});

it("refuses jobs that wait for each other", async () => {
  const file = join(folder, "circle");
  const jobs = [
    { name: "a", after: ["b"], command: command(file, "a") },
    { name: "b", after: ["a"], command: command(file, "b") },
  ];
  await expect(runJobs(jobs, { atOnce: 2, env: process.env, onLine: () => {} })).rejects.toThrow(
    "runJobs: expected jobs that can be put in order, got a, b waiting for each other",
  );
});

it("trains what is left in processes that share the threads, where two of them can begin", async () => {
  const run = { path: join(folder, "run"), onStage: () => {} };
  mkdirSync(join(run.path, "train/done"), { recursive: true });
  writeFileSync(join(run.path, "train/done/done.json"), "{}");
  const file = join(folder, "trained");
  const commandOf = (stage: string, more: readonly string[]): string[] =>
    command(file, [stage, ...more].join(" "));
  const options = { preset: "small", provider: "cpu", threads: 4, skipCorrupt: false, commandOf } as const;
  const of = (name: string, ...after: string[]): Training => ({
    name: `train/${name}`,
    after: after.map((one) => `train/${one}`),
    stage: "train",
    options: ["--only", name],
  });
  const context = { run, options };
  await runTrainings(context, [of("done"), of("a"), of("b", "a")], 2);
  await runTrainings(context, [of("a"), of("b")], 1);
  await runTrainings({ run, options: { ...options, mergeOnly: true } }, [of("a"), of("b")], 2);
  writeFileSync(file, "");
  await runTrainings(context, [of("done"), of("a", "done"), of("b", "a"), of("c")], 2);
  expect(linesOf(file).sort()).toEqual(
    ["a", "b", "c"].map((name) => `train --only ${name} --trainings 1 --threads 2`),
  );
});
