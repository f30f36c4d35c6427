import type { DownloadProgress } from "./download-options.ts";

/** Adds up what the files of a download report, each by its number in the list. */
export class ProgressCount {
  readonly #onProgress: (progress: DownloadProgress) => void;
  readonly #bytes: Float64Array;
  readonly #total: number;
  #done = 0;
  #files = 0;

  constructor(files: number, totalBytes: number, onProgress: (progress: DownloadProgress) => void) {
    this.#bytes = new Float64Array(files);
    this.#total = totalBytes;
    this.#onProgress = onProgress;
  }

  /** A file has so many bytes now; fewer than before where it was begun anew. */
  report(file: number, bytes: number): void {
    if (bytes === this.#bytes[file]) return;
    this.#done += bytes - this.#bytes[file]!;
    this.#bytes[file] = bytes;
    this.#tell();
  }

  complete(): void {
    this.#files += 1;
    this.#tell();
  }

  #tell(): void {
    this.#onProgress({
      doneBytes: this.#done,
      totalBytes: this.#total,
      doneFiles: this.#files,
      totalFiles: this.#bytes.length,
    });
  }
}
