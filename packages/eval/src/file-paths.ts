// The entry of `@lmk/eval/file-paths`, the only one that needs Node.js modules.
export type { OpenedFile } from "./files/open-file.ts";
export { openFile } from "./files/open-file.ts";
export { saveFile } from "./files/save-file.ts";
