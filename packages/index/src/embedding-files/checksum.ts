import { createHash } from "node:crypto";
import { checksumBytes } from "./layout.ts";

/**
 * The first 16 bytes of SHA-256. Processors have instructions for it, every version of Node and every language has it;
 * the faster CRC-32 came with Node 20.15, later than the oldest that this package supports.
 */
export function checksumOf(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest().subarray(0, checksumBytes);
}

export function isSameChecksum(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
