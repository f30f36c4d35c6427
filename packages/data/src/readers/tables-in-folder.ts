import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataFormatError } from "../data-format-error.ts";
import type { Split } from "./landmark-data.ts";

/** A table in the root of a data set, in the folder of its split, or in `metadata/`. */
export function findTable(root: string, split: Split, name: string): string | undefined {
  return [join(root, name), join(root, split, name), join(root, "metadata", name)].find((file) =>
    existsSync(file),
  );
}

export function requireTable(root: string, split: Split, name: string): string {
  const file = findTable(root, split, name);
  if (file !== undefined) return file;
  const detail = `expected ${name} in this folder, its ${split}/ or its metadata/, got none`;
  throw new DataFormatError("missing-file", root, 0, detail);
}
