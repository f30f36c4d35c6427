import type { RunOptions } from "../src/command-line.ts";
import { type Context, createContext } from "../src/context.ts";

/** The context of a run in `folder` that adds to `told` what stages would show: `skip folds`, and notices. */
export function toldContext<Config, Options extends RunOptions>(
  folder: string,
  config: Config,
  options: Options,
  told: string[],
): Context<Config, Options> {
  const { run, ...others } = createContext(folder, config, options);
  return {
    ...others,
    run: { ...run, onStage: (name, { kind }) => told.push(`${kind} ${name}`) },
    notice: (line) => told.push(line),
  };
}
