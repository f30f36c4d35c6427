import { join } from "node:path";
import type { Neighbors } from "@lmk/index";
import { writeNeighbors } from "@lmk-example/kit";

/** Writes lists into a stage's folder as `makeLists` does, for `readLists`. */
export function writeListsFile(folder: string, lists: Neighbors): Promise<void> {
  return writeNeighbors(join(folder, "lists"), lists);
}
