import { littleEndianBytes } from "../files/little-endian.ts";
import { isHexadecimal } from "./ids.ts";
import type { IdKind } from "./layout.ts";
import { createSpool } from "./spool.ts";

/** Ids on their way into a file: they follow the numbers, so they wait in files of their own. */
export interface IdSink {
  /** How the ids so far are stored. */
  readonly kind: IdKind;
  /** The bytes that they take. */
  readonly byteCount: number;
  write(ids: readonly string[]): Promise<void>;
  /** Where each id ends, as 64-bit counts; nothing where all ids have one length. */
  ends(): AsyncIterable<Uint8Array>;
  bytes(): AsyncIterable<Uint8Array>;
  discard(): Promise<void>;
}

export function createIdSink(path: string): IdSink {
  const text = createSpool(path);
  const ends = createSpool(path);
  /** Digits of each id, while all are hexadecimal and of one length. */
  let digits: number | undefined;
  let isText = false;
  let length = 0;
  return {
    get kind() {
      return isText || digits === undefined ? "text" : "hexadecimal";
    },
    get byteCount() {
      return isText || digits === undefined ? length : length / 2;
    },
    write: async (ids) => {
      const idEnds = new BigUint64Array(ids.length);
      for (const [i, id] of ids.entries()) {
        digits ??= id.length;
        isText ||= id.length !== digits || !isHexadecimal(id);
        length += Buffer.byteLength(id);
        idEnds[i] = BigInt(length);
      }
      await ends.write(littleEndianBytes(idEnds));
      await text.write(Buffer.from(ids.join("")));
    },
    ends: async function* () {
      if (isText) yield* ends.pieces(8);
    },
    bytes: async function* () {
      if (isText || digits === undefined) {
        yield* text.pieces(1);
        return;
      }
      for await (const piece of text.pieces(2)) {
        yield Buffer.from(
          Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString("latin1"),
          "hex",
        );
      }
    },
    discard: async () => {
      await Promise.all([text.discard(), ends.discard()]);
    },
  };
}
