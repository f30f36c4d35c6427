import { createHash } from "node:crypto";
import type { Pixels } from "@lmk/data";

/** `[kind, width, height]` of an image that the golden scripts make by the same formula. */
export type GoldenImage = readonly [kind: "vivid" | "dull" | "flat", width: number, height: number];

/** What the golden file has of a result. */
export interface GoldenResult {
  readonly sha256: string;
  /** Its bytes, if they are few. */
  readonly base64?: string;
}

export function goldenImage([kind, width, height]: GoldenImage): Pixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const channel = i % 3;
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    const vivid = (7 * x + 13 * y + 40 * channel + ((x * y * (channel + 3)) % 61)) % 256;
    if (kind === "dull") return 60 + (vivid % 83);
    if (kind === "flat") return 90 + 5 * channel;
    return vivid;
  });
  return { data, width, height, channels: 3 };
}

/** The same of our result, so that the two can be compared whole. */
export function resultOf({ data }: Pixels, golden: GoldenResult): GoldenResult {
  const sha256 = createHash("sha256").update(data).digest("hex");
  if (golden.base64 === undefined) return { sha256 };
  return { sha256, base64: Buffer.from(data).toString("base64") };
}
