const table: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/**
 * CRC-32 as in zip and PNG files: it notices every change of one bit, and of any 32 in a row.
 *
 * Containers of codes are bytes in memory, made and read by synchronous calls that also run in browsers. There SHA-256,
 * which this package's files end with, exists only as a promise and on secure pages.
 */
export function crc32(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) rest = (rest >>> 8) ^ table[(rest ^ bytes[i]!) & 255]!;
  return (rest ^ 0xffffffff) >>> 0;
}
