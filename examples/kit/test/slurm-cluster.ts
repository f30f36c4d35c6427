import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** A Slurm cluster of one node, this machine, that belongs to the test. */
export interface SlurmCluster {
  /** With this environment Slurm's commands speak to the cluster. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs one of Slurm's commands and returns what it wrote. */
  readonly command: (program: string, ...args: readonly string[]) => Promise<string>;
  /** Waits until no job is queued or running. */
  readonly idle: () => Promise<void>;
  /** Cancels all jobs, ends the daemons and removes their files. */
  readonly stop: () => Promise<void>;
}

const programs = [
  "munged",
  "slurmctld",
  "slurmd",
  "sbatch",
  "squeue",
  "sinfo",
  "scancel",
  "scontrol",
  "srun",
];
/** Debian has daemons in folders that a normal user's path lacks. */
const path = `${process.env.PATH}:/usr/sbin:/sbin`;

/** Why no cluster can be started here; `undefined` if it can. */
export function slurmUnavailableReason(): string | undefined {
  const missing = programs.filter(
    (program) => !path.split(":").some((folder) => isProgram(join(folder, program))),
  );
  if (missing.length === 0) return undefined;
  return `no ${missing.join(", ")} on this machine; Debian has them in slurm-wlm and munge`;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts munged, slurmctld and slurmd, as root or as a normal user, on free ports and with all files in a temporary
 * folder. The node claims 4 processors whatever the machine has, so that 4 tasks run at once.
 */
export async function startSlurmCluster(): Promise<SlurmCluster> {
  const folder = mkdtempSync(join(tmpdir(), "lmk-slurm-"));
  chmodSync(folder, 0o755);
  for (const name of ["state", "spool", "munge"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "munge.key"), randomBytes(64), { mode: 0o600 });
  writeFileSync(join(folder, "slurm.conf"), await configuration(folder));
  const env = { ...process.env, PATH: path, SLURM_CONF: join(folder, "slurm.conf") };

  const daemons: ChildProcess[] = [];
  const output: string[] = [];
  const start = (program: string, ...args: string[]): void => {
    const daemon = spawn(program, args, { env, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    daemon.stdout.on("data", (chunk: Buffer) => output.push(`${chunk}`));
    daemon.stderr.on("data", (chunk: Buffer) => output.push(`${chunk}`));
    daemons.push(daemon);
  };
  const kill = (): void => {
    for (const daemon of daemons) daemon.kill("SIGTERM");
  };
  process.once("exit", kill);

  const command: SlurmCluster["command"] = async (program, ...args) =>
    (await promisify(execFile)(program, args, { env, timeout: 30_000 })).stdout;
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    const deadline = performance.now() + 60_000;
    while (!(await holds().catch(() => false))) {
      if (performance.now() > deadline)
        throw new Error(`Slurm: not ${what} after a minute\n${output.join("")}`);
      await sleep(100);
    }
  };
  const idle = (): Promise<void> => until("idle", async () => (await command("squeue", "-h")) === "");
  const end = async (): Promise<void> => {
    const ended = daemons.map(
      (daemon) => daemon.exitCode ?? new Promise((resolve) => daemon.once("close", resolve)),
    );
    kill();
    await Promise.all(ended);
    process.off("exit", kill);
    rmSync(folder, { recursive: true, force: true });
  };

  try {
    const files = ["key-file=munge.key", "socket=munge/socket", "log-file=munge.log", "pid-file=munge.pid"];
    const places = [...files, "seed-file=munge.seed"].map(
      (place) => `--${place.replace("=", `=${folder}/`)}`,
    );
    // Forced: it would refuse a temporary folder below one that only this user may enter.
    start("munged", "--foreground", "--force", ...places);
    await until("authenticating", async () => existsSync(join(folder, "munge/socket")));
    start("slurmctld", "-D");
    start("slurmd", "-D");
    await until("up", async () => (await command("sinfo", "-h", "-o", "%T")).trim() === "idle");
  } catch (error) {
    await end();
    throw error;
  }
  const stop = async (): Promise<void> => {
    try {
      await command("scancel", `--user=${userInfo().username}`);
      await idle();
    } finally {
      await end();
    }
  };
  return { env, command, idle, stop };
}

async function configuration(folder: string): Promise<string> {
  const host = hostname().split(".")[0];
  const user = userInfo().username;
  const [controllerPort, nodePort] = await freePorts();
  return `ClusterName=lmk
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controllerPort}
SlurmdPort=${nodePort}
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
AuthInfo=socket=${folder}/munge/socket
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,bf_interval=1,sched_interval=1,sched_min_interval=0
ReturnToService=2
KillWait=1
SlurmdParameters=config_overrides
NodeName=${host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=65536 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

/** Two ports that were free a moment ago. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  const listening = servers.map(
    (server) => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)),
  );
  await Promise.all(listening);
  const [first, second] = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [first!, second!];
}
