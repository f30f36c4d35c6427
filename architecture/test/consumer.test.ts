import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstCodeBlock, manifestOf, packageFolders, root } from "./repository.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-consumer-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the README's block promises to print: the text behind each `// =>`. */
function promised(block: string): string[] {
  return [...block.matchAll(/\/\/ => (.*)$/gm)].map((match) => match[1]!.trim());
}

describe.each(packageFolders)("%s, packed and installed alone", (packageFolder) => {
  it("runs the README's code block and prints what it promises", { timeout: 180_000 }, () => {
    const manifest = manifestOf(packageFolder);
    const readme = readFileSync(join(root, packageFolder, "README.md"), "utf8");
    const block = firstCodeBlock(readme);
    if (block === undefined) throw new Error(`${packageFolder}/README.md has no ts block`);
    expect(block.split("\n").length).toBeLessThan(22);
    expect(promised(block).length).toBeGreaterThan(0);

    const project = join(folder, packageFolder);
    mkdirSync(project, { recursive: true });
    execFileSync("pnpm", ["pack", "--pack-destination", project], {
      cwd: join(root, packageFolder),
      stdio: "pipe",
    });
    const tarball = readdirSync(project).find((name) => name.endsWith(".tgz"))!;
    const install = /npm install ([^\n]+)/.exec(readme)![1]!.split(/\s+/);
    const extra = install.filter((name) => name !== manifest.name);
    const versions = { ...manifest.peerDependencies, ...manifest.devDependencies };
    const required = Object.keys(manifest.peerDependencies ?? {}).filter(
      (peer) => manifest.peerDependenciesMeta?.[peer]?.optional !== true,
    );
    for (const peer of required) expect(extra).toContain(peer);
    writeFileSync(
      join(project, "package.json"),
      JSON.stringify({
        name: "consumer",
        private: true,
        type: "module",
        dependencies: {
          [manifest.name]: `file:./${tarball}`,
          ...Object.fromEntries(extra.map((name) => [name, versions[name] ?? "latest"])),
        },
        pnpm: { ignoredBuiltDependencies: ["onnxruntime-node", "hnswlib-node", "protobufjs"] },
      }),
    );
    writeFileSync(join(project, "main.mjs"), block);

    const offline = [
      "install",
      "--prefer-offline",
      "--ignore-workspace",
      "--ignore-scripts",
      "--loglevel=error",
    ];
    execFileSync("pnpm", offline, { cwd: project, stdio: "pipe" });
    const printed = execFileSync(process.execPath, ["main.mjs"], { cwd: project, encoding: "utf8" });
    expect(printed.trim().split("\n")).toEqual(promised(block));
  });
});
