import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { afterAll } from "vitest";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  rewriteRelativeImportExtensions: true,
};

/**
 * The sources as JavaScript, which threads of Node 20 need; deleted after the tests of the file. They lie where sharp is
 * found.
 */
export function transpileSources(): { readonly folder: string; readonly worker: URL } {
  const cache = join(packageFolder, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "lmk-data-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const source = join(packageFolder, "src");
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const name of readdirSync(source, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts") || name.startsWith("landmarks")) continue;
    const { outputText } = ts.transpileModule(readFileSync(join(source, name), "utf8"), { compilerOptions });
    write(name.replace(/\.ts$/, ".js"), outputText);
  }
  write("package.json", '{ "type": "module" }');
  // In a build the loader is part of images.js, so that it looks for its worker one folder further down.
  write("images/images/worker.js", 'import "../worker.js";');
  return { folder, worker: pathToFileURL(join(folder, "images/worker.js")) };
}

/** JavaScript as the address of a module. */
export function dataUrl(code: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
