/**
 * An error that the person at the terminal can mend: shown as one line, without a stack.
 *
 * The message says what was expected, what was found, and the way out.
 */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** The user asked the process to stop, and what was done so far is saved. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  /** What the process exits with, as shells number it: 130 after Ctrl-C. */
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The one line to show for anything thrown: messages of several lines are joined. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().replace(/\s*\n\s*/g, "; ");
}
