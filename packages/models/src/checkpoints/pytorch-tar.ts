import type { ByteSource } from "./byte-source.ts";
import { arraySource } from "./byte-source.ts";
import { unexpected } from "./checkpoint-error.ts";
import { bytesPerElement, type ElementType } from "./element-types.ts";
import { pickleGlobals } from "./pickle-globals.ts";
import { ArgumentError, describe, PickleArray, PickleGlobal, type PickleValue } from "./pickle-values.ts";
import { findWeights } from "./pytorch-weights.ts";
import type { PyTorchOptions } from "./pytorch-zip.ts";
import { bareRecord, type RawCheckpoint } from "./raw-checkpoint.ts";
import type { Storage } from "./stored-array.ts";
import { storageTypes } from "./torch-tensors.ts";
import { PickleEnd, unpickle } from "./unpickle.ts";

/** Whether the first 512 bytes are a header of a tar file. */
export function isTar(start: Uint8Array): boolean {
  return start.length === 512 && Buffer.from(start.subarray(257, 262)).toString("latin1") === "ustar";
}

/** PyTorch writes four. */
const mostMembers = 100;

interface TarStorage {
  readonly storage: Storage;
  readonly start: number;
}

/**
 * Reads what `torch.save` wrote before PyTorch 0.1.10: a tar file of `storages`, `tensors` and `pickle`, in which the
 * pickle names each tensor by a number.
 */
export async function readPyTorchTar(source: ByteSource, options: PyTorchOptions): Promise<RawCheckpoint> {
  const members = await readMembers(source);
  const member = (name: string) => {
    const bytes = members.get(name);
    if (bytes === undefined)
      throw unexpected("bad-archive", source.label, `a tar file with ${name}`, shownNames(members));
    return bytes;
  };
  try {
    const storages = readStorages(source.label, member("storages"));
    const tensors = readTensors(source.label, member("tensors"), storages);
    const persistentId = (id: PickleValue): PickleValue => {
      const tensor = lookUp(tensors, id);
      if (tensor === undefined)
        throw new ArgumentError(`expected the number of a tensor, got ${describe(id)}`);
      return tensor;
    };
    const globals = pickleGlobals(options.inert);
    const { value } = unpickle(member("pickle"), 0, { label: source.label, globals, persistentId });
    return {
      format: "pytorch-legacy",
      metadata: bareRecord([]),
      externalBytes: 0,
      ...findWeights(source.label, value, options.key),
    };
  } catch (error) {
    if (!(error instanceof PickleEnd)) throw error;
    throw unexpected("truncated", source.label, "whole storages, tensors and pickle", "a pickle without end");
  }
}

function shownNames(members: ReadonlyMap<string, Uint8Array>): string {
  return [...members.keys()].join(", ") || "no known member";
}

/** The three members; others are passed over by their size. */
async function readMembers(source: ByteSource): Promise<Map<string, Uint8Array>> {
  const members = new Map<string, Uint8Array>();
  for (let position = 0, count = 0; position + 512 <= source.size; count++) {
    if (count === mostMembers)
      throw unexpected("bad-archive", source.label, `a tar file of at most ${mostMembers} members`, "more");
    const header = Buffer.from(await source.read(position, 512, "a tar header"));
    if (header.every((byte) => byte === 0)) break;
    const name = header.toString("latin1", 0, 100).replace(/\0.*$/s, "");
    const size = sizeField(source.label, header);
    if (position + 512 + size > source.size) {
      throw unexpected(
        "truncated",
        source.label,
        `${size} bytes of a tar member`,
        source.size - position - 512,
      );
    }
    if (name === "storages" || name === "tensors" || name === "pickle") {
      members.set(name, await source.read(position + 512, size, name));
    }
    position += 512 + Math.ceil(size / 512) * 512;
  }
  return members;
}

function sizeField(label: string, header: Buffer): number {
  const text = header.toString("latin1", 124, 136).replace(/[\0 ]+$/, "");
  if (/^[0-7]{1,12}$/.test(text)) return Number.parseInt(text, 8);
  throw unexpected("bad-archive", label, "a tar member's size in octal digits", JSON.stringify(text));
}

/** A number or a string by which the file names a storage or a tensor; lists have no text that is safe to make. */
function keyOf(value: PickleValue | undefined): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function lookUp<T>(table: ReadonlyMap<string, T>, id: PickleValue | undefined): T | undefined {
  const key = keyOf(id);
  return key === undefined ? undefined : table.get(key);
}

class Cursor {
  position = 0;
  readonly #label: string;
  readonly bytes: Uint8Array;

  constructor(label: string, bytes: Uint8Array) {
    this.#label = label;
    this.bytes = bytes;
  }

  pickle(): PickleValue {
    const { value, end } = unpickle(this.bytes, this.position, {
      label: this.#label,
      globals: pickleGlobals([]),
      persistentId: (id) => {
        throw new ArgumentError(`expected no persistent id here, got ${describe(id)}`);
      },
    });
    this.position = end;
    return value;
  }

  count(what: string): number {
    const value = this.pickle();
    if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
    throw unexpected("bad-header", this.#label, `the number of ${what}`, describe(value));
  }

  triple(): readonly [string, PickleValue, PickleValue] {
    const value = this.pickle();
    const key = Array.isArray(value) && value.length === 3 ? keyOf(value[0]) : undefined;
    if (key === undefined)
      throw unexpected("bad-header", this.#label, "a key and two values", describe(value));
    const [, second, third] = value as PickleValue[];
    return [key, second!, third!];
  }

  take(length: number): DataView {
    if (!(length >= 0) || this.position + length > this.bytes.length) throw new PickleEnd();
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.position, length);
    this.position += length;
    return view;
  }

  int64s(count: number): number[] {
    const view = this.take(8 * count);
    return Array.from({ length: count }, (_, i) => Number(view.getBigInt64(8 * i, true)));
  }
}

function readStorages(label: string, bytes: Uint8Array): Map<string, TarStorage> {
  const cursor = new Cursor(label, bytes);
  const storages = new Map<string, TarStorage>();
  for (let left = cursor.count("storages"); left > 0; left--) {
    const [key, , kind] = cursor.triple();
    const type = elementType(label, kind);
    const [length = -1] = cursor.int64s(1);
    const { byteOffset, byteLength } = cursor.take(length * bytesPerElement[type]);
    const content = arraySource(label, new Uint8Array(bytes.buffer, byteOffset, byteLength));
    storages.set(key, {
      start: 0,
      storage: {
        name: `storage ${key}`,
        type,
        length,
        littleEndian: true,
        load: async () => ({ bytes: await content.read(0, content.size, "a storage"), owned: false }),
      },
    });
  }
  const views = cursor.pickle();
  if (!Array.isArray(views)) throw unexpected("bad-header", label, "a list of views", describe(views));
  for (const view of views) {
    const [key, root, offset] = Array.isArray(view) ? view : [];
    const name = keyOf(key);
    const base = lookUp(storages, root);
    if (name === undefined || base === undefined || typeof offset !== "number") {
      throw unexpected("bad-header", label, "a view of a storage", describe(view));
    }
    storages.set(name, { storage: base.storage, start: base.start + offset });
  }
  return storages;
}

function elementType(label: string, kind: PickleValue): ElementType {
  const name = kind instanceof PickleGlobal ? kind.name.replace(/^torch\.(cuda\.)?/, "") : "";
  const type = storageTypes.get(name);
  if (type !== undefined) return type;
  throw unexpected("unsupported-dtype", label, "a storage of real numbers", describe(kind));
}

function readTensors(
  label: string,
  bytes: Uint8Array,
  storages: ReadonlyMap<string, TarStorage>,
): Map<string, PickleArray> {
  const cursor = new Cursor(label, bytes);
  const tensors = new Map<string, PickleArray>();
  for (let left = cursor.count("tensors"); left > 0; left--) {
    const [key, id] = cursor.triple();
    const base = lookUp(storages, id);
    if (base === undefined) throw unexpected("bad-header", label, "a tensor's storage", describe(id));
    const rank = cursor.take(8).getInt32(0, true);
    if (rank < 0 || rank > 16) throw unexpected("bad-header", label, "at most 16 axes", rank);
    const shape = cursor.int64s(rank);
    const strides = cursor.int64s(rank);
    const [offset = 0] = cursor.int64s(1);
    tensors.set(key, new PickleArray({ storage: base.storage, offset: base.start + offset, shape, strides }));
  }
  return tensors;
}
