import type { Context, RunOptions } from "@lmk-example/kit";
import type { Config } from "./config.ts";

/** What every stage works with. Options of the system's own extend `RunOptions`. */
export type SystemContext = Context<Config, RunOptions>;
