/**
 * An error that the person at the terminal can mend: shown as one line, without a stack.
 *
 * The message says what was expected, what was found, and the way out.
 */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** The one line to show for anything thrown: messages of several lines are joined. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().replace(/\s*\n\s*/g, "; ");
}
