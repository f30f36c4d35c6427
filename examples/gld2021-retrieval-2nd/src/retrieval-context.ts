import type { Context, RunOptions } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import type { EmbeddedSystem } from "./system.ts";

/** The settings that trained networks are searched with. */
export type RetrievalConfig = Pick<Config, "images" | "chains" | "runs" | "sizes" | "inference" | "search">;

/** What the stages behind the training work with. */
export type RetrievalContext = Context<RetrievalConfig, RunOptions>;

/** The embeddings of every network, by part. */
export type Embeddings = EmbeddedSystem["embeddings"];
