// `npm run demo` and `npm test` on a machine that has nothing but Node: brings the pnpm that package.json pins,
// installs the frozen lockfile, builds the packages, then runs what was asked. Arguments after `--` reach the demo.
import { spawnSync } from "node:child_process";
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
  console.log(`${task}: building the packages`);
  requireSuccess("building", run(bin("turbo"), ["run", "build", "--output-logs=errors-only"]));
}

function demo() {
  const example = join(root, "examples", "gld2019-retrieval", "src", "main.ts");
  // One network instead of six, in minutes; a preset of one's own comes behind and counts.
  const preset = ["--preset", "demo"];
  process.exit(run(process.execPath, ["--import", "tsx", example, "all", ...preset, ...rest]));
}

/** The whole gate. Each check counts as one; the tests count one by one. */
function test() {
  const checks = [
    ["format and lint", bin("biome"), ["check", "."]],
    ["types", bin("turbo"), ["run", "typecheck", "--output-logs=errors-only"]],
    [
      "imports",
      bin("depcruise"),
      ["packages", "examples", "benchmarks", "--config", ".dependency-cruiser.cjs"],
    ],
    ["packages", bin("turbo"), ["run", "lint:package", "--output-logs=errors-only"]],
  ];
  let passed = 0;
  let failed = 0;
  for (const [name, command, args] of checks) {
    console.log(`\n== ${name}`);
    if (run(command, args) === 0) passed += 1;
    else failed += 1;
  }

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
  tasks[task]();
} else {
  process.exit(againWithPnpm());
}
