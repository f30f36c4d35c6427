import { CommanderError } from "commander";
import { beforeEach, expect, it } from "vitest";
import { authorsHours, launchCommand } from "../src/cluster/launch-command.ts";
import { UserError } from "../src/user-error.ts";

let lines: string[] = [];
let read: unknown[] = [];
beforeEach(() => {
  lines = [];
  read = [];
});

async function launch(...argv: string[]): Promise<string> {
  const command = launchCommand({
    name: "gld2019",
    stages: ["train", "predict"],
    runFolderOf(stage, stageArguments) {
      read.push([stage, ...stageArguments]);
      if (stageArguments.includes("--thread")) throw new UserError("unknown option '--thread'");
      return "runs/demo";
    },
    hoursOf: authorsHours,
    started: { execPath: "/opt/node", execArgv: ["--import", "tsx"], argv: ["/opt/node", "/lmk/main.ts"] },
    workingFolder: "/lmk",
    env: { PATH: "" },
    say: (line) => lines.push(line),
  });
  await command.parseAsync(argv, { from: "user" });
  return lines.join("\n");
}

it("tells the launch's own options from the stage's", async () => {
  const text = await launch(
    ...[
      "slurm",
      "predict",
      "--preset",
      "paper",
      "--tasks",
      "8",
      "--data",
      "my photos",
      "--cpus=4",
      "--gpus",
      "1",
    ],
    ...["--extra=--partition=long", "--extra", "--account=ann", "--skip-corrupt", "--dry-run"],
  );
  expect(read).toEqual([
    ["predict", "--preset", "paper", "--data", "my photos", "--skip-corrupt", "--threads", "4"],
  ]);
  expect(text).toMatchInlineSnapshot(`
    "would write /lmk/runs/demo/launch/gld2019-predict.sh:
      #!/bin/bash
      #SBATCH --job-name=gld2019-predict
      #SBATCH --output=%x-%A_%a.log
      #SBATCH --nodes=1
      #SBATCH --ntasks=1
      #SBATCH --cpus-per-task=4
      #SBATCH --time=18:00:00
      #SBATCH --gres=gpu:1
      #SBATCH --array=0-7
      #SBATCH --partition=long
      #SBATCH --account=ann
      set -euo pipefail
      cd /lmk
      exec /opt/node --import tsx /lmk/main.ts predict --preset paper --data 'my photos' --skip-corrupt --threads 4 --shard auto/8
    would write /lmk/runs/demo/launch/gld2019-predict-merge.sh:
      #!/bin/bash
      #SBATCH --job-name=gld2019-predict-merge
      #SBATCH --output=%x-%j.log
      #SBATCH --nodes=1
      #SBATCH --ntasks=1
      #SBATCH --cpus-per-task=4
      #SBATCH --time=18:00:00
      #SBATCH --partition=long
      #SBATCH --account=ann
      set -euo pipefail
      cd /lmk
      exec /opt/node --import tsx /lmk/main.ts merge predict --preset paper --data 'my photos' --skip-corrupt --threads 4
    would run: cd /lmk/runs/demo/launch && sbatch --parsable gld2019-predict.sh
    would run: cd /lmk/runs/demo/launch && sbatch --parsable --dependency=afterok:ID --kill-on-invalid-dep=yes gld2019-predict-merge.sh"
  `);
});

it("leaves --threads as it is given", async () => {
  expect(await launch("pbs", "predict", "--threads", "3", "--cpus", "4", "--dry-run")).toContain(
    "predict --threads 3 --shard auto/4",
  );
  expect(await launch("pbs", "predict", "--threads=2", "--dry-run")).toContain("predict --threads=2 --shard");
});

it("gives training and predicting the authors' hours, unless told otherwise", async () => {
  expect(await launch("slurm", "train", "--dry-run")).toContain("--time=72:00:00");
  expect(await launch("slurm", "predict", "--dry-run")).toContain("--time=18:00:00");
  expect(await launch("slurm", "predict", "--hours", "0.5", "--dry-run")).toContain("--time=00:30:00");
});

it("runs the image's own Node on Kubernetes", async () => {
  const text = await launch(
    "kubernetes",
    "predict",
    "--image",
    "node:20",
    "--volume",
    "lmk:/lmk",
    "--dry-run",
  );
  expect(text).toMatch(/command:\n +- node\n +- --import\n +- tsx\n +- \/lmk\/main.ts\n/);
  expect(text).not.toContain("/opt/node");
});

it.each([
  [["slurm"], "missing required argument 'stage'"],
  [["lsf", "predict"], "Allowed choices are slurm, pbs, grid-engine, kubernetes."],
  [["slurm", "report"], "Allowed choices are train, predict."],
  [["slurm", "predict", "--tasks", "0"], "expected a whole number of at least 1, got 0."],
  [["slurm", "predict", "--memory", "lots"], "expected a size such as 16G or 500M, got lots."],
  [["slurm", "predict", "--hours", "-1"], "expected hours above 0, got -1."],
])("refuses %j", async (argv, message) => {
  const error = await launch(...argv).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CommanderError);
  expect((error as Error).message).toContain(message);
});

it("lets the stage refuse its own options before anything is submitted", async () => {
  await expect(launch("slurm", "predict", "--thread", "4")).rejects.toThrow("unknown option '--thread'");
  expect(lines).toEqual([]);
});

it("refuses another way of sharing", async () => {
  await expect(launch("slurm", "predict", "--workers=2")).rejects.toThrow(
    "launch: expected no --workers, got one; --tasks shares the stage",
  );
  await expect(launch("slurm", "predict", "--shard", "0/2")).rejects.toThrow("expected no --shard, got one");
});
