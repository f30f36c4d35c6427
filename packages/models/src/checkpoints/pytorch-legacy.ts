import type { ByteSource } from "./byte-source.ts";
import { unexpected } from "./checkpoint-error.ts";
import type { ElementType } from "./element-types.ts";
import { pickleGlobals } from "./pickle-globals.ts";
import { ArgumentError, describe, type PickleValue, StorageView } from "./pickle-values.ts";
import { findWeights } from "./pytorch-weights.ts";
import type { PyTorchOptions } from "./pytorch-zip.ts";
import { bareRecord, type RawCheckpoint } from "./raw-checkpoint.ts";
import type { Storage, UnreadableArray } from "./stored-array.ts";
import { parseStorageId, requireSame } from "./torch-tensors.ts";
import { PickleEnd, unpickle } from "./unpickle.ts";

/** The number that the first pickle holds. */
const magicNumber = 0x1950a86a20f9469cfc6cn;

const protocolVersion = 1001;

/** The pickles of a file are looked for in so many bytes first, then in twice as many, and so on. */
const firstPrefix = 2 ** 20;

/** Pickles beyond this size are refused; storages come after them. */
const longestPickles = 2 ** 30;

/** A storage whose place in the file is known once all pickles are read. */
interface LegacyStorage {
  readonly name: string;
  /** None for complex numbers, which still take their place. */
  readonly type: ElementType | undefined;
  readonly length: number;
  readonly bytes: number;
  readonly littleEndian: boolean;
  readonly content: Storage | UnreadableArray;
  position: number;
}

interface Pickles {
  readonly root: PickleValue;
  readonly keys: readonly PickleValue[];
  readonly storages: ReadonlyMap<string, LegacyStorage>;
  readonly end: number;
}

/**
 * Reads what `torch.save` wrote before PyTorch 1.6: five pickles (magic number, version, system, object, keys of
 * storages), and for each key the number of elements and the elements.
 */
export async function readPyTorchLegacy(source: ByteSource, options: PyTorchOptions): Promise<RawCheckpoint> {
  const { root, keys, storages, end } = await readPickles(source, options);
  await placeStorages(source, keys, storages, end);
  return {
    format: "pytorch-legacy",
    metadata: bareRecord([]),
    externalBytes: 0,
    ...findWeights(source.label, root, options.key),
  };
}

async function readPickles(source: ByteSource, options: PyTorchOptions): Promise<Pickles> {
  for (let length = firstPrefix; ; length *= 2) {
    const bytes = await source.read(0, Math.min(length, source.size), "pickles");
    try {
      return parsePickles(source, bytes, options);
    } catch (error) {
      if (!(error instanceof PickleEnd)) throw error;
      if (length >= source.size) {
        throw unexpected("truncated", source.label, "five pickles and the storages", `${source.size} bytes`);
      }
      if (length >= longestPickles) {
        throw unexpected("too-large", source.label, `pickles of at most ${longestPickles} bytes`, "more");
      }
    }
  }
}

function parsePickles(source: ByteSource, bytes: Uint8Array, { inert }: PyTorchOptions): Pickles {
  const { label } = source;
  const globals = pickleGlobals(inert);
  const storages = new Map<string, LegacyStorage>();
  const context = { source, storages, littleEndian: true };
  let end = 0;
  const next = () => {
    const result = unpickle(bytes, end, { label, globals, persistentId: (id) => storageOf(id, context) });
    end = result.end;
    return result.value;
  };
  const magic = next();
  if (magic !== magicNumber)
    throw unexpected("unknown-format", label, "PyTorch's magic number", describe(magic));
  const version = next();
  if (version !== protocolVersion) {
    throw unexpected("bad-header", label, `file version ${protocolVersion}`, describe(version));
  }
  const system = next();
  context.littleEndian = !(system instanceof Map && system.get("little_endian") === false);
  const root = next();
  const keys = next();
  if (!Array.isArray(keys)) throw unexpected("bad-header", label, "a list of storages", describe(keys));
  return { root, keys, storages, end };
}

interface LegacyContext {
  readonly source: ByteSource;
  readonly storages: Map<string, LegacyStorage>;
  readonly littleEndian: boolean;
}

function storageOf(id: PickleValue, { source, storages, littleEndian }: LegacyContext): PickleValue {
  const { type, key, length, bytesPerElement, rest } = parseStorageId(id);
  const known = storages.get(key);
  if (known !== undefined) {
    requireSame(known, type, length);
    return new StorageView(known.content, startOf(rest[0]));
  }
  const name = `storage ${key}`;
  const bytes = length * bytesPerElement;
  const load = async () => ({ bytes: await source.read(storage.position, bytes, name), owned: source.owned });
  const content = type === undefined ? { type: "complex" } : { name, type, length, littleEndian, load };
  const storage: LegacyStorage = { name, type, length, bytes, littleEndian, content, position: Number.NaN };
  storages.set(key, storage);
  return new StorageView(content, startOf(rest[0]));
}

/** A view of a storage is `(key, start, elements)`. */
function startOf(view: PickleValue | undefined): number {
  if (view === null || view === undefined) return 0;
  const start = Array.isArray(view) ? view[1] : undefined;
  if (typeof start !== "number")
    throw new ArgumentError(`expected a view of a storage, got ${describe(view)}`);
  return start;
}

async function placeStorages(
  source: ByteSource,
  keys: readonly PickleValue[],
  storages: ReadonlyMap<string, LegacyStorage>,
  end: number,
): Promise<void> {
  const { label } = source;
  let position = end;
  for (const key of keys) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (storage === undefined)
      throw unexpected("bad-header", label, "keys of storages that tensors use", describe(key));
    if (!Number.isNaN(storage.position))
      throw unexpected("bad-header", label, `${storage.name} once`, "it twice");
    const head = await source.read(position, 8, `the length of ${storage.name}`);
    const length = new DataView(head.buffer, head.byteOffset, 8).getBigInt64(0, storage.littleEndian);
    if (length !== BigInt(storage.length)) {
      throw unexpected("bad-header", `${label}: ${storage.name}`, `${storage.length} elements`, length);
    }
    storage.position = position + 8;
    position += 8 + storage.bytes;
    if (position > source.size) {
      const missing = `${source.size - storage.position} bytes`;
      throw unexpected(
        "truncated",
        `${label}: ${storage.name}`,
        `${position - storage.position} bytes`,
        missing,
      );
    }
  }
  const unplaced = [...storages.values()].find((storage) => Number.isNaN(storage.position));
  if (unplaced !== undefined)
    throw unexpected("bad-header", label, `${unplaced.name} in the list of storages`, "none");
  if (position !== source.size) {
    throw unexpected("bad-header", label, `${position} bytes`, source.size);
  }
}
