import type { ByteSource } from "./byte-source.ts";
import { unexpected } from "./checkpoint-error.ts";
import { bytesPerElement } from "./element-types.ts";
import { pickleGlobals } from "./pickle-globals.ts";
import { ArgumentError, type PickleValue, StorageView } from "./pickle-values.ts";
import { findWeights } from "./pytorch-weights.ts";
import { bareRecord, type RawCheckpoint } from "./raw-checkpoint.ts";
import type { Storage } from "./stored-array.ts";
import { parseStorageId, requireSame } from "./torch-tensors.ts";
import { PickleEnd, unpickle } from "./unpickle.ts";
import { openZip, type ZipArchive } from "./zip-archive.ts";

/** What the readers of PyTorch's files need to know. */
export interface PyTorchOptions {
  readonly key?: string;
  readonly inert: readonly string[];
}

/** Reads what `torch.save` writes since PyTorch 1.6: a zip file of a pickle and one entry for each storage. */
export async function readPyTorchZip(source: ByteSource, options: PyTorchOptions): Promise<RawCheckpoint> {
  const archive = await openZip(source);
  const folder = findFolder(source.label, archive);
  const littleEndian = await readByteOrder(source.label, archive, folder);
  const { bytes } = await archive.read(`${folder}data.pkl`);
  const storages = new Map<string, Storage>();
  const persistentId = (id: PickleValue) =>
    storageOf(id, storages, { archive, folder, littleEndian, label: source.label });
  const globals = pickleGlobals(options.inert);
  try {
    const { value } = unpickle(bytes, 0, { label: source.label, globals, persistentId });
    return {
      format: "pytorch",
      metadata: bareRecord([]),
      externalBytes: 0,
      ...findWeights(source.label, value, options.key),
    };
  } catch (error) {
    if (!(error instanceof PickleEnd)) throw error;
    throw unexpected("truncated", source.label, "a pickle that ends", `${bytes.length} bytes without end`);
  }
}

function findFolder(label: string, { sizes }: ZipArchive): string {
  const names = [...sizes.keys()];
  const folders = names.flatMap((name) => /^([^/]*\/)?data\.pkl$/.exec(name)?.slice(1) ?? []);
  if (names.some((name) => /(^|\/)constants\.pkl$/.test(name))) {
    throw unexpected(
      "unknown-format",
      label,
      "weights of torch.save",
      "a TorchScript program; save its state_dict()",
    );
  }
  if (folders.length !== 1) {
    throw unexpected("unknown-format", label, "a zip file with one data.pkl", `${folders.length} of them`);
  }
  return folders[0] ?? "";
}

async function readByteOrder(label: string, archive: ZipArchive, folder: string): Promise<boolean> {
  const name = `${folder}byteorder`;
  const size = archive.sizes.get(name);
  if (size === undefined) return true;
  const order =
    size > 16 ? `${size} bytes` : Buffer.from((await archive.read(name)).bytes).toString("latin1");
  if (order === "little" || order === "big") return order === "little";
  throw unexpected("bad-archive", `${label}: ${name}`, "little or big", JSON.stringify(order));
}

interface ZipContext {
  readonly label: string;
  readonly archive: ZipArchive;
  readonly folder: string;
  readonly littleEndian: boolean;
}

function storageOf(id: PickleValue, storages: Map<string, Storage>, context: ZipContext): PickleValue {
  const { type, key, length } = parseStorageId(id);
  if (type === undefined) return new StorageView({ type: "complex" }, 0);
  const { archive, folder, littleEndian } = context;
  const known = storages.get(key);
  if (known !== undefined) {
    requireSame(known, type, length);
    return new StorageView(known, 0);
  }
  const name = `${folder}data/${key}`;
  const size = archive.sizes.get(name);
  const expected = length * bytesPerElement[type];
  if (size !== expected) {
    throw new ArgumentError(`expected an entry ${name} of ${expected} bytes, got ${size ?? "none"}`);
  }
  const storage: Storage = { name, type, length, littleEndian, load: () => archive.read(name) };
  storages.set(key, storage);
  return new StorageView(storage, 0);
}
