import { crc32c } from "@aws-crypto/crc32c";

/**
 * A TFRecord.
 *
 * ```text
 * uint64 length | uint32 masked CRC-32C of the length | data | uint32 masked CRC-32C of the data     (little-endian)
 * masked = (crc rotated right by 15 bits) + 0xa282ead8     (mod 2³²)
 * ```
 *
 * @see {@link https://www.tensorflow.org/tutorials/load_data/tfrecord | The format}
 */
export function encodeRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return record;
}

function maskedCrc(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
