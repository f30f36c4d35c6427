/** What a thread is asked: to keep an input or to forget it, or to do a task on rows with an input that it keeps. */
export type ThreadRequest =
  | { readonly kind: "input"; readonly id: number; readonly input: object }
  | { readonly kind: "forget"; readonly id: number }
  | {
      readonly kind: "rows";
      readonly id: number;
      readonly task: string;
      readonly first: number;
      readonly end: number;
    };

/** What a thread answers to work on rows, in the order in which it was asked. */
export type ThreadReply = { readonly part: unknown } | { readonly error: unknown };
