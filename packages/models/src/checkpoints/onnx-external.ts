import { realpath } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { type ByteSource, openSource } from "./byte-source.ts";
import { shown, unexpected } from "./checkpoint-error.ts";
import type { Storage } from "./stored-array.ts";

/** The files beside a model that hold its weights. */
export interface ExternalFiles {
  /** Checks where a tensor's bytes lie and gives what reads them. */
  readonly locate: (
    where: string,
    location: ReadonlyMap<string, string>,
    bytes: number,
  ) => Promise<Storage["load"]>;
  /** Size of all files in which something was located. */
  readonly bytes: () => number;
}

/** Files are found by a name inside the model's folder, also after links are followed. */
export function openExternalFiles(source: ByteSource): ExternalFiles {
  const sizes = new Map<string, number>();
  return {
    bytes: () => [...sizes.values()].reduce((sum, size) => sum + size, 0),
    locate: async (where, location, bytes) => {
      const path = await insidePath(source, where, location.get("location") ?? "");
      const offset = wholeNumber(where, "offset", location.get("offset") ?? "0");
      const length = wholeNumber(where, "length", location.get("length") ?? String(bytes));
      if (length !== bytes)
        throw unexpected("external-data", where, `${bytes} bytes of external data`, length);
      const size = await withFile(where, path, async (file) => file.size);
      sizes.set(path, size);
      if (offset + length > size) {
        throw unexpected("truncated", where, `external data up to byte ${offset + length}`, size);
      }
      return () =>
        withFile(where, path, async (file) => ({
          bytes: await file.read(offset, length, "external data"),
          owned: true,
        }));
    },
  };
}

async function insidePath(source: ByteSource, where: string, location: string): Promise<string> {
  const parts = location.split("/");
  const inside = location !== "" && !/^\/|^[a-z]:|[\\\0]/i.test(location) && !parts.includes("..");
  if (!inside) throw unexpected("external-data", where, "a place inside the model's folder", shown(location));
  if (source.path === undefined) {
    throw unexpected(
      "external-data",
      where,
      "the model as a path, as its weights lie in another file",
      "bytes",
    );
  }
  const folder = await realpath(dirname(source.path));
  const path = await realpath(join(folder, location)).catch((cause: unknown) => {
    throw unexpected("external-data", where, `the file ${shown(location)} beside the model`, "none", cause);
  });
  if (path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return path;
  throw unexpected(
    "external-data",
    where,
    "a place inside the model's folder",
    `a link out of it, ${shown(location)}`,
  );
}

function wholeNumber(where: string, name: string, text: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw unexpected("external-data", where, `${name} to be a whole number`, shown(text));
}

async function withFile<T>(where: string, path: string, use: (file: ByteSource) => Promise<T>): Promise<T> {
  const file = await openSource(path).catch((cause: unknown) => {
    throw unexpected(
      "external-data",
      where,
      "a readable file of external data",
      (cause as Error).message,
      cause,
    );
  });
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
