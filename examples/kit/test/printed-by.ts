import { vi } from "vitest";

/** What is needed of commander's commands. */
interface Command {
  parseAsync(args: readonly string[], options: { readonly from: "user" }): Promise<unknown>;
}

/** Gives `args` to a command in this process: what it writes to standard output, text by text. */
export async function printedBy(command: Command, ...args: readonly string[]): Promise<string[]> {
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await command.parseAsync(args, { from: "user" });
    return written.mock.calls.map(([text]) => `${text}`);
  } finally {
    written.mockRestore();
  }
}
