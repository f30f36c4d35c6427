import { spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exactSearch } from "@lmk/index";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { randomMatrix } from "./fixtures.ts";

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);
if (chromium === undefined) process.stderr.write("browser.test.ts: no Chromium here; its test is skipped\n");

/** What a page does with the package: one search in the page, one in threads. */
const program = `
  import { createExactIndex, exactSearch, exactSearchAsync } from "@lmk/index";
  const numbers = await (await fetch("/numbers")).arrayBuffer();
  const database = { data: new Float32Array(numbers), rows: 5000, columns: 32 };
  const queries = { data: database.data.slice(0, 320), rows: 10, columns: 32 };
  const direct = exactSearch(queries, database, { k: 5 });
  const threaded = await exactSearchAsync(queries, database, { k: 5, threads: 2 });
  const index = await createExactIndex(database, { metric: "l2" });
  const nearest = await index.search(queries, { k: 1 });
  index.dispose();
  await fetch("/result", { method: "POST", body: JSON.stringify(
    [direct, threaded, nearest].map(({ ids, scores }) => ({ ids: [...ids], scores: [...scores] }))) });
`;

describe.skipIf(chromium === undefined)("a browser", () => {
  it("searches in the page and in threads, and finds what Node finds", async () => {
    const database = randomMatrix(1, 5000, 32);
    const { outputFiles } = await build({
      stdin: { contents: program, resolveDir: new URL(".", import.meta.url).pathname },
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
      conditions: ["@lmk/source"],
    });
    const files: Record<string, readonly [string, string | Uint8Array]> = {
      "/": ["text/html", '<script type="module" src="/program.js"></script>'],
      "/program.js": ["text/javascript", outputFiles[0]!.text],
      "/numbers": ["application/octet-stream", new Uint8Array(database.data.buffer)],
    };
    const result = await visit(files);
    const queries = { data: database.data.slice(0, 320), rows: 10, columns: 32 };
    const { ids, scores } = exactSearch(queries, database, { k: 5 });
    const expected = { ids: [...ids], scores: [...scores] };
    expect(result).toEqual([
      expected,
      expected,
      { ids: Array.from({ length: 10 }, (_, i) => i), scores: Array(10).fill(0) },
    ]);
  });
});

/** Serves files to a browser until it posts its result. */
async function visit(files: Record<string, readonly [string, string | Uint8Array]>): Promise<unknown> {
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
    response.setHeader("content-type", type).end(body);
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
