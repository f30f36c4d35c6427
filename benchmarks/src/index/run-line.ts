import type { Report } from "../measure/report.ts";

/** How a result came to be. */
export function runLine({ date, machine, steps, warmup, threads, versions, commit }: Report): string {
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}, ${machine.cores} cores of ${machine.cpu}, commit ${commit.slice(0, 9)}. Medians of ${steps} runs after`,
    `${warmup}, the sides in turns, ${threads} threads where nothing else is said; clustered vectors.`,
    `${names.join(", ")}.`,
  ].join("\n");
}
