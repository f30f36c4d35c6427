/** The option of everything that takes more memory than its arguments and its result. */
export interface MemoryOptions {
  /**
   * Bytes that the call may take beside its arguments; what would take more is refused before it allocates.
   *
   * @defaultValue Infinity
   */
  readonly memoryLimit?: number;
}

/** Refuses what would take more than `memoryLimit` bytes. */
export function requireMemory(caller: string, bytes: number, memoryLimit: number): void {
  if (!(memoryLimit > 0)) {
    throw new RangeError(`${caller}: expected \`memoryLimit\` to be above 0, got ${memoryLimit}`);
  }
  if (bytes > memoryLimit) {
    throw new RangeError(
      `${caller}: expected to need at most \`memoryLimit\` = ${memoryLimit} bytes, got ${Math.ceil(bytes)}`,
    );
  }
}
