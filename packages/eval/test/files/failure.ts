import { FileFormatError, type FileFormatProblem } from "@lmk/eval/files";
import { expect } from "vitest";

/** The error that a reader rejects with. */
export async function failureOf(reading: Promise<unknown>): Promise<FileFormatError> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!FileFormatError.isInstance(error)) throw new Error(`expected a FileFormatError, got ${error}`);
  return error;
}

/** Expects a reader to reject with exactly this problem and message. */
export async function expectFailure(
  reading: Promise<unknown>,
  problem: FileFormatProblem,
  message: string,
): Promise<void> {
  const error = await failureOf(reading);
  const { code, file, line, field, expected, got } = error;
  expect({ code, file, line, field, expected, got }).toEqual(problem);
  expect(error.message).toBe(message);
}
