/** A value that a key can have. */
export type KeyValue = string | number | boolean | readonly number[];

/** What a key of the original's configs is here. */
export type KeyRow<Value = KeyValue> = {
  /** That of the original's `config/defaults.py`. */
  readonly default: Value;
  /** The only values that are taken; any of its kind where none are given. */
  readonly values?: readonly Value[];
} & (
  | { /** What it does here. */ readonly does: string }
  | { /** Why it has no meaning here. */ readonly reason: string }
);

/** The rows of a section of keys. */
export type KeyRows<Keys> = { readonly [Key in keyof Keys]: KeyRow<Keys[Key]> };
