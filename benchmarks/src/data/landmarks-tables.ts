import { table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";

/** One data set, made from nothing. */
export interface LandmarksRun {
  readonly images: number;
  readonly landmarks: number;
  /** Worker threads; 0 for the calling thread. */
  readonly workers: number;
  readonly seconds: number;
  /** Of all threads. */
  readonly cpuSeconds: number;
  readonly files: number;
  readonly bytes: number;
  /** Over the paths and bytes of all files. */
  readonly sha256: string;
}

/** A result of the benchmark of generated landmarks. */
export type LandmarksReport = Report<{ readonly longSide: number; readonly runs: readonly LandmarksRun[] }>;

/** The table of a result, as Markdown. */
export function landmarkTables({ date, machine, commit, versions, results }: LandmarksReport): string {
  const small = results.runs.slice(1);
  const isSame = new Set(small.map(({ sha256 }) => sha256)).size === 1;
  return [
    [
      `${date}, ${machine.cores} cores of ${machine.cpu}, commit ${commit.slice(0, 9)}. Each set was made once.`,
      `node ${versions.node}, sharp ${versions.sharp}.`,
    ].join("\n"),
    table(
      `### Generated landmarks, ${results.longSide} px`,
      ["images", "landmarks", "workers", "seconds", "images/s", "CPU time an image", "SHA-256 of all files"],
      results.runs.map(({ images, landmarks, workers, seconds, cpuSeconds, sha256 }) => [
        `${images}`,
        `${landmarks}`,
        workers === 0 ? "calling thread" : `${workers}`,
        seconds.toFixed(1),
        (images / seconds).toFixed(1),
        `${((1000 * cpuSeconds) / images).toFixed(0)} ms`,
        `\`${sha256.slice(0, 16)}\``,
      ]),
      `The sets of ${small[0]!.images} images are ${isSame ? "the same to the byte" : "NOT the same"}.`,
    ),
  ].join("\n\n");
}
