import type { LandmarkData, SizeTemplate, Split } from "@lmk/data";
import { groupOfSize } from "@lmk/data";
import type { CompletedStage, RunFolder, RunOptions } from "@lmk-example/kit";
import type { Config } from "./config.ts";

/** What every stage works with. */
export interface Context {
  readonly run: RunFolder;
  readonly config: Config;
  readonly options: RunOptions;
  /** Shows how far a stage is. */
  readonly progress: (label: string, total: number, unit?: string, done?: number) => Progress;
  /** Shows a line of its own. */
  readonly notice: (line: string) => void;
}

export interface Progress {
  readonly update: (done: number, note?: string) => void;
  readonly stop: () => void;
}

/** The data set with the size of each image; an image of size 0 is left out everywhere. */
export interface PreparedData {
  readonly stage: CompletedStage;
  readonly data: LandmarkData;
  readonly sizes: Readonly<Record<Split, { readonly widths: Int32Array; readonly heights: Int32Array }>>;
}

export const splits: readonly Split[] = ["train", "index", "test"];

/** The rows of a split that can be read, ascending: row `i` of its embeddings belongs to `usableRows(…)[i]`. */
export function usableRows({ sizes }: PreparedData, split: Split): Int32Array {
  const { widths } = sizes[split];
  return Int32Array.from(widths.keys()).filter((row) => widths[row]! > 0);
}

/** The size group of each row of a split; −1 for rows that cannot be read. */
export function groupsOf({ sizes }: PreparedData, split: Split, template: SizeTemplate): Int32Array {
  const { widths, heights } = sizes[split];
  return Int32Array.from(widths, (width, row) =>
    width > 0 ? groupOfSize(template, { width, height: heights[row]! }) : -1,
  );
}

/** What decides the numbers that a network gives, besides its weights. */
export function engineSettings({ options }: Context): { provider: "cpu" | "webgpu"; threads: number } {
  return { provider: options.provider, threads: options.threads };
}
