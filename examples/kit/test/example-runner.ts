import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** How a run of an example ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an example, such as `gld2019-retrieval`, as a user does, on the built packages. */
export function exampleRunner(name: string) {
  return (
    args: readonly string[],
    onStart: (child: ChildProcess) => void = () => {},
    env: NodeJS.ProcessEnv = process.env,
  ): Promise<Outcome> => {
    const command = ["--import", "tsx", `examples/${name}/src/main.ts`, ...args];
    const child = spawn(process.execPath, command, { cwd: root, env });
    onStart(child);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk;
    });
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, stdout, stderr }));
    });
  };
}
