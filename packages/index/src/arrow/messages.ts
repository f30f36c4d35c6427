import type { FileHandle } from "node:fs/promises";
import type { Schema } from "apache-arrow";
import { readInto, readSpan } from "../files/read-exactly.ts";
import type { FileErrors } from "../tables/file-errors.ts";
import type { importArrow } from "./import-packages.ts";

type Arrow = Awaited<ReturnType<typeof importArrow>>;

/** Where a message lies in the file, with its body. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A schema, and how it is written as the first message of a stream. */
type SchemaMessage = Pick<MessageMap, "schema" | "preamble">;

/** Where everything lies in a file or stream; both are the same messages one after another. */
export interface MessageMap {
  readonly schema: Schema;
  /** The schema as the first message of a stream. */
  readonly preamble: Uint8Array;
  /** Rows of each record batch. */
  readonly batchRows: readonly number[];
  /** Bytes of each record batch. */
  readonly bodyBytes: readonly number[];
  /** What must be read for each record batch: the dictionaries before it, and itself. */
  readonly spans: readonly (readonly Span[])[];
}

const continuation = 0xffffffff;
const magic = "ARROW1";

/** Finds all messages without reading their bodies. */
export async function mapMessages(arrow: Arrow, handle: FileHandle, errors: FileErrors): Promise<MessageMap> {
  const { size } = await handle.stat();
  const head = Buffer.from(await readSpan(handle, 0, Math.min(8, size)));
  const isFile = head.toString("latin1").startsWith(magic);
  if (isFile) await requireFooter(handle, size, errors);
  const dictionaries: Span[] = [];
  const batchRows: number[] = [];
  const bodyBytes: number[] = [];
  const spans: Span[][] = [];
  let first: SchemaMessage | undefined;
  for (let position = isFile ? 8 : 0; ; ) {
    const metadata = await readMetadata(handle, position, size, errors, isFile || first !== undefined);
    if (metadata === undefined) break;
    const message = decode(arrow, metadata.bytes, errors, first !== undefined);
    const span: Span = { start: position, end: metadata.end + message.bodyLength };
    if (message.bodyLength < 0) {
      const expected = `to have a message with a body at byte ${position}`;
      throw errors.file(expected, `${message.bodyLength} bytes`, "bad-header");
    }
    if (span.end > size) {
      throw errors.file(`to have ${span.end} bytes or more`, `${size} bytes`, "wrong-size");
    }
    position = span.end;
    if (message.isSchema()) {
      first = await readSchema(arrow, handle, span, errors);
      continue;
    }
    // Arrow's own JavaScript writes a file's schema only at its end.
    first ??= await readFooterSchema(arrow, handle, isFile, errors);
    if (message.isDictionaryBatch()) {
      dictionaries.push(span);
      continue;
    }
    batchRows.push(rowsOf(message, errors));
    bodyBytes.push(message.bodyLength);
    spans.push([...dictionaries, span]);
  }
  first ??= await readFooterSchema(arrow, handle, isFile, errors);
  return { ...first, batchRows, bodyBytes, spans };
}

/** The bytes of a stream: the schema, and what lies in some places of the file. */
export async function readSpans(
  handle: FileHandle,
  preamble: Uint8Array,
  spans: readonly Span[],
  errors: FileErrors,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(spans.reduce((sum, { start, end }) => sum + end - start, preamble.length));
  bytes.set(preamble);
  let offset = preamble.length;
  for (const { start, end } of spans) {
    const target = bytes.subarray(offset, offset + end - start);
    const length = await readInto(handle, start, target);
    if (length < target.length) {
      throw errors.file(`to go on at byte ${start + length}`, "its end", "wrong-size");
    }
    offset += target.length;
  }
  return bytes;
}

/** The metadata of the message at a position; nothing at the end. */
async function readMetadata(
  handle: FileHandle,
  position: number,
  size: number,
  errors: FileErrors,
  begun: boolean,
): Promise<{ readonly bytes: Uint8Array; readonly end: number } | undefined> {
  if (position === size && begun) return undefined;
  const prefix = await readSpan(handle, position, position + 8);
  const view = new DataView(prefix.buffer);
  if (prefix.length < 4 && begun) {
    throw errors.file(`to go on at byte ${position + prefix.length}`, "its end", "wrong-size");
  }
  // Before version 0.15 of Arrow there was no mark before the length.
  const isMarked = prefix.length >= 4 && view.getUint32(0, true) === continuation;
  const start = position + (isMarked ? 8 : 4);
  const length = prefix.length >= start - position ? view.getInt32(isMarked ? 4 : 0, true) : -1;
  if (length === 0 && begun) return undefined;
  if (length <= 0 || start + length > size) {
    if (!begun) throw errors.file("to start with an Arrow schema", "other bytes", "not-this-format");
    throw errors.file(`to have a message at byte ${position}`, `${size} bytes`, "wrong-size");
  }
  return { bytes: await readSpan(handle, start, start + length), end: start + length };
}

function decode(arrow: Arrow, bytes: Uint8Array, errors: FileErrors, begun: boolean) {
  let message: ReturnType<Arrow["Message"]["decode"]>;
  try {
    message = arrow.Message.decode(bytes);
  } catch (cause) {
    throw errors.file("to hold Arrow messages", "other bytes", begun ? "bad-header" : "not-this-format", {
      cause,
    });
  }
  if (message.isSchema() ? begun : !(message.isRecordBatch() || message.isDictionaryBatch())) {
    throw errors.file("to hold a schema, then record batches", "something else", "bad-header");
  }
  return message;
}

async function readSchema(
  arrow: Arrow,
  handle: FileHandle,
  span: Span,
  errors: FileErrors,
): Promise<SchemaMessage> {
  const preamble = await readSpans(handle, new Uint8Array(), [span], errors);
  try {
    return { schema: arrow.RecordBatchReader.from(preamble).open().schema, preamble };
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw errors.file("to have columns of known types", JSON.stringify(text), "unsupported-content", {
      cause,
    });
  }
}

async function readFooterSchema(
  arrow: Arrow,
  handle: FileHandle,
  isFile: boolean,
  errors: FileErrors,
): Promise<SchemaMessage> {
  if (!isFile) throw errors.file("to start with an Arrow schema", "something else", "not-this-format");
  try {
    const reader = await arrow.RecordBatchReader.from(handle);
    const { schema } = await reader.open();
    const stream = arrow.tableToIPC(new arrow.Table(schema), "stream");
    // What follows the schema is the mark of the stream's end.
    return { schema, preamble: stream.subarray(0, stream.length - 8) };
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw errors.file("to have a readable footer", JSON.stringify(text), "bad-header", { cause });
  }
}

function rowsOf(message: ReturnType<Arrow["Message"]["decode"]>, errors: FileErrors): number {
  try {
    return (message.header() as { readonly length: number }).length;
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const expected = "to have record batches without compression";
    throw errors.file(expected, JSON.stringify(text), "unsupported-content", { cause });
  }
}

async function requireFooter(handle: FileHandle, size: number, errors: FileErrors): Promise<void> {
  const tail = Buffer.from(await readSpan(handle, size - magic.length, size)).toString("latin1");
  if (tail !== magic) throw errors.file(`to end with ${magic}`, "other bytes", "wrong-size");
}
