import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, manifestOf, packageFolders, root } from "./repository.ts";

const rootEngines = manifestOf(".").engines;

describe.each(packageFolders)("%s", (folder) => {
  const manifest = manifestOf(folder);

  it("is named after its folder, ESM only, without side effects, Apache-2.0", () => {
    expect(manifest.name).toBe(`@lmk/${basename(folder)}`);
    expect(manifest.type).toBe("module");
    expect(manifest.sideEffects).toBe(false);
    expect(manifest.license).toBe("Apache-2.0");
    expect(manifest.engines).toEqual(rootEngines);
  });

  it("declares no other package of ours", () => {
    const declared = [
      manifest.dependencies,
      manifest.devDependencies,
      manifest.peerDependencies,
      manifest.optionalDependencies,
    ].flatMap((dependencies) => Object.keys(dependencies ?? {}));
    expect(declared.filter((name) => name.startsWith("@lmk/"))).toEqual([]);
  });

  it("orders its export conditions source, types, default, and the sources exist", () => {
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      if (subpath === "./package.json") continue;
      expect(Object.keys(target)).toEqual(["@lmk/source", "types", "default"]);
      expect(existsSync(join(root, folder, (target as Record<string, string>)["@lmk/source"]!))).toBe(true);
    }
  });

  it("has a licence, a changelog, and a README with the agreed parts", () => {
    expect(readFileSync(join(root, folder, "LICENSE"), "utf8")).toBe(
      readFileSync(join(root, "LICENSE"), "utf8"),
    );
    expect(existsSync(join(root, folder, "CHANGELOG.md"))).toBe(true);
    const readme = readFileSync(join(root, folder, "README.md"), "utf8");
    expect(readme.startsWith(`# ${manifest.name}\n`)).toBe(true);
    expect(readme).toContain(`npm install ${manifest.name}`);
    for (const heading of ["## What is inside", "## Conventions", "## Limits"])
      expect(readme).toContain(heading);
  });

  it("keeps clocks, chance, the environment and the console out of its sources", () => {
    const banned = /Math\.random\(|Date\.now\(|process\.env|\bconsole\./;
    const found = filesBelow(join(folder, "src"), ".ts").filter((file) =>
      withoutComments(readFileSync(join(root, file), "utf8")).match(banned),
    );
    expect(found).toEqual([]);
  });

  it("exports by explicit lists", () => {
    for (const file of filesBelow(join(folder, "src"), "index.ts")) {
      expect(readFileSync(join(root, file), "utf8")).not.toMatch(/export \*/);
    }
  });
});

/** Source text without comments, so that an example in a doc comment may print. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
