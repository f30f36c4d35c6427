import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** What a local server serves under every path, changeable between requests. */
export interface Served {
  body: Buffer;
  etag: string | undefined;
  /** The SHA-256 that the hub's API gives; `undefined` is a server without the API. */
  oid: string | undefined;
  ranges: boolean;
  /** The cache of the client. */
  cache: string;
  /** Takes a request of the file over by returning true; `index` counts those. */
  intercept: (request: IncomingMessage, response: ServerResponse, index: number) => boolean;
}

export interface TestServer {
  readonly url: string;
  readonly served: Served;
  /** Every request's path and headers, in order, look-ups in the hub's API included. */
  readonly seen: { url: string; range: string | undefined; headers: IncomingMessage["headers"] }[];
  /** The ranges of the requests of the file; `undefined` where there was none. */
  ranges(): (string | undefined)[];
  close(): Promise<void>;
}

/** Pseudo-random bytes, the same for the same seed. */
export function seededBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Says that the whole comes, sends it up to byte `end`, and breaks the connection once those bytes are on the disk. */
export function breakOff(
  request: IncomingMessage,
  response: ServerResponse,
  served: Served,
  end: number,
): true {
  const start = startOf(request) ?? 0;
  writeHead(response, served, request.headers.range === undefined ? undefined : start);
  response.write(served.body.subarray(start, end));
  const timer = setInterval(() => {
    if (partSizes(served.cache).includes(end)) response.destroy();
    if (response.destroyed) clearInterval(timer);
  }, 5);
  return true;
}

function partSizes(cache: string): number[] {
  const names = readdirSync(cache, { recursive: true, encoding: "utf8" });
  const parts = names.filter((name) => name.endsWith(".part"));
  return parts.map((name) => statSync(join(cache, name), { throwIfNoEntry: false })?.size ?? 0);
}

/** A server of one file, on a free port of this machine, with the hub's API. */
export async function startServer(body: Buffer, cache: string): Promise<TestServer> {
  const served: Served = {
    body,
    etag: '"store-1"',
    oid: sha256(body),
    ranges: true,
    cache,
    intercept: () => false,
  };
  const seen: TestServer["seen"] = [];
  const files = () => seen.filter((entry) => !isLookup(entry.url));
  const server: Server = createServer((request, response) => {
    const { range, "if-range": ifRange } = request.headers;
    seen.push({ url: request.url!, range, headers: request.headers });
    if (isLookup(request.url!)) {
      describe(response, served);
      return;
    }
    if (served.intercept(request, response, files().length - 1)) return;
    const start = served.ranges && (ifRange ?? served.etag) === served.etag ? startOf(request) : undefined;
    writeHead(response, served, start);
    response.end(served.body.subarray(start));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    seen,
    ranges: () => files().map((entry) => entry.range),
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function startOf(request: IncomingMessage): number | undefined {
  const start = /^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

function isLookup(url: string): boolean {
  return url.startsWith("/api/");
}

/** The answer of the hub's `paths-info`: large files have their SHA-256 under `lfs`. */
function describe(response: ServerResponse, { oid, body }: Served): void {
  if (oid === undefined) {
    response.writeHead(404).end();
    return;
  }
  const size = body.length;
  const entry = {
    type: "file",
    path: "model",
    oid: "0".repeat(40),
    size,
    lfs: { oid, size, pointerSize: 134 },
  };
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify([entry]));
}

function writeHead(response: ServerResponse, served: Served, start: number | undefined): void {
  const size = served.body.length;
  if (served.etag !== undefined) response.setHeader("ETag", served.etag);
  if (start === undefined) {
    response.writeHead(200, { "Content-Length": size });
    return;
  }
  response.writeHead(206, {
    "Content-Length": size - start,
    "Content-Range": `bytes ${start}-${size - 1}/${size}`,
  });
}
