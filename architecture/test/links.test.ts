import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, root } from "./repository.ts";

/** The anchor that a heading gets on the usual hosts. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

function deadLinks(file: string): string[] {
  const path = join(root, file);
  const text = readFileSync(path, "utf8").replace(/```[\s\S]*?```/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [target, anchor] = link.split("#");
    const destination = target === "" ? path : resolve(dirname(path), target!);
    if (!existsSync(destination)) return true;
    if (anchor === undefined || !destination.endsWith(".md")) return false;
    const headings = [...readFileSync(destination, "utf8").matchAll(/^#+ (.*)$/gm)].map((match) => match[1]!);
    return !headings.some((heading) => anchorOf(heading) === anchor);
  });
}

describe("Markdown", () => {
  it.each(filesBelow(".", ".md"))("%s links to nothing that is missing", (file) => {
    expect(deadLinks(file)).toEqual([]);
  });
});
