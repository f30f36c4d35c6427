import type { CompletedStage, Context, RunOptions } from "@lmk-example/kit";
import type { NetworkName } from "./chains.ts";
import type { Config } from "./config.ts";

/** The settings that trained networks are searched with. */
export type RetrievalConfig = Pick<Config, "images" | "chains" | "runs" | "sizes" | "inference" | "search">;

/** What the stages behind the training work with. */
export type RetrievalContext = Context<RetrievalConfig, RunOptions>;

/** The embeddings of every network, by part; none of references where none vote. */
export type Embeddings = ReadonlyMap<NetworkName, EmbeddedParts>;

type EmbeddedParts = Readonly<Record<"queries" | "index", CompletedStage>> & {
  readonly references?: CompletedStage;
};
