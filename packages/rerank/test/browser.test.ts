import { spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expandQueries, rerankBySuperGlobal } from "@lmk/rerank";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { randomUnitRows, search } from "./fixtures.ts";

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);
if (chromium === undefined) process.stderr.write("browser.test.ts: no Chromium here; its test is skipped\n");

/** What a page does with the package: in the page, in threads of a call, and in those of a pool. */
const program = `
  import {
    createThreadPool, expandQueries, expandQueriesAsync, rerankBySuperGlobal, rerankBySuperGlobalAsync,
  } from "@lmk/rerank";
  const { queries, database, neighbors } = await (await fetch("/input")).json();
  for (const given of [queries, database]) given.data = Float32Array.from(given.data);
  neighbors.ids = Int32Array.from(neighbors.ids);
  neighbors.scores = Float32Array.from(neighbors.scores);
  const threads = await createThreadPool({ threads: 2 });
  const expanded = [expandQueries(queries, database, neighbors)];
  const reranked = [rerankBySuperGlobal(queries, database, neighbors)];
  for (const options of [{ threads: 0 }, { threads: 2 }, { threads }, {}]) {
    expanded.push(await expandQueriesAsync(queries, database, neighbors, options));
    reranked.push(await rerankBySuperGlobalAsync(queries, database, neighbors, options));
  }
  threads.dispose();
  const refused = await expandQueriesAsync(queries, database, neighbors, { threads }).catch(String);
  const body = JSON.stringify({
    isolated: crossOriginIsolated,
    refused,
    expanded: expanded.map(({ data }) => [...data]),
    reranked: reranked.map(({ ids, scores }) => ({ ids: [...ids], scores: [...scores] })),
  });
  await fetch("/result", { method: "POST", body });
`;

/** What the page fails with is its result. */
const page = `
  <script>
    const fail = (reason) => fetch("/result", { method: "POST", body: JSON.stringify(String(reason)) });
    addEventListener("error", ({ message }) => fail(message));
    addEventListener("unhandledrejection", ({ reason }) => fail(reason));
  </script>
  <script type="module" src="/program.js"></script>
`;

const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

describe.skipIf(chromium === undefined)("a browser", () => {
  const database = randomUnitRows(1, 1200, 24);
  const queries = randomUnitRows(2, 12, 24);
  const neighbors = search(queries, database, 60);
  const numbers = { queries, database, neighbors };
  const { data } = expandQueries(queries, database, neighbors);
  const { ids, scores } = rerankBySuperGlobal(queries, database, neighbors);

  it.each([
    ["in one file", false, {}],
    ["in files, of which threads' are loaded when they start", true, {}],
    ["in one file, with shared memory", false, isolation],
  ])("gives the bits of Node, bundled %s", async (_, splitting, headers) => {
    const { outputFiles } = await build({
      stdin: { contents: program, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
      outdir: "/out",
      entryNames: "program",
      bundle: true,
      splitting,
      write: false,
      format: "esm",
      platform: "browser",
      conditions: ["@lmk/source"],
    });
    const scripts = outputFiles.map(({ path, text }) => [
      path.replace("/out", ""),
      ["text/javascript", text] as const,
    ]);
    expect(scripts.length > 1).toBe(splitting);
    const files: Record<string, readonly [string, string]> = {
      "/": ["text/html", page],
      "/input": [
        "application/json",
        JSON.stringify(numbers, (_name, value) =>
          ArrayBuffer.isView(value) ? [...(value as Float32Array)] : value,
        ),
      ],
      ...Object.fromEntries(scripts),
    };
    expect(await visit(files, headers)).toEqual({
      isolated: headers === isolation,
      refused: "Error: the threads were disposed of",
      expanded: Array(5).fill([...data]),
      reranked: Array(5).fill({ ids: [...ids], scores: [...scores] }),
    });
  });
});

/** Serves files to a browser until it posts its result. */
async function visit(
  files: Readonly<Record<string, readonly [string, string]>>,
  headers: Readonly<Record<string, string>>,
): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), "lmk-browser-"));
  let done: (result: unknown) => void;
  const result = new Promise((resolve) => {
    done = resolve;
  });
  const server = createServer(async (request, response) => {
    if (request.url === "/result") {
      done(JSON.parse(Buffer.concat(await request.toArray()).toString()));
      response.end();
      return;
    }
    const [type, body] = files[request.url!] ?? ["text/plain", ""];
    response.writeHead(200, { ...headers, "content-type": type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
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
