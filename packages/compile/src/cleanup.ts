/** Does all of `acts`, one after the other, also those behind one that fails; then throws the first failure. */
export async function inTurn(acts: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const act of acts) {
    try {
      await act();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** Undoes the last first, and all, also where one fails; then throws the first failure. */
export function undoAll(undo: readonly (() => void)[]): void {
  const failures: unknown[] = [];
  for (const act of undo.toReversed()) {
    try {
      act();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
