import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";

/** How the server treats the next GET of a file, in turn; after the last it behaves. */
export type Fault =
  | { readonly kind: "cut"; readonly after: number; readonly arrived?: () => boolean }
  | { readonly kind: "stall"; readonly after: number }
  | { readonly kind: "status"; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly kind: "wrong-bytes" };

/** A file that the server has. Change it, and the server serves it changed. */
export interface ServedFile {
  body: Buffer;
  faults: Fault[];
  /** Whether it answers ranges. */
  ranges: boolean;
  /** Whether it says how long the file is. */
  tellsLength: boolean;
  /** Headers that name the version; its own ETag unless given. */
  version: Record<string, string> | undefined;
}

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

export interface FileServer {
  readonly url: string;
  readonly requests: SeenRequest[];
  /** GET requests of a path, as the ranges they asked for. */
  readonly rangesOf: (path: string) => (string | undefined)[];
  readonly add: (path: string, body: Buffer | string, options?: Partial<ServedFile>) => ServedFile;
  readonly get: (path: string) => ServedFile;
}

/** A server of files on this machine that can do what servers and networks do wrong; closed after the tests. */
export async function startFileServer(): Promise<FileServer> {
  const files = new Map<string, ServedFile>();
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const path = request.url!.slice(1);
    requests.push({
      method: request.method!,
      path,
      range: request.headers.range,
      ifRange: request.headers["if-range"] as string | undefined,
    });
    const file = files.get(path);
    if (file === undefined) response.writeHead(404).end("no such file");
    else answer(file, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    rangesOf: (path) =>
      requests.filter((seen) => seen.path === path && seen.method === "GET").map(({ range }) => range),
    add(path, body, options = {}) {
      const file: ServedFile = {
        body: Buffer.from(body),
        faults: [],
        ranges: true,
        tellsLength: true,
        version: undefined,
        ...options,
      };
      files.set(path, file);
      return file;
    },
    get: (path) => files.get(path)!,
  };
}

export function hashOf(algorithm: "md5" | "sha256", body: Uint8Array | string): string {
  return createHash(algorithm).update(body).digest("hex");
}

function answer(file: ServedFile, request: IncomingMessage, response: ServerResponse): void {
  const version = file.version ?? { etag: `"${hashOf("md5", file.body)}"` };
  const fault = request.method === "GET" ? file.faults.shift() : undefined;
  if (fault?.kind === "status") {
    response.writeHead(fault.status, fault.headers).end("not now");
    return;
  }
  const start = startOf(file, request, version);
  if (start > 0 && start >= file.body.length) {
    response.writeHead(416, { "content-range": `bytes */${file.body.length}` }).end();
    return;
  }
  const body = fault?.kind === "wrong-bytes" ? Buffer.alloc(file.body.length, "x") : file.body;
  const part = body.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    ...version,
    ...(file.tellsLength ? { "content-length": part.length } : {}),
    ...(start > 0 ? { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` } : {}),
  });
  if (request.method === "HEAD") {
    response.end();
  } else if (fault?.kind === "cut" || fault?.kind === "stall") {
    response.write(part.subarray(0, fault.after));
    if (fault.kind === "cut") void cutOnceArrived(response, fault.arrived);
  } else {
    response.end(part);
  }
}

/** Where the answer begins: 0 for a request of all, or where `If-Range` names another version. */
function startOf(file: ServedFile, request: IncomingMessage, version: Record<string, string>): number {
  const start = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
  const ifRange = request.headers["if-range"];
  if (!file.ranges || start === undefined) return 0;
  return ifRange === undefined || Object.values(version).includes(ifRange as string) ? Number(start) : 0;
}

/** Closes the connection; not before the bytes are where the client puts them, which may drop what it has not read. */
async function cutOnceArrived(response: ServerResponse, arrived: () => boolean = () => true): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve, 20));
  while (!arrived());
  response.destroy();
}
