import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "./repository.ts";

let folder = "";

/** A workspace of two packages and an app, under this repository's own rules. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-imports-"));
  cpSync(join(root, ".dependency-cruiser.cjs"), join(folder, ".dependency-cruiser.cjs"));
  cpSync(join(root, "tsconfig.base.json"), join(folder, "tsconfig.base.json"));
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "fixture", private: true, type: "module" }),
  );
  for (const place of [
    "packages/a/src",
    "packages/b/src",
    "examples/kit/src",
    "examples/x-kit/src",
    "examples/x/src",
    "examples/y/src",
  ]) {
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, place, "index.ts"), "export const value: number = 1;\n");
    writeFileSync(join(folder, place, "..", "package.json"), JSON.stringify({ name: place, type: "module" }));
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The rules that an import, written into a file, breaks. */
function broken(file: string, statement: string): string[] {
  const path = join(folder, file);
  writeFileSync(path, `${statement}\nexport const other: number = 2;\n`);
  const args = ["packages", "examples", "--config", ".dependency-cruiser.cjs", "--output-type", "json"];
  const result = spawnSync(join(root, "node_modules", ".bin", "depcruise"), args, {
    cwd: folder,
    encoding: "utf8",
  });
  rmSync(path);
  const report = JSON.parse(result.stdout) as { summary: { violations: { rule: { name: string } }[] } };
  return [...new Set(report.summary.violations.map((violation) => violation.rule.name))].sort();
}

it("accepts a package that imports only itself", () => {
  expect(broken("packages/a/src/more.ts", 'import { value } from "./index.ts";\nexport { value };')).toEqual(
    [],
  );
});

it.each([
  ["another package by path", "packages/a/src/more.ts", '"../../b/src/index.ts"', "packages-are-independent"],
  [
    "another package's types",
    "packages/a/src/more.ts",
    'type:"../../b/src/index.ts"',
    "packages-are-independent",
  ],
  ["another package by name", "packages/a/src/more.ts", '"@lmk/b"', "packages-are-independent-by-name"],
  [
    "an example",
    "packages/a/src/more.ts",
    '"../../../examples/x/src/index.ts"',
    "packages-never-import-apps",
  ],
  ["an undeclared dependency", "packages/a/src/more.ts", '"left-pad"', "no-undeclared-dependency"],
])("refuses a package that imports %s", (_name, file, target, rule) => {
  const [keyword, path] = target.startsWith("type:") ? ["import type", target.slice(5)] : ["import", target];
  expect(broken(file, `${keyword} { value } from ${path};\nexport type Value = typeof value;`)).toContain(
    rule,
  );
});

it("refuses an example that imports another example, and lets both import kits", () => {
  const use = "export type Value = typeof value;";
  expect(broken("examples/x/src/more.ts", `import { value } from "../../y/src/index.ts";\n${use}`)).toEqual([
    "examples-meet-only-in-kits",
  ]);
  expect(
    broken("examples/x-kit/src/more.ts", `import { value } from "../../x/src/index.ts";\n${use}`),
  ).toEqual(["examples-meet-only-in-kits"]);
  for (const kit of ["kit", "x-kit"]) {
    const statement = `import { value } from "../../${kit}/src/index.ts";\n${use}`;
    expect(broken("examples/x/src/more.ts", statement)).toEqual([]);
  }
});
