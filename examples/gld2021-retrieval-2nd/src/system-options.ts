import { addEnsembleRunOptions, type EnsembleRunOptions, nameList } from "@lmk-example/kit";
import type { Command } from "commander";
import { type NetworkName, networkNames } from "./chains.ts";
import type { ValidationFiles } from "./lists/validation-files.ts";

/** What the system's commands take. */
export interface SystemOptions extends EnsembleRunOptions<NetworkName>, ValidationFiles {
  /** Whether first runs take the gates of an SE-ResNet from `--init`, which the original leaves out. */
  readonly loadSeFc?: boolean;
}

/** Gives a command the options of {@link SystemOptions}. */
export function addSystemOptions(command: Command): Command {
  const members = { example: "SER101ibn,ResNeSt101", read: nameList(networkNames) };
  return addEnsembleRunOptions(command, members)
    .option("--load-se-fc", "take the gates of an SE-ResNet from --init, which the original leaves out")
    .option(
      "--contest-index <dir|csv>",
      "index images of the contest, to which index_expand adds what is right for a query",
    )
    .option(
      "--truth <pkl>",
      "what is right for a query, GLDv2_search_label_competition_2021.pkl of the authors",
    );
}
