import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** What an event tells; the field names are those of tensorflow/core/util/event.proto. */
export type EventContent =
  | { readonly kind: "file-version" }
  /** A run begins at the event's step: what files before hold of it and later steps no longer counts. */
  | { readonly kind: "start" }
  | { readonly kind: "scalars"; readonly scalars: Readonly<Record<string, number>> };

/** The bytes of an Event. `wallTime` is in seconds since 1970. */
export function encodeEvent(wallTime: number, step: number, content: EventContent): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Bit64).double(wallTime);
  if (step !== 0) writer.tag(2, WireType.Varint).int64(step);
  if (content.kind === "file-version") {
    writer.tag(3, WireType.LengthDelimited).string("brain.Event:2");
  } else if (content.kind === "start") {
    // SessionLog.status = START
    writer.tag(7, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.Varint).int32(1).join();
  } else {
    writer.tag(5, WireType.LengthDelimited).fork();
    for (const [tag, value] of Object.entries(content.scalars)) {
      writer.tag(1, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(tag);
      writer.tag(2, WireType.Bit32).float(Math.fround(value)).join();
    }
    writer.join();
  }
  return writer.finish();
}
