/** The environment variables by which a scheduler tells a task which of several it is. */
export interface TaskVariables {
  readonly scheduler: string;
  /** Holds the task's number. */
  readonly id: string;
  /** Value of `id` outside an array. */
  readonly idUnless?: string;
  /** Must be set too; without it `id` means something else. */
  readonly requires?: string;
  /** Number of the first task, by the scheduler's custom. */
  readonly origin: 0 | 1;
  /** Hold the numbers of the first and last task and the distance between two. */
  readonly range?: { readonly first: string; readonly last: string; readonly step: string };
  /** Holds how many tasks there are. */
  readonly count?: string;
  /** Where this is documented. */
  readonly source: string;
}

/** The schedulers that `--shard auto` knows. */
export const schedulerArrays: readonly TaskVariables[] = [
  {
    scheduler: "Slurm array",
    id: "SLURM_ARRAY_TASK_ID",
    origin: 0,
    range: { first: "SLURM_ARRAY_TASK_MIN", last: "SLURM_ARRAY_TASK_MAX", step: "SLURM_ARRAY_TASK_STEP" },
    count: "SLURM_ARRAY_TASK_COUNT",
    source: "https://slurm.schedmd.com/job_array.html",
  },
  {
    // A batch script has SLURM_PROCID=0 too; only what srun starts has the step's count.
    scheduler: "Slurm srun",
    id: "SLURM_PROCID",
    requires: "SLURM_STEP_NUM_TASKS",
    origin: 0,
    count: "SLURM_STEP_NUM_TASKS",
    source: "https://slurm.schedmd.com/srun.html",
  },
  {
    scheduler: "PBS Pro",
    id: "PBS_ARRAY_INDEX",
    origin: 0,
    source: "https://help.altair.com/2022.1.0/PBS%20Professional/PBSUserGuide2022.1.pdf",
  },
  {
    scheduler: "Torque",
    id: "PBS_ARRAYID",
    origin: 0,
    source: "https://docs.adaptivecomputing.com/torque/4-0-2/Content/topics/commands/qsub.htm",
  },
  {
    scheduler: "Grid Engine",
    id: "SGE_TASK_ID",
    idUnless: "undefined",
    origin: 1,
    range: { first: "SGE_TASK_FIRST", last: "SGE_TASK_LAST", step: "SGE_TASK_STEPSIZE" },
    source: "https://gridscheduler.sourceforge.net/htmlman/htmlman1/submit.html",
  },
  {
    scheduler: "Kubernetes",
    id: "JOB_COMPLETION_INDEX",
    origin: 0,
    source: "https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode",
  },
  {
    scheduler: "AWS Batch",
    id: "AWS_BATCH_JOB_ARRAY_INDEX",
    origin: 0,
    count: "AWS_BATCH_JOB_ARRAY_SIZE",
    source: "https://docs.aws.amazon.com/batch/latest/userguide/job_env_vars.html",
  },
];
