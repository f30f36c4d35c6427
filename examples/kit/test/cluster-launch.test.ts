import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { LaunchOptions } from "../src/cluster/job.ts";
import { launchJob, type SchedulerName } from "../src/cluster/launch.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-kit-launch-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options: LaunchOptions = {
  name: "gld2019-predict",
  command: ["/usr/bin/node", "main.ts", "predict", "--run", "runs/Ann's run"],
  mergeCommand: ["/usr/bin/node", "main.ts", "merge", "predict", "--run", "runs/Ann's run"],
  workingFolder: "/home/ann/my work",
  tasks: 64,
  cpus: 4,
  memory: "16G",
  hours: 18,
  gpus: 1,
  folder: "/home/ann/my work/launch",
  extra: [],
  image: "node:20",
  volume: "landmarks:/home/ann",
};

/** What a dry run says. */
async function shown(scheduler: SchedulerName, changes: Partial<LaunchOptions> = {}): Promise<string> {
  const lines: string[] = [];
  const host = {
    dryRun: true,
    env: { PATH: join(folder, "nothing") },
    say: (line: string) => lines.push(line),
  };
  expect(await launchJob(scheduler, { ...options, ...changes }, host)).toBeUndefined();
  return lines.join("\n");
}

it("Slurm: an array and a job after it", async () => {
  expect(await shown("slurm", { extra: ["--partition=long", "--account=ann"] })).toMatchInlineSnapshot(`
    "would write /home/ann/my work/launch/gld2019-predict.sh:
      #!/bin/bash
      #SBATCH --job-name=gld2019-predict
      #SBATCH --output=%x-%A_%a.log
      #SBATCH --nodes=1
      #SBATCH --ntasks=1
      #SBATCH --cpus-per-task=4
      #SBATCH --time=18:00:00
      #SBATCH --mem=16G
      #SBATCH --gres=gpu:1
      #SBATCH --array=0-63
      #SBATCH --partition=long
      #SBATCH --account=ann
      set -euo pipefail
      cd '/home/ann/my work'
      exec /usr/bin/node main.ts predict --run 'runs/Ann'\\''s run' --shard auto/64
    would write /home/ann/my work/launch/gld2019-predict-merge.sh:
      #!/bin/bash
      #SBATCH --job-name=gld2019-predict-merge
      #SBATCH --output=%x-%j.log
      #SBATCH --nodes=1
      #SBATCH --ntasks=1
      #SBATCH --cpus-per-task=4
      #SBATCH --time=18:00:00
      #SBATCH --mem=16G
      #SBATCH --partition=long
      #SBATCH --account=ann
      set -euo pipefail
      cd '/home/ann/my work'
      exec /usr/bin/node main.ts merge predict --run 'runs/Ann'\\''s run'
    would run: cd '/home/ann/my work/launch' && sbatch --parsable gld2019-predict.sh
    would run: cd '/home/ann/my work/launch' && sbatch --parsable --dependency=afterok:ID --kill-on-invalid-dep=yes gld2019-predict-merge.sh"
  `);
});

it("PBS: an array and a job after it", async () => {
  expect(await shown("pbs", { extra: ["-q long"] })).toMatchInlineSnapshot(`
    "would write /home/ann/my work/launch/gld2019-predict.sh:
      #!/bin/bash
      #PBS -N gld2019-predict
      #PBS -S /bin/bash
      #PBS -j oe
      #PBS -l select=1:ncpus=4:mem=16gb:ngpus=1
      #PBS -l walltime=18:00:00
      #PBS -J 0-63
      #PBS -q long
      set -euo pipefail
      cd '/home/ann/my work'
      exec /usr/bin/node main.ts predict --run 'runs/Ann'\\''s run' --shard auto/64
    would write /home/ann/my work/launch/gld2019-predict-merge.sh:
      #!/bin/bash
      #PBS -N gld2019-predict-merge
      #PBS -S /bin/bash
      #PBS -j oe
      #PBS -l select=1:ncpus=4:mem=16gb
      #PBS -l walltime=18:00:00
      #PBS -q long
      set -euo pipefail
      cd '/home/ann/my work'
      exec /usr/bin/node main.ts merge predict --run 'runs/Ann'\\''s run'
    would run: cd '/home/ann/my work/launch' && qsub gld2019-predict.sh
    would run: cd '/home/ann/my work/launch' && qsub -W depend=afterok:ID gld2019-predict-merge.sh"
  `);
});

it("Grid Engine: an array and a job after it, as on the authors' cluster", async () => {
  const site = { cpus: 1, gpus: 0, extra: ["-g gca00000", "-l rt_G.small=1"] };
  expect(await shown("grid-engine", site)).toMatchInlineSnapshot(`
    "would write /home/ann/my work/launch/gld2019-predict.sh:
      #!/bin/bash
      #$ -N gld2019-predict
      #$ -S /bin/bash
      #$ -cwd
      #$ -j y
      #$ -l h_rt=18:00:00
      #$ -l mem_free=16G
      #$ -t 1-64
      #$ -g gca00000
      #$ -l rt_G.small=1
      set -euo pipefail
      cd '/home/ann/my work'
      exec /usr/bin/node main.ts predict --run 'runs/Ann'\\''s run' --shard auto/64
    would write /home/ann/my work/launch/gld2019-predict-merge.sh:
      #!/bin/bash
      #$ -N gld2019-predict-merge
      #$ -S /bin/bash
      #$ -cwd
      #$ -j y
      #$ -l h_rt=18:00:00
      #$ -l mem_free=16G
      #$ -g gca00000
      #$ -l rt_G.small=1
      set -euo pipefail
      cd '/home/ann/my work'
      exec /usr/bin/node main.ts merge predict --run 'runs/Ann'\\''s run'
    would run: cd '/home/ann/my work/launch' && qsub -terse gld2019-predict.sh
    would run: cd '/home/ann/my work/launch' && qsub -terse -hold_jid ID gld2019-predict-merge.sh"
  `);
});

it("Kubernetes: an indexed Job, and one to create after it", async () => {
  expect(await shown("kubernetes")).toMatchInlineSnapshot(`
    "would write /home/ann/my work/launch/gld2019-predict.yaml:
      apiVersion: batch/v1
      kind: Job
      metadata:
        generateName: gld2019-predict-
      spec:
        completionMode: Indexed
        completions: 64
        parallelism: 64
        backoffLimitPerIndex: 3
        template:
          spec:
            restartPolicy: Never
            activeDeadlineSeconds: 64800
            containers:
              - name: main
                image: node:20
                command:
                  - /usr/bin/node
                  - main.ts
                  - predict
                  - --run
                  - runs/Ann's run
                  - --shard
                  - auto/64
                workingDir: /home/ann/my work
                resources:
                  requests:
                    cpu: "4"
                    memory: 16Gi
                  limits:
                    memory: 16Gi
                    nvidia.com/gpu: "1"
                volumeMounts:
                  - name: work
                    mountPath: /home/ann
            volumes:
              - name: work
                persistentVolumeClaim:
                  claimName: landmarks
    would write /home/ann/my work/launch/gld2019-predict-merge.yaml:
      apiVersion: batch/v1
      kind: Job
      metadata:
        generateName: gld2019-predict-merge-
      spec:
        backoffLimit: 3
        template:
          spec:
            restartPolicy: Never
            activeDeadlineSeconds: 64800
            containers:
              - name: main
                image: node:20
                command:
                  - /usr/bin/node
                  - main.ts
                  - merge
                  - predict
                  - --run
                  - runs/Ann's run
                workingDir: /home/ann/my work
                resources:
                  requests:
                    cpu: "4"
                    memory: 16Gi
                  limits:
                    memory: 16Gi
                volumeMounts:
                  - name: work
                    mountPath: /home/ann
            volumes:
              - name: work
                persistentVolumeClaim:
                  claimName: landmarks
    would run: kubectl create -o name -f '/home/ann/my work/launch/gld2019-predict.yaml'
    then run: kubectl wait --for=condition=complete --timeout=-1s ID && kubectl create -f '/home/ann/my work/launch/gld2019-predict-merge.yaml'"
  `);
});

it("asks for nothing that is not wanted", async () => {
  const { memory, ...plain } = { ...options, cpus: 1, gpus: 0, tasks: 1, hours: 0.501 };
  const say = (): void => {};
  const host = { dryRun: false, env: { PATH: "" }, say };
  for (const scheduler of ["slurm", "pbs", "grid-engine"] as const) {
    const own = join(folder, `plain-${scheduler}`);
    await expect(launchJob(scheduler, { ...plain, folder: own }, host)).rejects.toThrow("no such program");
  }
  const script = (scheduler: string): string[] =>
    readFileSync(join(folder, `plain-${scheduler}`, "gld2019-predict.sh"), "utf8")
      .split("\n")
      .slice(1, -4);
  expect(script("slurm")).toMatchInlineSnapshot(`
    [
      "#SBATCH --job-name=gld2019-predict",
      "#SBATCH --output=%x-%A_%a.log",
      "#SBATCH --nodes=1",
      "#SBATCH --ntasks=1",
      "#SBATCH --cpus-per-task=1",
      "#SBATCH --time=00:30:04",
      "#SBATCH --array=0-0",
    ]
  `);
  expect(script("pbs")).toMatchInlineSnapshot(`
    [
      "#PBS -N gld2019-predict",
      "#PBS -S /bin/bash",
      "#PBS -j oe",
      "#PBS -l select=1:ncpus=1",
      "#PBS -l walltime=00:30:04",
    ]
  `);
  expect(script("grid-engine")).toMatchInlineSnapshot(`
    [
      "#$ -N gld2019-predict",
      "#$ -S /bin/bash",
      "#$ -cwd",
      "#$ -j y",
      "#$ -l h_rt=00:30:04",
      "#$ -t 1-1",
    ]
  `);
});

it("gives Kubernetes a manifest that reads back as it was meant", async () => {
  const { memory, image, ...rest } = options;
  const awkward = "registry:5000/node:20 # not a comment";
  const run = { ...rest, command: ["node", "a: b", "- c", "'", '"', "#", "\n", "yes"], image: awkward };
  const bin = programs("kubectl", "echo job.batch/gld2019-predict-x7k2p");
  const own = join(folder, "manifests");
  const lines: string[] = [];
  const host = { dryRun: false, env: { PATH: bin }, say: (line: string) => lines.push(line) };
  expect(await launchJob("kubernetes", { ...run, folder: own, gpus: 0 }, host)).toEqual({
    shared: "job.batch/gld2019-predict-x7k2p",
  });
  const [document] = parseAllDocuments(readFileSync(join(own, "gld2019-predict.yaml"), "utf8"));
  const job = document!.toJS();
  const [container] = job.spec.template.spec.containers;
  expect(container.command).toEqual([...run.command, "--shard", "auto/64"]);
  expect(container.image).toBe(awkward);
  expect(container.resources).toEqual({ requests: { cpu: "4" }, limits: {} });
  expect(job.spec).toMatchObject({ completionMode: "Indexed", completions: 64, parallelism: 64 });
  expect(lines).toEqual([
    "gld2019-predict: job.batch/gld2019-predict-x7k2p, 64 tasks",
    `when it is complete, join the parts: kubectl wait --for=condition=complete --timeout=-1s job.batch/gld2019-predict-x7k2p && kubectl create -f ${own}/gld2019-predict-merge.yaml`,
  ]);
});

/** A folder with one program, a shell script, for a path. */
function programs(name: string, body: string): string {
  const bin = mkdtempSync(join(folder, "bin-"));
  writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
  return bin;
}

it.each(["slurm", "pbs", "grid-engine"] as const)(
  "%s: the script runs the words as they are",
  async (scheduler) => {
    const words = ["a b", "it's", '"$HOME" `id` $(id)', "*", "\\", "", "two\nlines", "~", "-n", "é;|&<>"];
    const place = join(folder, `it's "here" $HOME ${scheduler}`);
    mkdirSync(place);
    const print = "process.stdout.write(JSON.stringify([process.cwd(), ...process.argv.slice(1)]))";
    const command = [process.execPath, "-e", print, "--", ...words];
    const own = join(place, "launch");
    const run = { ...options, command, mergeCommand: command, workingFolder: place, folder: own, tasks: 4 };
    await expect(
      launchJob(scheduler, run, { dryRun: false, env: { PATH: "" }, say: () => {} }),
    ).rejects.toThrow("no such program");
    const output = (script: string): unknown =>
      JSON.parse(execFileSync("bash", [join(own, script)], { encoding: "utf8" }));
    expect(output("gld2019-predict.sh")).toEqual([place, ...words, "--shard", "auto/4"]);
    expect(output("gld2019-predict-merge.sh")).toEqual([place, ...words]);
  },
);

it.each([
  ["slurm", "sbatch", "4711;main", "4711", "--parsable --dependency=afterok:4711 --kill-on-invalid-dep=yes"],
  ["pbs", "qsub", "4711[].pbs.example", "4711[].pbs.example", "-W depend=afterok:4711[].pbs.example"],
  ["grid-engine", "qsub", "4711.1-64:1", "4711", "-terse -hold_jid 4711"],
] as const)(
  "%s: the merge waits for the id that is printed",
  async (scheduler, program, printed, id, args) => {
    const own = join(folder, `submitted-${scheduler}`);
    const bin = programs(program, `echo "$@" >> calls.txt\necho '${printed}'`);
    const lines: string[] = [];
    const host = { dryRun: false, env: { PATH: bin }, say: (line: string) => lines.push(line) };
    expect(await launchJob(scheduler, { ...options, folder: own }, host)).toEqual({ shared: id, merge: id });
    expect(readFileSync(join(own, "calls.txt"), "utf8").split("\n")[1]).toBe(
      `${args} gld2019-predict-merge.sh`,
    );
    expect(lines).toEqual([
      `gld2019-predict: job ${id}, 64 tasks; logs in ${own}`,
      `gld2019-predict-merge: job ${id}, after job ${id}`,
    ]);
  },
);

it("runs and writes nothing in a dry run", async () => {
  const own = join(folder, "dry");
  const bin = programs("sbatch", `touch ${folder}/submitted`);
  const host = { dryRun: true, env: { PATH: bin }, say: () => {} };
  await launchJob("slurm", { ...options, folder: own }, host);
  expect(existsSync(own)).toBe(false);
  expect(readdirSync(folder)).not.toContain("submitted");
});

it.each([
  ["slurm", "sbatch", "Slurm"],
  ["pbs", "qsub", "PBS"],
  ["grid-engine", "qsub", "Grid Engine"],
  ["kubernetes", "kubectl", "Kubernetes"],
] as const)("%s: says what to do where %s is not there", async (scheduler, program, title) => {
  const host = { dryRun: false, env: { PATH: join(folder, "nothing") }, say: () => {} };
  await expect(launchJob(scheduler, { ...options, folder: join(folder, "absent") }, host)).rejects.toThrow(
    `${program}: expected the command of ${title} on this machine, got no such program; launch from a machine that submits to the cluster, or see with --dry-run what would be submitted`,
  );
});

it("passes on why a job is refused, and says what is left when only the merge is", async () => {
  const launch = (body: string): Promise<unknown> => {
    const host = { dryRun: false, env: { PATH: programs("sbatch", body) }, say: () => {} };
    return launchJob("slurm", { ...options, folder: join(folder, "refused") }, host);
  };
  await expect(launch("echo 'no such account' >&2; exit 1")).rejects.toThrow(
    "sbatch: refused the job: no such account",
  );
  await expect(launch("exit 7")).rejects.toThrow("sbatch: refused the job: ended with 7");
  await expect(launch("echo submitted")).rejects.toThrow('sbatch: expected the id of a job, got "submitted"');
  await expect(
    launch('case "$*" in *dependency*) echo "too many jobs" >&2; exit 1;; esac; echo 12'),
  ).rejects.toThrow(
    "sbatch: refused the job: too many jobs; job 12 was submitted without it: run this when it is done: /usr/bin/node main.ts merge predict --run 'runs/Ann'\\''s run'",
  );
});

it.each([
  [
    { name: "Bad Name" },
    "launch: expected a name of at most 40 small letters, digits and dashes, got Bad Name",
  ],
  [{ tasks: 0 }, "launch: expected at least 1 task, a whole number, got 0"],
  [{ cpus: 1.5 }, "launch: expected at least 1 core per task, a whole number, got 1.5"],
  [{ gpus: -1 }, "launch: expected a whole number of GPUs, got -1"],
  [{ hours: 0 }, "launch: expected hours above 0, got 0"],
  [{ memory: "16 GB" }, "launch: expected memory such as 16G or 500M, got 16 GB"],
  [
    { extra: ["-q a\nrm -rf ."] },
    'launch: expected extra directives of one line each, got "-q a\\nrm -rf ."',
  ],
])("refuses %j", async (changes, message) => {
  await expect(shown("slurm", changes)).rejects.toThrow(message);
});

it("refuses what Kubernetes cannot take", async () => {
  const { image, ...withoutImage } = options;
  const host = { dryRun: true, env: {}, say: () => {} };
  await expect(launchJob("kubernetes", withoutImage, host)).rejects.toThrow(
    "kubernetes: expected a container image, got none; pass --image",
  );
  await expect(shown("kubernetes", { volume: "landmarks" })).rejects.toThrow(
    "kubernetes: expected a volume claim and where it is mounted, got landmarks; pass --volume CLAIM:/PATH",
  );
  await expect(shown("kubernetes", { extra: ["-q long"] })).rejects.toThrow(
    "kubernetes: expected no --extra, got -q long; edit what --dry-run prints instead",
  );
});
