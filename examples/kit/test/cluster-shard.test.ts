import { expect, it } from "vitest";
import { schedulerArrays } from "../src/cluster/scheduler-arrays.ts";
import { parseShard } from "../src/cluster/shard.ts";

const slurm = {
  SLURM_ARRAY_TASK_ID: "2",
  SLURM_ARRAY_TASK_MIN: "0",
  SLURM_ARRAY_TASK_MAX: "3",
  SLURM_ARRAY_TASK_STEP: "1",
  SLURM_ARRAY_TASK_COUNT: "4",
  // Every batch script has these.
  SLURM_PROCID: "0",
  SLURM_NTASKS: "1",
};
const gridEngine = { SGE_TASK_ID: "3", SGE_TASK_FIRST: "1", SGE_TASK_LAST: "4", SGE_TASK_STEPSIZE: "1" };

it("reads index and count, whatever the environment", () => {
  expect(parseShard("2/8", slurm)).toEqual({ index: 2, count: 8 });
  expect(parseShard("0/1", {})).toEqual({ index: 0, count: 1 });
});

it.each([
  ["Slurm array", slurm, { index: 2, count: 4 }],
  [
    "Slurm array from 10 in steps of 5",
    {
      ...slurm,
      SLURM_ARRAY_TASK_ID: "20",
      SLURM_ARRAY_TASK_MIN: "10",
      SLURM_ARRAY_TASK_MAX: "25",
      SLURM_ARRAY_TASK_STEP: "5",
    },
    { index: 2, count: 4 },
  ],
  ["Slurm srun", { SLURM_PROCID: "5", SLURM_STEP_NUM_TASKS: "6" }, { index: 5, count: 6 }],
  ["one srun task in a Slurm array", { ...slurm, SLURM_STEP_NUM_TASKS: "1" }, { index: 2, count: 4 }],
  [
    "srun tasks in a Slurm array of one",
    {
      ...slurm,
      SLURM_ARRAY_TASK_MIN: "2",
      SLURM_ARRAY_TASK_MAX: "2",
      SLURM_ARRAY_TASK_COUNT: "1",
      SLURM_PROCID: "1",
      SLURM_STEP_NUM_TASKS: "3",
    },
    { index: 1, count: 3 },
  ],
  ["Grid Engine", gridEngine, { index: 2, count: 4 }],
  [
    "Grid Engine in steps of 10",
    { SGE_TASK_ID: "21", SGE_TASK_FIRST: "1", SGE_TASK_LAST: "30", SGE_TASK_STEPSIZE: "10" },
    { index: 2, count: 3 },
  ],
  ["AWS Batch", { AWS_BATCH_JOB_ARRAY_INDEX: "7", AWS_BATCH_JOB_ARRAY_SIZE: "9" }, { index: 7, count: 9 }],
])("auto: %s", (_, env, shard) => {
  expect(parseShard("auto", env)).toEqual(shard);
});

it.each([
  ["PBS Pro", { PBS_ARRAY_INDEX: "2" }],
  ["Torque", { PBS_ARRAYID: "2" }],
  ["Kubernetes", { JOB_COMPLETION_INDEX: "2" }],
])("auto/8: %s tells the index only", (scheduler, env) => {
  expect(parseShard("auto/8", env)).toEqual({ index: 2, count: 8 });
  expect(() => parseShard("auto", env)).toThrow(
    `--shard auto: ${scheduler} does not tell its tasks how many there are; pass --shard auto/COUNT`,
  );
});

it("auto/8: a task that is submitted again alone keeps its shard", () => {
  const alone = {
    ...slurm,
    SLURM_ARRAY_TASK_MIN: "2",
    SLURM_ARRAY_TASK_MAX: "2",
    SLURM_ARRAY_TASK_COUNT: "1",
  };
  expect(parseShard("auto/8", alone)).toEqual({ index: 2, count: 8 });
  const third = { SGE_TASK_ID: "3", SGE_TASK_FIRST: "3", SGE_TASK_LAST: "3", SGE_TASK_STEPSIZE: "1" };
  expect(parseShard("auto/8", third)).toEqual({ index: 2, count: 8 });
});

it.each(["", "2", "2/", "/8", "-1/8", "1.5/8", "auto/", "auto/auto", "2/8/9"])("refuses %j", (text) => {
  expect(() => parseShard(text, {})).toThrow(`--shard: expected 2/8, auto or auto/8, got ${text}`);
});

it("refuses an index that is not below the count", () => {
  expect(() => parseShard("8/8", {})).toThrow(
    "--shard: expected an index from 0 to count - 1, got 8 of 8 from 8/8; submit as many tasks as there are shards, or pass --shard INDEX/COUNT",
  );
  expect(() => parseShard("auto/2", slurm)).toThrow("got 2 of 2 from SLURM_ARRAY_TASK_ID=2 and auto/2;");
  expect(() => parseShard("auto/2", { ...gridEngine, SGE_TASK_ID: "0" })).toThrow("got -1 of 2");
});

it("refuses an environment that does not tell", () => {
  const known = schedulerArrays.map(({ id }) => id).join(", ");
  const message = `--shard auto: expected the environment of a scheduler's task (${known}), got none; pass --shard INDEX/COUNT`;
  expect(() => parseShard("auto", {})).toThrow(message);
  // A batch script that has several tasks, but runs the program without srun.
  expect(() => parseShard("auto", { SLURM_PROCID: "0", SLURM_NTASKS: "4" })).toThrow(message);
  // Grid Engine, outside an array.
  expect(() => parseShard("auto/4", { SGE_TASK_ID: "undefined" })).toThrow(message);
});

it("refuses what could be read in two ways", () => {
  expect(() => parseShard("auto", { ...slurm, SLURM_STEP_NUM_TASKS: "3" })).toThrow(
    "--shard auto: expected one kind of task, got SLURM_ARRAY_TASK_ID (Slurm array) and SLURM_PROCID (Slurm srun); pass --shard INDEX/COUNT",
  );
  const uneven = { ...slurm, SLURM_ARRAY_TASK_MAX: "6", SLURM_ARRAY_TASK_COUNT: "3" };
  expect(() => parseShard("auto", uneven)).toThrow(
    "--shard auto: expected an array of evenly spaced tasks, got 3 tasks from 0 to 6; pass --shard auto/COUNT to number shards by task",
  );
});

it("refuses a value that is no number", () => {
  expect(() => parseShard("auto/4", { PBS_ARRAY_INDEX: "two" })).toThrow(
    "--shard auto: expected PBS_ARRAY_INDEX to be a whole number, got two; pass --shard INDEX/COUNT",
  );
  expect(() => parseShard("auto", { SGE_TASK_ID: "1" })).toThrow(
    "expected SGE_TASK_FIRST to be a whole number, got nothing",
  );
});
