import { existsSync } from "node:fs";
import type { Sharp } from "sharp";
import type { Pixels } from "../images/pixels.ts";

/** An image: a file, the bytes of a file, a sharp pipeline, or decoded pixels of red, green and blue. */
export type ImageSource = string | Uint8Array | Sharp | Pixels;

/** Why nothing came of an image. */
export interface ImageFailure {
  /** Its position among the sources, from 0. */
  readonly row: number;
  /** Its file, where the source is one. */
  readonly path?: string;
  /** What is wrong, on one line. */
  readonly message: string;
}

/** Decodes an image into bytes of red, green and blue. */
export async function decode(
  caller: string,
  source: Exclude<ImageSource, Pixels>,
  autoOrient: boolean,
): Promise<Pixels> {
  const { default: sharp } = await importSharp(caller);
  const opened =
    typeof source === "string" || source instanceof Uint8Array
      ? sharp(source, { failOn: "error", autoOrient, ignoreIcc: true })
      : source.clone();
  const { data, info } = await opened
    .removeAlpha()
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

/** Whether an image is decoded already. */
export function isPixels(source: ImageSource): source is Pixels {
  return typeof source === "object" && "channels" in source && "data" in source;
}

/** Refuses what is no image at all, which a caller's mistake explains better than a broken file. */
export function requireSource(caller: string, row: number, source: unknown): void {
  if (typeof source === "string" || source instanceof Uint8Array) return;
  const isObject = typeof source === "object" && source !== null;
  if (isObject && (("channels" in source && "data" in source) || "clone" in source)) return;
  throw new TypeError(
    `${caller}: expected \`images\` to hold paths, bytes, sharp objects or pixels, got ${kindOf(source)} at ${row}`,
  );
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/**
 * What is wrong with an image that could not be read. sharp says itself when a file is missing, of no known format or too
 * large. Its other messages are those of its decoders, taken from a buffer that all threads share, and differ from run to
 * run, so one sentence stands for them.
 */
export function failureOf(row: number, source: ImageSource, error: unknown): ImageFailure {
  const text = error instanceof Error ? error.message : String(error);
  const [line = ""] = text.split("\n", 1);
  if (isPixels(source) || error instanceof RangeError) return { row, ...pathOf(source), message: line };
  if (typeof source === "string") {
    if (!existsSync(source)) return { row, path: source, message: "Input file is missing" };
    const message = line.startsWith("Input ") ? line.replace(`: ${source}`, "") : undefined;
    return { row, path: source, message: message ?? "Input file is truncated or corrupt" };
  }
  return { row, message: line.startsWith("Input ") ? line : "Input image is truncated or corrupt" };
}

function pathOf(source: ImageSource): { readonly path?: string } {
  return typeof source === "string" ? { path: source } : {};
}

async function importSharp(caller: string): Promise<typeof import("sharp")> {
  try {
    return await import("sharp");
  } catch (cause) {
    throw new MissingPackageError(`${caller}: expected the package sharp to be installed, got none`, {
      cause,
    });
  }
}

/** An optional package is not installed: no image can be read. */
export class MissingPackageError extends Error {}
