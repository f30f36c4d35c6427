import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf, root } from "./repository.ts";

// A project that is not of this workspace: it installs the packed tarball of @lmk/rerank and takes the code that the
// README shows for results of a vector database.

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);
if (chromium === undefined)
  process.stderr.write("outside-project.test.ts: no Chromium here; its test is skipped\n");

const readme = readFileSync(join(root, "packages/rerank/README.md"), "utf8");
const shown = /## Results of a vector database[\s\S]*?```js\n([\s\S]*?)```/.exec(readme)?.[1];

/** Rows in two groups, each about a direction of its own, as a formula. */
const rows = Array.from({ length: 60 }, (_, id) => ({
  id,
  vector: unit(
    Array.from(
      { length: 8 },
      (_, i) => Math.cos(i * (id % 2 === 0 ? 1 : 2)) + 0.6 * Math.sin(3 * id + 5 * i),
    ),
  ),
}));
const query = unit(rows[0]!.vector.map((value, i) => value + 0.3 * Math.cos(7 * i)));

function unit(vector: number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

let project = "";

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "lmk-outside-"));
  const folder = join(root, "packages/rerank");
  execFileSync("pnpm", ["pack", "--pack-destination", project], { cwd: folder, stdio: "pipe" });
  const tarball = readdirSync(project).find((name) => name.endsWith(".tgz"))!;
  const { devDependencies } = manifestOf("packages/index");
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({
      name: "outside",
      private: true,
      type: "module",
      dependencies: {
        "@lancedb/lancedb": devDependencies!["@lancedb/lancedb"],
        "apache-arrow": devDependencies!["apache-arrow"],
        "@lmk/rerank": `file:./${tarball}`,
        vite: manifestOf("architecture").devDependencies!.vite,
      },
    }),
  );
  writeFileSync(join(project, "rerank-hits.js"), shown ?? "");
  const install = [
    "install",
    "--prefer-offline",
    "--ignore-workspace",
    "--ignore-scripts",
    "--loglevel=error",
  ];
  execFileSync("pnpm", install, { cwd: project, stdio: "pipe" });
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

const searchProgram = `
  import { readFileSync } from "node:fs";
  import { connect } from "@lancedb/lancedb";
  import { rerankHits } from "./rerank-hits.js";
  const { rows, query } = JSON.parse(readFileSync("input.json", "utf8"));
  const database = await connect("lance");
  const table = await database.createTable("photos", rows);
  const hits = await table.search(query).distanceType("dot").limit(40).toArray();
  const plain = hits.map(({ id, vector, _distance }) => ({ id, vector: [...vector], _distance }));
  console.log(JSON.stringify({ hits: plain, reranked: rerankHits(query, hits).map(({ id }) => id) }));
`;

/** What the page does with the hits that Node found. */
const pageProgram = `
  import { rerankHits } from "./rerank-hits.js";
  const { hits, query } = await (await fetch("/hits.json")).json();
  const body = JSON.stringify(rerankHits(query, hits).map(({ id }) => id));
  await fetch("/result", { method: "POST", body });
`;

/** What the page fails with is its result. */
const page = `
  <script>
    const fail = (reason) => fetch("/result", { method: "POST", body: JSON.stringify(String(reason)) });
    addEventListener("error", ({ message }) => fail(message));
    addEventListener("unhandledrejection", ({ reason }) => fail(reason));
  </script>
  <script type="module" src="/page.js"></script>
`;

describe("a project outside the workspace", () => {
  it("re-ranks a search of LanceDB, and the same file does in a browser", { timeout: 180_000 }, async () => {
    expect(shown).toBeDefined();
    expect(shown!.trim().split("\n").length).toBeLessThan(20);
    writeFileSync(join(project, "input.json"), JSON.stringify({ rows, query }));
    writeFileSync(join(project, "search.js"), searchProgram);
    const printed = execFileSync(process.execPath, ["search.js"], { cwd: project, encoding: "utf8" });
    const { hits, reranked } = JSON.parse(printed) as {
      hits: { id: number; _distance: number }[];
      reranked: number[];
    };
    const found = hits.map(({ id }) => id);
    expect(reranked.toSorted((a, b) => a - b)).toEqual(found.toSorted((a, b) => a - b));
    // Re-ranking brings those of the query's own group together.
    const ofGroup = (ids: readonly number[]) => ids.slice(0, 10).filter((id) => id % 2 === 0).length;
    expect(reranked).not.toEqual(found);
    expect(ofGroup(reranked)).toBeGreaterThanOrEqual(ofGroup(found));

    if (chromium === undefined) return;
    writeFileSync(join(project, "page.js"), pageProgram);
    writeFileSync(join(project, "index.html"), page);
    const flags = ["vite", "build", "--target", "es2022", "--logLevel", "error"];
    execFileSync("pnpm", ["exec", ...flags], { cwd: project, stdio: "pipe" });
    expect(await visit(join(project, "dist"), { "/hits.json": JSON.stringify({ hits, query }) })).toEqual(
      reranked,
    );
  });
});

const types: Readonly<Record<string, string>> = {
  html: "text/html",
  js: "text/javascript",
  json: "application/json",
};

/** Serves a folder and some more files to a browser until it posts its result. */
async function visit(folder: string, files: Readonly<Record<string, string>>): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), "lmk-browser-"));
  let done: (result: unknown) => void;
  const result = new Promise((resolve) => {
    done = resolve;
  });
  const server = createServer(async (request, response) => {
    const path = request.url === "/" ? "/index.html" : request.url!;
    if (path === "/result") {
      done(JSON.parse(Buffer.concat(await request.toArray()).toString()));
      response.end();
      return;
    }
    const file = join(folder, path);
    const body = files[path] ?? (existsSync(file) ? readFileSync(file) : "");
    response.setHeader("content-type", types[path.split(".").at(-1)!] ?? "text/plain").end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  // In a process group of its own, since a browser is many processes.
  const browser = spawn(chromium!, [...flags, `--user-data-dir=${profile}`, address], {
    stdio: "ignore",
    detached: true,
  });
  const ended = new Promise((resolve) => browser.once("exit", resolve));
  try {
    return await result;
  } finally {
    process.kill(-browser.pid!, "SIGKILL");
    await ended;
    server.closeAllConnections();
    server.close();
    // What its processes leave behind is of no interest here.
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }).catch(
      () => undefined,
    );
  }
}
