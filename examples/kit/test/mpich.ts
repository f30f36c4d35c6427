import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Why several processes cannot be started here, or nothing. */
export const missingMpich: string | undefined = missing();

/** Added to the name of a group of tests that is skipped for it. */
export const mpichNote: string =
  missingMpich === undefined ? "" : ` (skipped: ${missingMpich}; install MPICH, Debian's package mpich)`;

function missing(): string | undefined {
  const launcher = spawnSync("mpirun", ["--version"], { encoding: "utf8" });
  if (launcher.error) return "mpirun is not installed";
  if (!launcher.stdout.includes("HYDRA")) return "mpirun is not MPICH's";
  // UCX crashes Node now and then without it; `openMpi` sets it too.
  const env = { ...process.env, UCX_MEM_EVENTS: "no" };
  const load = 'require("koffi").load("libmpich.so.12")';
  const loaded = spawnSync(process.execPath, ["-e", load], { cwd: join(root, "packages", "train"), env });
  return loaded.status === 0 ? undefined : "libmpich.so.12 cannot be loaded";
}

/** Runs `mpirun` in the root of the repository; what it prints comes from both streams. */
export function mpirun(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn("mpirun", args, { cwd: root, timeout: 110_000, killSignal: "SIGKILL" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** Runs two ranks of a program in TypeScript on the sources of the packages. */
export function mpirunTwo(program: string, ...args: readonly string[]): ReturnType<typeof mpirun> {
  const node = [process.execPath, "--conditions=@lmk/source", "--import", "tsx"];
  return mpirun(["-np", "2", ...node, program, ...args]);
}
