import { DataFormatError } from "./data-format-error.ts";

/** What Node.js throws where it cannot read a file or folder as a {@link DataFormatError}; other errors as they are. */
export function asFormatError(path: string, error: unknown, what: "file" | "folder" = "file"): unknown {
  if (!(error instanceof Error && "syscall" in error && "code" in error)) return error;
  if (error.code === "ENOENT") {
    return new DataFormatError("missing-file", path, 0, `expected a ${what}, got none`, { cause: error });
  }
  const detail = `expected a readable ${what}, got ${error.code}`;
  return new DataFormatError("unreadable-file", path, 0, detail, { cause: error });
}
