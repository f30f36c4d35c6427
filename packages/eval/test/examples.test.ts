import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "node:util";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";

/** Where examples write their files. */
const folder = mkdtempSync(join(tmpdir(), "lmk-eval-examples-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = new URL("../src/", import.meta.url);
const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .sort();

/** The code blocks of a file's `@example`s. */
function examplesOf(text: string): string[] {
  const blocks = text.matchAll(/^ *\* @example\n *\* ```ts\n([\s\S]*?)^ *\* ```$/gm);
  return [...blocks].map((match) => match[1]!.replace(/^ *\* ?/gm, ""));
}

/** What a block says that it prints: the text behind each `// =>`. */
function promised(block: string): string[] {
  return [...block.matchAll(/\/\/ => (.*)$/gm)].map((match) => match[1]!);
}

/** What a block prints, line by line. */
async function printed(block: string): Promise<string[]> {
  const modules: Record<string, unknown> = {};
  for (const [, name] of block.matchAll(/ from "(.*)";$/gm)) modules[name!] = await import(name!);
  const { outputText } = ts.transpileModule(block, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  const lines: string[] = [];
  const log = (...values: readonly unknown[]): number => lines.push(format(...values));
  const run = new Function("require", "exports", "console", `return (async () => {${outputText}})()`) as (
    ...values: readonly unknown[]
  ) => Promise<void>;
  await run((name: string) => modules[name], {}, { log });
  return lines;
}

const examples = files.flatMap((file) => {
  const text = readFileSync(new URL(file, source), "utf8");
  return examplesOf(text).map((block, i) => ({ name: `${file} ${i + 1}`, block }));
});

describe("examples in the documentation", () => {
  it("are all found", () => {
    const count = files.reduce(
      (sum, file) => sum + readFileSync(new URL(file, source), "utf8").split("@example").length - 1,
      0,
    );
    expect(examples.length).toBe(count);
    expect(count).toBeGreaterThan(0);
  });

  it.each(examples)("$name prints what it says", async ({ block }) => {
    const lines = promised(block);
    expect(lines.length).toBeGreaterThan(0);
    const inFolder = block.replaceAll(
      '("submission.csv"',
      `(${JSON.stringify(join(folder, "submission.csv"))}`,
    );
    expect(await printed(inFolder)).toEqual(lines);
  });
});
