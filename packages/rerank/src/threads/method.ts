/** Work on rows from `first` to `end`: a pure function of its input; any split of the rows gives the same parts. */
export interface RowTask<Input extends object, Part> {
  /** What progress calls the stage; no two tasks share one. */
  readonly name: string;
  readonly run: (input: Input, first: number, end: number) => Part;
}

/** A task that a method waits for. */
export interface RowWork {
  readonly task: RowTask<object, unknown>;
  /** Plain objects, numbers, strings and typed arrays: what can be sent to a thread. */
  readonly input: object;
  readonly rows: number;
}

/** A method as the steps it consists of: it asks for work on rows and is given the parts, in the order of rows. */
export type Method<Result> = Generator<RowWork, Result, readonly unknown[]>;

/** Has a task done on rows from 0; gives its parts, in the order of rows. At least one part, also of no rows. */
export function* overRows<Input extends object, Part>(
  task: RowTask<Input, Part>,
  input: Input,
  rows: number,
): Generator<RowWork, Part[], readonly unknown[]> {
  // Input and parts belong to the task that is asked for here, which types cannot say of a generator.
  return (yield { task: task as unknown as RowTask<object, unknown>, input, rows }) as Part[];
}

/** Does all work of a method on the calling thread. */
export function runMethod<Result>(method: Method<Result>): Result {
  let step = method.next([]);
  while (step.done !== true) {
    const { task, input, rows } = step.value;
    step = method.next([task.run(input, 0, rows)]);
  }
  return step.value;
}
