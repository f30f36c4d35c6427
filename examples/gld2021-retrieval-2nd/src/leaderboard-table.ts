import type { ReportTable } from "@lmk-example/kit";
import { leaderboard } from "./published-results.ts";

/** The private leaderboard of the challenge, for the report. */
export function leaderboardTable(): ReportTable {
  return {
    title: "The challenge",
    caption: "mAP@100 in percent on the private test images",
    columns: [
      { title: "team" },
      { title: "private", decimals: 2 },
      { title: "entries", decimals: 0 },
      { title: "public place", decimals: 0 },
    ],
    rows: leaderboard.map((team) => [team.name, team.private, team.entries, team.publicPlace]),
  };
}
