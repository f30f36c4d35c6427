import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { manifestOf, packageFolders, root } from "./repository.ts";

/** Entries of a package as built: subpath and declaration file. */
function entries(folder: string): [string, string][] {
  return Object.entries(manifestOf(folder).exports).flatMap(([subpath, target]) =>
    typeof target === "string" ? [] : [[subpath, join(root, folder, target.types!)] as [string, string]],
  );
}

/** Names that a declaration file exports, and those of them without a doc comment. */
function surface(file: string): { readonly names: string[]; readonly undocumented: string[] } {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${file}: expected a built module, got none; run pnpm build first`);
  const symbols = checker.getExportsOfModule(module).map((symbol) => ({
    name: symbol.name,
    target: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  }));
  return {
    names: symbols.map((symbol) => symbol.name).sort(),
    undocumented: symbols
      .filter((symbol) => symbol.target.getDocumentationComment(checker).length === 0)
      .map((symbol) => symbol.name)
      .sort(),
  };
}

describe.each(packageFolders)("the public surface of %s", (folder) => {
  it.each(entries(folder))("%s is the committed list, each name documented", async (subpath, file) => {
    const { names, undocumented } = surface(file);
    expect({ undocumented }).toEqual({ undocumented: [] });
    const list = join(folder, subpath).replaceAll("/", "-");
    await expect(`${names.join("\n")}\n`).toMatchFileSnapshot(`surface/${list}.txt`);
  });
});
