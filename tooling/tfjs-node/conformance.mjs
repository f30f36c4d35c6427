// Runs the conformance cases of @lmk/compile on tfjs-node, to show that the same functions run unchanged on both.
// `node tooling/tfjs-node/conformance.mjs --help` explains.
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const help = `usage: node tooling/tfjs-node/conformance.mjs FOLDER [options]

FOLDER was made by build.mjs. Each example of each conformance case of @lmk/compile is run three times: eagerly
on tfjs's CPU backend, eagerly on tfjs-node, and compiled. All share one tfjs-core.

A case agrees if every example gives on tfjs-node what it gives on the CPU backend, within the case's own
tolerance. Otherwise the line tells what happened to the first example that differed, threw, needed a kernel
that tfjs-node lacks, or ended the process. Such lines tell about tfjs-node and do not fail the run. The exit
code is 1 if a compiled function differs from the CPU backend, or the training step differs anywhere.

options
  --runs N       examples drawn per case (default: 12)
  --seed N       draws others (default: 20200817)
  --group NAME   only the cases of one group
  --paddings     with paddings.mjs, which lets tfjs-node take paddings given as numbers
  --json FILE    also writes everything that was found
  --help         this text`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "12" },
    seed: { type: "string", default: "20200817" },
    group: { type: "string" },
    paddings: { type: "boolean", default: false },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

/** How far the parameters of the training step may part in its steps, relative to the largest of each array. */
const trainingTolerance = 1e-4;
const trainingSteps = 5;

/** A process that answers one message at a time; a new one is started after it died. */
class Worker {
  #child;
  hello;

  async start() {
    this.#child = fork(
      fileURLToPath(new URL("conformance-worker.mjs", import.meta.url)),
      [resolve(positionals[0]), options.runs, options.seed, String(options.paddings)],
      {
        execArgv: ["--conditions=@lmk/source", "--import", import.meta.resolve("tsx")],
        env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" },
        stdio: ["ignore", "ignore", "pipe", "ipc"],
      },
    );
    this.complaint = "";
    this.#child.stderr.on("data", (text) => {
      this.complaint = (this.complaint + text).slice(-4000);
    });
    this.hello = await this.#answer();
    if (this.hello.ended) throw new Error(`the worker did not start: ${this.hello.ended}\n${this.complaint}`);
  }

  #answer() {
    const child = this.#child;
    return new Promise((settle) => {
      const onMessage = (message) => {
        child.off("exit", onExit);
        settle(message);
      };
      const onExit = (code, signal) => {
        child.off("message", onMessage);
        settle({ ended: signal ?? `exit code ${code}` });
      };
      child.once("message", onMessage);
      child.once("exit", onExit);
    });
  }

  async ask(message) {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) await this.start();
    const answer = this.#answer();
    this.#child.send(message);
    return answer;
  }

  stop() {
    this.#child.disconnect();
  }
}

/** What to say of a case: a word to sort by, and the rest of the line. */
function judge({ case: found, ended, failed }) {
  if (ended) return { word: "ended", detail: `TensorFlow ended the process: ${ended}` };
  if (failed) return { word: "failed", detail: failed };
  const details = [];
  if (found.oursAgreed < found.examples) details.push(`COMPILED DIFFERS: ${found.oursFirst}`);
  if (found.lacks.length > 0) details.push(`lacks ${found.lacks.join(", ")}`);
  if (found.threw) details.push(`${found.threw} threw: ${found.threwFirst}`);
  if (found.differed) details.push(`${found.differed} differed: ${found.differedFirst}`);
  const count = `${found.agreed}/${found.examples}`;
  if (details.length === 0)
    return { word: "agrees", detail: `${count}, error ${found.error.toExponential(1)}` };
  const word = found.differed
    ? "differs"
    : found.threw
      ? "throws"
      : found.lacks.length > 0
        ? "lacks"
        : "agrees";
  return { word, detail: `${count}; ${details.join("; ")}` };
}

function reportTraining({ training, ended, failed }) {
  if (training === undefined) {
    console.log(`training step: ${ended ?? failed}`);
    return false;
  }
  const { losses, native, compiled, between } = training;
  console.log(`training step, ${losses.length} steps, the same function on all three:`);
  for (const [i, row] of losses.entries()) {
    const cells = Object.entries(row).map(([name, loss]) => `${name} ${loss.toFixed(6)}`);
    console.log(`  loss ${i}: ${cells.join(", ")}`);
  }
  const errors = {
    "tfjs-node to CPU": native,
    "compiled to CPU": compiled,
    "compiled to tfjs-node": between,
  };
  const cells = Object.entries(errors).map(([name, error]) => `${name} ${error.toExponential(1)}`);
  console.log(`  parameters after them: ${cells.join(", ")}`);
  return Object.values(errors).every((error) => error <= trainingTolerance);
}

async function main() {
  const worker = new Worker();
  await worker.start();
  const { ready, unregistered, versions } = worker.hello;
  console.log(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  );
  const training = await worker.ask({ training: trainingSteps });
  let passed = reportTraining(training);
  console.log(`kernels of the cases that tfjs-node lacks: ${unregistered.join(", ") || "none"}\n`);

  const results = [];
  for (const [run, { group, name, kernels }] of ready.entries()) {
    if (options.group !== undefined && options.group !== group) continue;
    const answer = await worker.ask({ run });
    const { word, detail } = judge(answer);
    if (answer.failed || (answer.case && answer.case.oursAgreed < answer.case.examples)) passed = false;
    console.log(`${word.padEnd(8)} ${group}: ${name}: ${detail}`);
    results.push({ group, name, kernels, word, detail, ...answer });
  }
  worker.stop();

  const counts = {};
  for (const { word } of results) counts[word] = (counts[word] ?? 0) + 1;
  const cells = Object.entries(counts).map(([word, count]) => `${count} ${word}`);
  console.log(`\n${results.length} cases: ${cells.join(", ")}`);
  if (options.json) {
    const found = { versions, unregistered, counts, training, results };
    writeFileSync(options.json, `${JSON.stringify(found, null, 2)}\n`);
  }
  if (!passed) process.exitCode = 1;
}

if (options.help) {
  console.log(help);
} else if (positionals.length !== 1) {
  console.error(help);
  process.exitCode = 2;
} else {
  await main();
}
