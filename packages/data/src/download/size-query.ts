import { type DownloadFailure, failedFiles } from "./download-error.ts";
import type { DownloadSettings } from "./download-options.ts";
import { fetchSize } from "./exchange.ts";
import type { FileToDownload } from "./file-to-download.ts";
import { TransferError, withRetries } from "./retry.ts";

/** Asks servers for sizes, and remembers which did not answer. */
export class SizeQuery {
  readonly #settings: DownloadSettings;
  /** Any status is an answer. */
  readonly #answering = new Set<string>();
  readonly #silent = new Set<string>();
  readonly #refusing = new Set<string>();
  readonly #failures = new Map<FileToDownload, DownloadFailure>();
  #unasked = 0;

  constructor(settings: DownloadSettings) {
    this.#settings = settings;
  }

  /**
   * The size of a file; `undefined` where the server does not tell, refuses the question, or does not answer. One that did
   * not answer for another file is not asked again, one that refused is asked once.
   */
  async ask(file: FileToDownload): Promise<number | undefined> {
    const { url, path } = file;
    const { host } = new URL(url);
    if (this.#silent.has(host) && !this.#answering.has(host)) {
      this.#unasked += 1;
      return undefined;
    }
    const settings = this.#refusing.has(host) ? { ...this.#settings, retries: 0 } : this.#settings;
    try {
      const bytes = await withRetries(settings, () => fetchSize(url, settings));
      this.#answering.add(host);
      return bytes;
    } catch (cause) {
      if (!(cause instanceof TransferError)) throw cause;
      if (cause.status === undefined) {
        this.#silent.add(host);
        this.#failures.set(file, { url, path, message: cause.message, cause });
      } else {
        this.#answering.add(host);
        this.#refusing.add(host);
      }
      return undefined;
    }
  }

  /** @throws DownloadError if each of the files was asked for, or left out, and no server has answered. */
  requireAnswer(files: readonly FileToDownload[]): void {
    if (this.#answering.size > 0 || this.#failures.size === 0) return;
    if (this.#failures.size + this.#unasked < files.length) return;
    const failures = files.flatMap((file) => this.#failures.get(file) ?? []);
    throw failedFiles(failures, files.length, this.#unasked);
  }
}
