/** What is wrong with a checkpoint. */
export type CheckpointErrorCode =
  | "unknown-format"
  | "truncated"
  | "damaged"
  | "bad-header"
  | "bad-archive"
  | "bad-pickle"
  | "forbidden-pickle"
  | "bad-onnx"
  | "external-data"
  | "bad-tensor"
  | "unsupported-dtype"
  | "not-finite"
  | "too-large"
  | "no-weights"
  | "mismatch";

/**
 * A checkpoint that cannot be read, or that does not fit its network.
 *
 * Recognize it by `code`; two installed copies of this package are two classes.
 */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
  /** What is wrong. */
  readonly code: CheckpointErrorCode;

  constructor(code: CheckpointErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A {@link CheckpointError} in this package's form: `where: expected …, got …`. */
export function unexpected(
  code: CheckpointErrorCode,
  where: string,
  expected: string,
  got: unknown,
  cause?: unknown,
): CheckpointError {
  return new CheckpointError(
    code,
    `${where}: expected ${expected}, got ${got}`,
    cause === undefined ? {} : { cause },
  );
}

/** A name from a file as it may stand in a message: quoted where it is not plain, and cut where it is long. */
export function shown(name: string): string {
  const cut = name.length > 80 ? `${name.slice(0, 77)}...` : name;
  return /^[\w./:+<>-]+$/.test(cut) ? cut : JSON.stringify(cut);
}

/** The first of many names, and how many more there are. */
export function shownList(names: readonly string[], most = 8): string {
  const first = names.slice(0, most).map(shown).join(", ");
  return names.length > most ? `${first} and ${names.length - most} more` : first;
}
