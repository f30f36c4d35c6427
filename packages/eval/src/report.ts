// The entry of `@lmk/eval/report`.
export { leaderboardHtml } from "./report/html.ts";
export type {
  LeaderboardMetric,
  LeaderboardOptions,
  LeaderboardRun,
  LeaderboardScore,
} from "./report/options.ts";
export { leaderboardText } from "./report/text.ts";
