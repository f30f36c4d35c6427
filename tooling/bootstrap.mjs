// `npm run demo` and `npm test` on a machine that has nothing but Node: brings the pnpm that package.json pins,
// installs the frozen lockfile, builds the packages, then runs what was asked. Arguments after `--` reach the demo.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const inside = "--pnpm-on-path";
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const [task, ...rest] = process.argv.slice(2).filter((argument) => argument !== inside);
process.env.TURBO_TELEMETRY_DISABLED = "1";
process.env.DO_NOT_TRACK = "1";

/** Runs a command in the repository's root and shows what it prints; its exit code. */
function run(command, args, env = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

/** Runs this program again with the pinned pnpm on the PATH, brought by npm, which ships with Node. */
function againWithPnpm() {
  const npm = process.env.npm_execpath;
  const [command, prefix] = npm?.endsWith("npm-cli.js") ? [process.execPath, [npm]] : ["npm", []];
  const self = [process.execPath, fileURLToPath(import.meta.url), inside, task, ...rest];
  return run(command, [...prefix, "exec", "--yes", `--package=${manifest.packageManager}`, "--", ...self]);
}

/** A binary of the root's development dependencies. */
const bin = (name) => join(root, "node_modules", ".bin", name);

/** The command that runs a script of every package that has it, two at a time. */
const turbo = (script) => [bin("turbo"), ["run", script, "--output-logs=errors-only", "--concurrency=2"]];

function requireSuccess(what, code) {
  if (code === 0) return;
  console.error(`${task}: ${what} failed with exit code ${code}`);
  process.exit(code);
}

function prepare() {
  const minimum = manifest.engines.node.replace(">=", "").split(".").map(Number);
  const actual = process.versions.node.split(".").map(Number);
  if (actual[0] < minimum[0] || (actual[0] === minimum[0] && actual[1] < minimum[1])) {
    console.error(`${task}: expected Node ${manifest.engines.node}, got ${process.versions.node}`);
    process.exit(1);
  }
  console.log(`${task}: installing (about 700 MB on disk the first time)`);
  const args = ["install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only"];
  const install = spawnSync("pnpm", args, { cwd: root, encoding: "utf8" });
  // An optional native module that does not compile is not a failure, and its log is noise.
  if (install.status !== 0) console.error(`${install.stdout}\n${install.stderr}`);
  requireSuccess("installing", install.status ?? 1);
}

function demo() {
  console.log("demo: building the packages");
  requireSuccess("building", run(...turbo("build")));
  const example = join(root, "examples", "gld2019-retrieval", "src", "main.ts");
  // One network instead of six, in minutes; a preset of one's own comes behind and counts.
  const preset = ["--preset", "demo"];
  process.exit(run(process.execPath, ["--import", "tsx", example, "all", ...preset, ...rest]));
}

/** Runs a check without showing it before it ends, so that checks can go side by side; whether it passed. */
async function check([name, command, args]) {
  const child = spawn(command, args, { cwd: root, env: process.env, stdio: ["ignore", "pipe", "pipe"] });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => chunks.push(chunk));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  console.log(`\n== ${name}\n${Buffer.concat(chunks).toString().trimEnd()}`);
  return code === 0;
}

/** Runs checks one after another; of each, whether it passed. */
async function inTurn(checks) {
  const results = [];
  for (const one of checks) results.push(await check(one));
  return results;
}

/** The whole gate. Each check counts as one; the tests count one by one. */
async function test() {
  // One program for all folders' types: a program for each spent most of its time on sources of the others. Generators have
  // their own, because AssemblyScript declares a console that differs.
  const types = ["types", "npm", ["run", "--silent", "typecheck"]];
  const build = ["build", ...turbo("build")];
  const others = [
    ["packages", ...turbo("lint:package")],
    ["format and lint", bin("biome"), ["check", "."]],
    [
      "imports",
      bin("depcruise"),
      ["packages", "examples", "benchmarks", "--config", ".dependency-cruiser.cjs"],
    ],
  ];
  console.log("test: building the packages and checking all, side by side");
  const [typed, [built, ...checked]] = await Promise.all([check(types), inTurn([build, ...others])]);
  // Some tests take the built packages.
  requireSuccess("building", built ? 0 : 1);
  let passed = [typed, ...checked].filter(Boolean).length;
  let failed = 1 + checked.length - passed;

  console.log("\n== tests");
  const report = join(root, "node_modules", ".vitest-report.json");
  rmSync(report, { force: true });
  const code = run(bin("vitest"), [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile=${report}`,
    ...rest,
  ]);
  let results;
  try {
    results = JSON.parse(readFileSync(report, "utf8"));
  } catch (error) {
    console.error(`test: vitest wrote no report: ${error.message}`);
    console.log(`${passed} passed, ${failed + 1} failed`);
    process.exit(1);
  }
  passed += results.numPassedTests;
  failed += results.numFailedTests;
  if (code !== 0 && results.numFailedTests === 0) failed += 1;
  if (results.numPendingTests > 0)
    console.log(`${results.numPendingTests} skipped, each with its reason above`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

const tasks = { demo, test };
if (!Object.hasOwn(tasks, task ?? "")) {
  console.error(`usage: node tooling/bootstrap.mjs ${Object.keys(tasks).join("|")}`);
  process.exit(2);
}
if (process.argv.includes(inside)) {
  prepare();
  await tasks[task]();
} else {
  process.exit(againWithPnpm());
}
