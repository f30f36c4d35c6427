/** What a process knows of how it was started. */
export interface StartedProgram {
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
}

/** The command that runs this program again with other arguments: same Node, same flags, same script. */
export function programCommand(
  args: readonly string[],
  { execPath, execArgv, argv }: StartedProgram,
): string[] {
  return [execPath, ...execArgv, argv[1]!, ...args];
}
