import { UserError } from "@lmk-example/kit";
import { type ListName, listFile, listNames } from "./list-names.ts";

/** The list that `DATALOADER.CACHE_LIST` names by its file. */
export function listOfFile(file: string): ListName {
  const found = listNames.find((name) => listFile(name) === file);
  if (found !== undefined) return found;
  throw new UserError(
    `DATALOADER.CACHE_LIST: expected one of ${listNames.map(listFile).join(", ")}, got ${JSON.stringify(file)}; correct it`,
  );
}
