import { createFileRegistry, type DescMessage, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** A field of a message: scalars by their type, messages by name. */
function field(jsonName: string, number: number, type: string, label = "LABEL_OPTIONAL"): JsonObject {
  const name = jsonName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const kind = type.startsWith(".") ? { type: "TYPE_MESSAGE", typeName: type } : { type };
  return { name, jsonName, number, label, ...kind };
}

/** What an event file of scalars may hold, with the field numbers that event.proto and summary.proto publish. */
const messages: Readonly<Record<string, readonly JsonObject[]>> = {
  Event: [
    field("wallTime", 1, "TYPE_DOUBLE"),
    field("step", 2, "TYPE_INT64"),
    field("fileVersion", 3, "TYPE_STRING"),
    field("summary", 5, ".Summary"),
    field("sessionLog", 7, ".SessionLog"),
  ],
  Summary: [field("value", 1, ".Value", "LABEL_REPEATED")],
  Value: [field("tag", 1, "TYPE_STRING"), field("simpleValue", 2, "TYPE_FLOAT")],
  SessionLog: [field("status", 1, "TYPE_INT32")],
};

/** TensorBoard's Event message. */
export const eventSchema: DescMessage = createFileRegistry(
  fromJson(FileDescriptorSetSchema, {
    file: [
      {
        name: "event.proto",
        syntax: "proto3",
        messageType: Object.entries(messages).map(([name, fields]) => ({ name, field: [...fields] })),
      },
    ],
  }),
).getMessage("Event")!;
