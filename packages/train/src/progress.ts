export type { ProgressBar, ProgressBarOptions } from "./progress/progress-bar.ts";
export { createProgressBar } from "./progress/progress-bar.ts";
export type { ProgressLogOptions } from "./progress/progress-log.ts";
export { progressLog } from "./progress/progress-log.ts";
