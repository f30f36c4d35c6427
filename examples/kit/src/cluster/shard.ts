import type { Shard } from "../run-folder.ts";
import { UserError } from "../user-error.ts";
import { schedulerArrays, type TaskVariables } from "./scheduler-arrays.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The shard that `--shard` names: `2/8` (index from 0, and count), `auto` (both from the scheduler's environment), or
 * `auto/8` (this count, the index from the environment).
 *
 * With `auto` the index counts the tasks that were submitted together. With `auto/8` it is the task's own number, so one
 * failed task can be submitted again alone, under its number.
 *
 * @throws {UserError} on another form, an index outside 0 … count − 1, or an environment that does not tell.
 */
export function parseShard(text: string, env: Environment): Shard {
  const [, index, count] = /^(\d+|auto)(?:\/(\d+))?$/.exec(text) ?? [];
  if (index === undefined || (index !== "auto" && count === undefined)) {
    throw new UserError(`--shard: expected 2/8, auto or auto/8, got ${text}`);
  }
  if (index !== "auto") return checked({ index: Number(index), count: Number(count) }, text);
  const task = taskOf(env);
  if (count === undefined) return countedShard(task);
  return checked(
    { index: task.id - task.variables.origin, count: Number(count) },
    `${task.from} and ${text}`,
  );
}

function checked(shard: Shard, given: string): Shard {
  if (shard.index >= 0 && shard.index < shard.count) return shard;
  throw new UserError(
    `--shard: expected an index from 0 to count - 1, got ${shard.index} of ${shard.count} from ${given}; submit as many tasks as there are shards, or pass --shard INDEX/COUNT`,
  );
}

interface Task {
  readonly variables: TaskVariables;
  readonly id: number;
  /** The variable and its value, for messages. */
  readonly from: string;
  readonly number: (variable: string) => number;
}

function taskOf(env: Environment): Task {
  const present = schedulerArrays.filter(
    ({ id, idUnless, requires }) =>
      env[id] !== undefined &&
      env[id] !== idUnless &&
      (requires === undefined || env[requires] !== undefined),
  );
  if (present.length === 0) {
    const known = schedulerArrays.map(({ id }) => id).join(", ");
    throw new UserError(
      `--shard auto: expected the environment of a scheduler's task (${known}), got none; pass --shard INDEX/COUNT`,
    );
  }
  // One srun task inside an array's task, or the other way round, is no second division.
  const divided = present.filter(({ count }) => count === undefined || env[count] !== "1");
  if (divided.length > 1) {
    const found = divided.map(({ scheduler, id }) => `${id} (${scheduler})`).join(" and ");
    throw new UserError(`--shard auto: expected one kind of task, got ${found}; pass --shard INDEX/COUNT`);
  }
  const variables = divided[0] ?? present[0]!;
  const number = (variable: string): number => wholeNumber(variable, env[variable]);
  return { variables, id: number(variables.id), from: `${variables.id}=${env[variables.id]}`, number };
}

/** Index and count among the tasks that were submitted together. */
function countedShard({ variables, id, from, number }: Task): Shard {
  const { range, count } = variables;
  if (count !== undefined && range === undefined) {
    return checked({ index: id - variables.origin, count: number(count) }, from);
  }
  if (range === undefined) {
    throw new UserError(
      `--shard auto: ${variables.scheduler} does not tell its tasks how many there are; pass --shard auto/COUNT`,
    );
  }
  const [first, last, step] = [number(range.first), number(range.last), Math.max(1, number(range.step))];
  const tasks = Math.floor((last - first) / step) + 1;
  const submitted = count === undefined ? tasks : number(count);
  if (submitted !== tasks || (id - first) % step !== 0) {
    throw new UserError(
      `--shard auto: expected an array of evenly spaced tasks, got ${submitted} tasks from ${first} to ${last}; pass --shard auto/COUNT to number shards by task`,
    );
  }
  return checked({ index: (id - first) / step, count: tasks }, from);
}

function wholeNumber(variable: string, text: string | undefined): number {
  if (text !== undefined && /^\d+$/.test(text)) return Number(text);
  throw new UserError(
    `--shard auto: expected ${variable} to be a whole number, got ${text ?? "nothing"}; pass --shard INDEX/COUNT`,
  );
}
