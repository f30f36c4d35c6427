// Text out of whatever holds a file: decoded, unzipped, without byte order mark, with LF line ends.
import { FileFormatError } from "./file-format-error.ts";

/** What a web `ReadableStream` is used for here. */
export interface StreamLike {
  /** Locks the stream and gives a reader. */
  getReader(): {
    /** The next chunk. */
    read(): Promise<{ readonly done: boolean; readonly value?: string | Uint8Array | undefined }>;
    /** Tells the stream that nothing more is wanted. */
    cancel(reason?: unknown): Promise<void>;
  };
}

/** What a `Blob` or `File` is used for here. */
export interface BlobLike {
  /** Starts reading. */
  stream(): StreamLike;
  /** Name of the file, for messages. */
  readonly name?: string;
}

/** Chunks of text or of bytes, such as a Node.js stream or `openFile` of `@lmk/eval/file-paths`. */
export interface ChunksLike extends AsyncIterable<string | Uint8Array> {
  /** Name of the file, for messages. */
  readonly name?: string;
}

/**
 * The content of a file: its text, its bytes, a `Blob` or `File`, or a web stream or async iterable of text or of
 * bytes. Bytes are UTF-8 and may be gzipped, which is told by their first two; gzip data of several members, as joined
 * files have, is refused by Node 24 and browsers.
 */
export type FileSource = string | Uint8Array | BlobLike | StreamLike | ChunksLike;

/** Options of every reader of files. */
export interface ReadFileOptions {
  /**
   * Name of the file for messages.
   *
   * @defaultValue the `name` of the source, or none
   */
  readonly file?: string;
  /**
   * Stops the reading between two blocks of rows; the reader rejects with its reason.
   *
   * @defaultValue none
   */
  readonly signal?: AbortSignal;
}

const chunkLength = 1 << 18;

/** The name that messages use for a source. */
export function nameOf(source: FileSource, options: ReadFileOptions): string {
  if (options.file !== undefined) return options.file;
  if (typeof source === "string" || !("name" in source)) return "";
  return typeof source.name === "string" ? source.name : "";
}

/** Chunks of about a quarter of a megabyte of the text of a source; lines end in LF. */
export async function* readText(source: FileSource, file: string): AsyncGenerator<string> {
  let pending = "";
  let isFirst = true;
  for await (const chunk of decode(chunksOf(source), file)) {
    pending += isFirst ? chunk.replace(/^\ufeff/, "") : chunk;
    if (pending !== "") isFirst = false;
    if (pending.length < chunkLength) continue;
    const end = pending.endsWith("\r") ? pending.length - 1 : pending.length;
    yield withLineFeeds(pending.slice(0, end));
    pending = pending.slice(end);
  }
  if (pending !== "") yield withLineFeeds(pending);
}

function withLineFeeds(text: string): string {
  return text.includes("\r") ? text.replaceAll("\r\n", "\n") : text;
}

async function* chunksOf(source: FileSource): AsyncGenerator<string | Uint8Array> {
  if (typeof source === "string") {
    for (let at = 0; at < source.length; at += chunkLength) yield source.slice(at, at + chunkLength);
  } else if (source instanceof Uint8Array) {
    for (let at = 0; at < source.length; at += chunkLength) yield source.subarray(at, at + chunkLength);
  } else if ("getReader" in source) {
    yield* chunksOfStream(source);
  } else if ("stream" in source) {
    yield* chunksOfStream(source.stream());
  } else {
    yield* source;
  }
}

async function* chunksOfStream(stream: StreamLike): AsyncGenerator<string | Uint8Array> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return;
      if (value !== undefined) yield value;
    }
  } finally {
    if (!isDone) await reader.cancel();
  }
}

async function* decode(chunks: AsyncGenerator<string | Uint8Array>, file: string): AsyncGenerator<string> {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const decodeBytes = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? utf8.decode() : utf8.decode(bytes, { stream: true });
    } catch (cause) {
      throw unreadable(file, "UTF-8 text", "other bytes", cause);
    }
  };
  for await (const chunk of unzip(chunks, file)) {
    yield typeof chunk === "string" ? chunk : decodeBytes(chunk);
  }
  yield decodeBytes();
}

/** Passes chunks on, unzipped where they start with the two bytes of gzip. */
async function* unzip(
  chunks: AsyncGenerator<string | Uint8Array>,
  file: string,
): AsyncGenerator<string | Uint8Array> {
  let head = new Uint8Array(0);
  for await (const chunk of { [Symbol.asyncIterator]: () => ({ next: () => chunks.next() }) }) {
    if (typeof chunk === "string") {
      yield chunk;
      break;
    }
    head = joined(head, chunk);
    if (head.length >= 2) break;
  }
  const isZipped = head[0] === 0x1f && head[1] === 0x8b;
  if (isZipped) {
    yield* gunzip(head, chunks, file);
    return;
  }
  if (head.length > 0) yield head;
  yield* chunks;
}

async function* gunzip(
  head: Uint8Array<ArrayBuffer>,
  chunks: AsyncGenerator<string | Uint8Array>,
  file: string,
): AsyncGenerator<string | Uint8Array> {
  const ofSource: { failed: boolean; reason?: unknown } = { failed: false };
  const zipped = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(head),
    pull: async (controller) => {
      const { done, value } = await chunks.next().catch((reason: unknown) => {
        Object.assign(ofSource, { failed: true, reason });
        throw reason;
      });
      if (done) controller.close();
      else if (typeof value !== "string") controller.enqueue(new Uint8Array(value));
    },
    cancel: async () => {
      await chunks.return(undefined);
    },
  });
  try {
    yield* chunksOfStream(zipped.pipeThrough(new DecompressionStream("gzip")));
  } catch (cause) {
    if (ofSource.failed) throw ofSource.reason;
    throw unreadable(file, "whole gzip data", "damaged or cut data", cause);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function unreadable(file: string, expected: string, got: string, cause: unknown): FileFormatError {
  return new FileFormatError({ code: "unreadable-file", file, line: 0, field: "", expected, got }, { cause });
}
