import { TaskQueue } from "../images/task-queue.ts";
import { type DownloadFailure, failedFiles } from "./download-error.ts";
import type { FileToDownload } from "./file-to-download.ts";
import { TransferError } from "./retry.ts";

/**
 * Does a task for every file, `concurrency` at a time. A file that fails does not stop the others, but a disk that
 * refuses to be written does: they would come and fail like it.
 *
 * @param isFatal - Whether an error stops the others; of the disk by default.
 * @throws DownloadError that lists the failed files; the reason of `signal` if that stopped it.
 */
export async function runAll<File extends FileToDownload, Result>(
  files: readonly File[],
  { concurrency, signal }: { readonly concurrency: number; readonly signal: AbortSignal | undefined },
  task: (file: File, number: number) => Promise<Result>,
  isFatal: (error: unknown) => boolean = isDiskError,
): Promise<Result[]> {
  const queue = new TaskQueue(concurrency);
  const failures: (DownloadFailure | undefined)[] = files.map(() => undefined);
  const results = await Promise.all(
    files.map((file, number) =>
      queue.add(async () => {
        try {
          signal?.throwIfAborted();
          return { value: await task(file, number) };
        } catch (error) {
          if (signal?.aborted === true || isFatal(error)) queue.stop();
          failures[number] = failureOf(file, error);
          return undefined;
        }
      }),
    ),
  );
  signal?.throwIfAborted();
  const failed = failures.filter((failure) => failure !== undefined);
  const done = results.filter((result) => result !== undefined);
  if (failed.length > 0) throw failedFiles(failed, files.length, files.length - failed.length - done.length);
  return done.map(({ value }) => value);
}

function failureOf({ url, path }: FileToDownload, cause: unknown): DownloadFailure {
  return { url, path, message: cause instanceof Error ? cause.message : String(cause), cause };
}

function isDiskError(error: unknown): boolean {
  return !(error instanceof TransferError) && error instanceof Error && "syscall" in error;
}
