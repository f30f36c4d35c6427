// Builds @tensorflow/tfjs-node without its install script, whose download of libtensorflow many networks refuse:
// the same library is in the tensorflow-cpu wheel of PyPI. `node tooling/tfjs-node/build.mjs --help` explains.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const tfjsNodeVersion = "4.22.0";
const nodeGypVersion = "11.5.0";
/** The Node-API version of the addon's folder: the newest that tfjs-node lists, and every Node since 16 has it. */
const nodeApi = 8;
/** One file of the package index; its C library is the same for every Python version. */
const wheel = {
  name: "tensorflow-cpu",
  version: "2.15.1",
  python: "3.11",
  abi: "cp311",
  platform: "manylinux_2_17_x86_64",
  sha256: "54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26",
};

const help = `usage: node tooling/tfjs-node/build.mjs FOLDER [options]

Makes FOLDER/node_modules/@tensorflow/tfjs-node ${tfjsNodeVersion}, its native addon included, on Linux x64.
FOLDER lies outside the repository, in a path without spaces, is made if need be, and takes about 1 GB.
A second run repeats only what is missing.

  1. npm installs @tensorflow/tfjs-node and node-gyp; no install script runs.
  2. pip downloads ${wheel.name} ${wheel.version} (207 MB) and refuses a file of another SHA-256 than the one
     pinned here; its libraries and C headers go to deps/ of the npm package.
  3. node-gyp compiles the addon to lib/napi-v${nodeApi}/, with a run path to deps/lib. The calls of util.isArray
     and util.isNullOrUndefined, which Node 23 removed, are replaced.
  4. verify.mjs compares a matrix product, a convolution and a gradient with tfjs's CPU backend.

Needed: npm, Python 3 with pip, a C++ compiler, make, and the headers of this Node.

options
  --python PATH    the Python 3 whose pip downloads, and which runs node-gyp (default: python3)
  --nodedir PATH   the folder that holds include/node/node_api.h (default: npm's nodedir setting,
                   else the folder that Node is installed in); nothing is downloaded for this
  --wheel FILE     a wheel that is already here, of any version, unchecked; instead of downloading
  --force          build from the start
  --help           this text`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: "string", default: "python3" },
    nodedir: { type: "string" },
    wheel: { type: "string" },
    force: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

class BuildError extends Error {}

function run(command, args, settings = {}) {
  const result = spawnSync(command, args, { stdio: "inherit", encoding: "utf8", ...settings });
  if (result.error) throw new BuildError(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) {
    const ending = result.signal ?? `exit code ${result.status}`;
    throw new BuildError(
      `${command} ${args[0]} failed with ${ending}${result.stderr ? `\n${result.stderr}` : ""}`,
    );
  }
  return result.stdout ?? "";
}

/** Finds the folder above `include/node`; node-gyp would otherwise download the headers. */
function findHeaders() {
  const setting = spawnSync("npm", ["config", "get", "nodedir"], { encoding: "utf8" }).stdout?.trim();
  const candidates = options.nodedir
    ? [options.nodedir]
    : [setting, process.env.npm_config_nodedir, dirname(dirname(process.execPath))];
  for (const candidate of candidates) {
    if (candidate && existsSync(join(candidate, "include", "node", "node_api.h"))) return resolve(candidate);
  }
  throw new BuildError(
    "no include/node/node_api.h beside this Node; pass --nodedir (Node's own archives have it, Debian has it in libnode-dev)",
  );
}

/** Step 1: the npm packages, without their install scripts. */
function installPackages(folder) {
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "name": "tfjs-node-host", "private": true }\n');
  const packages = [`@tensorflow/tfjs-node@${tfjsNodeVersion}`, `node-gyp@${nodeGypVersion}`];
  run("npm", ["install", "--ignore-scripts", "--save-exact", "--no-audit", "--no-fund", ...packages], {
    cwd: folder,
  });
}

/** Step 2: the wheel, from pip or as given. */
function fetchWheel(folder) {
  if (options.wheel) return resolve(options.wheel);
  const downloads = join(folder, "wheel");
  mkdirSync(downloads, { recursive: true });
  const requirements = join(downloads, "requirements.txt");
  writeFileSync(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  run(options.python, [
    ...["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--require-hashes"],
    ...["--implementation", "cp", "--python-version", wheel.python, "--abi", wheel.abi],
    ...["--platform", wheel.platform, "--dest", downloads, "--requirement", requirements],
  ]);
  const file = readdirSync(downloads).find((name) => name.endsWith(".whl"));
  if (file === undefined) throw new BuildError("pip left no wheel behind");
  return join(downloads, file);
}

const unpacking = `
import os, shutil, sys, zipfile
source, deps = sys.argv[1:]
libraries = ("libtensorflow_cc.so.2", "libtensorflow_framework.so.2")
with zipfile.ZipFile(source) as archive:
    for name in archive.namelist():
        part = name.removeprefix("tensorflow/")
        library = part in libraries
        if not library and not (part.startswith(("include/tensorflow/", "include/tsl/", "include/xla/")) and part.endswith(".h")):
            continue
        target = os.path.join(deps, "lib", part) if library else os.path.join(deps, *part.split("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(name) as packed, open(target, "wb") as plain:
            shutil.copyfileobj(packed, plain)
`;

/** Lays the wheel's libraries and headers out as binding.gyp expects them. */
function unpackWheel(file, deps) {
  rmSync(deps, { recursive: true, force: true });
  run(options.python, ["-c", unpacking, file, deps]);
  const links = {
    "libtensorflow.so": "libtensorflow_cc.so.2",
    "libtensorflow_framework.so": "libtensorflow_framework.so.2",
  };
  for (const [link, library] of Object.entries(links)) {
    if (!existsSync(join(deps, "lib", library)))
      throw new BuildError(`${file} has no tensorflow/${library}; wheels since 2.12 have it`);
    symlinkSync(library, join(deps, "lib", link));
  }
}

/** Replaces what Node 23 removed from util. */
function patchSources(packageFolder) {
  const path = join(packageFolder, "dist", "nodejs_kernel_backend.js");
  const before = readFileSync(path, "utf8");
  const after = before
    .replaceAll("(0, util_1.isArray)(", "Array.isArray(")
    .replaceAll(/\(0, util_1\.isNullOrUndefined\)\((\w+)\)/g, "($1 === null || $1 === undefined)");
  if (/\butil_1\.is/.test(after))
    throw new BuildError(`${path} still uses functions that util no longer has`);
  writeFileSync(path, after);
}

/** Step 3: the addon. node-pre-gyp, which tfjs-node would use, passes node-gyp these same variables. */
function compileAddon(folder, packageFolder) {
  const target = join(packageFolder, "lib", `napi-v${nodeApi}`);
  const nodeGyp = join(folder, "node_modules", "node-gyp", "bin", "node-gyp.js");
  const variables = [
    "--module_name=tfjs_binding",
    `--module_path=${target}`,
    `--module=${join(target, "tfjs_binding.node")}`,
    `--napi_version=${process.versions.napi}`,
    `--napi_build_version=${nodeApi}`,
    `--node_napi_label=napi-v${nodeApi}`,
  ];
  const args = [nodeGyp, "rebuild", "--release", `--nodedir=${findHeaders()}`, `--python=${options.python}`];
  run(process.execPath, [...args, ...variables], { cwd: packageFolder });
}

function build(folder) {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new BuildError(`expected Linux on x64, got ${process.platform} on ${process.arch}`);
  if (/\s/.test(folder))
    throw new BuildError(`expected a path without spaces, which node-gyp cannot build in, got ${folder}`);
  const packageFolder = join(folder, "node_modules", "@tensorflow", "tfjs-node");
  const deps = join(packageFolder, "deps");
  const addon = join(packageFolder, "lib", `napi-v${nodeApi}`, "tfjs_binding.node");
  if (options.force) rmSync(join(folder, "node_modules"), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });

  const has = (...parts) => existsSync(join(...parts));
  if (!has(packageFolder, "package.json") || !has(folder, "node_modules", "node-gyp"))
    installPackages(folder);
  if (!has(deps, "lib", "libtensorflow_framework.so")) {
    unpackWheel(fetchWheel(folder), deps);
    rmSync(join(folder, "wheel"), { recursive: true, force: true });
    rmSync(addon, { force: true });
  }
  patchSources(packageFolder);
  if (!has(addon)) compileAddon(folder, packageFolder);
  run(process.execPath, [fileURLToPath(new URL("verify.mjs", import.meta.url)), folder]);
}

if (options.help) {
  console.log(help);
} else if (positionals.length !== 1) {
  console.error(help);
  process.exitCode = 2;
} else {
  try {
    build(resolve(positionals[0]));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(`tfjs-node: ${error.message}`);
    process.exitCode = 1;
  }
}
