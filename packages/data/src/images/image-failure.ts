import { type FileHandle, open } from "node:fs/promises";
import type { DecodeRefusal } from "./decode.ts";

/**
 * Why an image cannot be read: no file; a file of no bytes; one of no image format, such as text; one that ends too early;
 * one that is all there and yet makes no sense; one that declares more than `maxPixels`; one that the system does not let
 * be read.
 */
export type ImageFailureKind =
  | "missing"
  | "empty"
  | "not-an-image"
  | "truncated"
  | "corrupt"
  | "too-large"
  | "unreadable";

/** An image that could not be read. */
export interface ImageFailure {
  /** The row of the image: its position in the paths. */
  readonly row: number;
  /** Its file. */
  readonly path: string;
  /** What is wrong, for code that reacts to it. */
  readonly kind: ImageFailureKind;
  /** What is wrong, on one line. */
  readonly message: string;
}

const messages: Readonly<Record<Exclude<ImageFailureKind, "unreadable">, string>> = {
  missing: "Input file is missing",
  empty: "Input file is empty",
  "not-an-image": "Input file contains unsupported image format",
  truncated: "Input file is truncated",
  corrupt: "Input file is corrupt",
  "too-large": "Input image exceeds pixel limit",
};

/**
 * What is wrong with a file that sharp refused. sharp says itself when an image is too large or of no known format. Its
 * other messages are those of the decoders, taken from a buffer that all threads share, and differ from run to run, so the
 * file itself is looked at.
 */
export async function failureOf(row: number, path: string, refusal: DecodeRefusal): Promise<ImageFailure> {
  let kind: keyof typeof messages;
  try {
    kind = await kindOf(path, refusal.message);
  } catch (systemError) {
    const { code = "an unknown error" } = systemError as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") {
      return { row, path, kind: "unreadable", message: `Input file cannot be read: ${code}` };
    }
    kind = "missing";
  }
  return { row, path, kind, message: messages[kind] };
}

async function kindOf(path: string, refusal: string): Promise<keyof typeof messages> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = await read(file, 0, 16);
    if (size === 0) return "empty";
    if (refusal.includes("exceeds pixel limit")) return "too-large";
    const format = formats.find(({ begins }) => begins(head));
    if (format === undefined)
      return refusal.includes("unsupported image format") ? "not-an-image" : "corrupt";
    const tail = await read(file, Math.max(0, size - tailLength), tailLength);
    return format.ends(tail, head, size) ? "corrupt" : "truncated";
  } finally {
    await file.close();
  }
}

/** Cameras leave a few bytes after the end of an image. */
const tailLength = 64;

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

interface Format {
  readonly begins: (head: Buffer) => boolean;
  /** Whether the file goes on to its end. */
  readonly ends: (tail: Buffer, head: Buffer, size: number) => boolean;
}

const at = (head: Buffer, offset: number, text: string): boolean =>
  head.subarray(offset, offset + text.length).equals(Buffer.from(text, "latin1"));

const formats: readonly Format[] = [
  {
    begins: (head) => at(head, 0, "\xff\xd8"),
    ends: (tail) => tail.includes(Buffer.of(0xff, 0xd9)),
  },
  {
    begins: (head) => at(head, 0, "\x89PNG\r\n\x1a\n"),
    ends: (tail) => tail.includes("IEND"),
  },
  {
    begins: (head) => at(head, 0, "GIF8"),
    ends: (tail) => tail.at(-1) === 0x3b,
  },
  {
    begins: (head) => at(head, 0, "RIFF") && at(head, 8, "WEBP"),
    ends: (_tail, head, size) => size >= head.readUInt32LE(4) + 8,
  },
  // Of these the end cannot be told from a few bytes.
  {
    begins: (head) => at(head, 0, "II*\0") || at(head, 0, "MM\0*") || at(head, 4, "ftyp"),
    ends: () => true,
  },
];
