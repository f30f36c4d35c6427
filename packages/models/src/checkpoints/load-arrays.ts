import type { NamedArray, NamedArrays } from "../parameters.ts";
import { shown, unexpected } from "./checkpoint-error.ts";
import { bytesPerElement, firstNotFinite, toFloat32 } from "./element-types.ts";
import {
  extentOf,
  gather,
  isContiguous,
  type Storage,
  type StoredArray,
  sizeOf,
  swapBytesInto,
  type UnreadableArray,
} from "./stored-array.ts";

/** What {@link loadArrays} needs to know. */
export interface LoadArraysOptions {
  readonly label: string;
  readonly maximumBytes: number;
  readonly allowNonFinite: boolean;
}

/** Arrays as float32, and the names of those that float32 cannot hold. */
export interface LoadedArrays {
  readonly arrays: NamedArrays;
  readonly skipped: readonly string[];
}

/** Checks every view against its storage and the sum against the limit, and only then reads. */
export async function loadArrays(
  entries: readonly (readonly [string, StoredArray | UnreadableArray])[],
  options: LoadArraysOptions,
): Promise<LoadedArrays> {
  const arrays: Record<string, NamedArray> = Object.create(null);
  const skipped: string[] = [];
  const views = entries.filter((entry): entry is readonly [string, StoredArray] => "storage" in entry[1]);
  const uses = requireViews(views, options);
  const loaded = new Map<Storage, Uint8Array>();
  for (const [name, view] of entries) {
    if (!("storage" in view)) {
      skipped.push(name);
      continue;
    }
    const data = await readView(view, uses, loaded);
    if (data === undefined) skipped.push(name);
    else {
      if (!options.allowNonFinite) requireFinite(options.label, name, data);
      arrays[name] = { shape: view.shape, data };
    }
  }
  return { arrays, skipped };
}

function requireViews(
  views: readonly (readonly [string, StoredArray])[],
  { label, maximumBytes }: LoadArraysOptions,
): Map<Storage, number> {
  const uses = new Map<Storage, number>();
  let total = 0;
  for (const [name, view] of views) {
    requireView(label, name, view);
    uses.set(view.storage, (uses.get(view.storage) ?? 0) + 1);
    total += 4 * sizeOf(view.shape);
  }
  if (total > maximumBytes) {
    throw unexpected("too-large", label, `arrays of at most ${maximumBytes} bytes as float32`, total);
  }
  const stored = [...uses.keys()].reduce((sum, { type, length }) => sum + bytesPerElement[type] * length, 0);
  if (stored > 2 * maximumBytes) {
    throw unexpected("too-large", label, `storages of at most ${2 * maximumBytes} bytes`, stored);
  }
  return uses;
}

function requireView(label: string, name: string, view: StoredArray): void {
  const { storage, offset, shape, strides } = view;
  const where = `${label}: ${shown(name)}`;
  const whole = [offset, ...shape, ...strides].every((value) => Number.isSafeInteger(value) && value >= 0);
  if (!whole || shape.length !== strides.length || shape.length > 16) {
    throw unexpected(
      "bad-tensor",
      where,
      "offset, shape and strides to be whole numbers from 0, at most 16 axes",
      `offset ${offset}, shape [${shape.slice(0, 17)}], strides [${strides.slice(0, 17)}]`,
    );
  }
  const end = shape.includes(0) ? 0 : offset + extentOf(view);
  if (!Number.isSafeInteger(sizeOf(shape)) || end > storage.length) {
    throw unexpected(
      "bad-tensor",
      where,
      `a view inside the ${storage.length} elements of ${storage.name}`,
      `offset ${offset}, shape [${shape}], strides [${strides}]`,
    );
  }
}

async function readView(
  view: StoredArray,
  uses: Map<Storage, number>,
  loaded: Map<Storage, Uint8Array>,
): Promise<Float32Array | undefined> {
  const { storage } = view;
  const bytes = loaded.get(storage) ?? (await readStorage(storage));
  const left = uses.get(storage)! - 1;
  uses.set(storage, left);
  const once = left === 0 && !loaded.has(storage);
  if (left === 0) loaded.delete(storage);
  else loaded.set(storage, bytes);
  const whole = sizeOf(view.shape) === storage.length && isContiguous(view);
  return toFloat32(storage.type, whole && once ? bytes : gather(view, bytes));
}

/** All bytes of a storage in memory of their own, little-endian. */
async function readStorage(storage: Storage): Promise<Uint8Array> {
  const { bytes, owned } = await storage.load();
  const kept = owned && bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  if (!storage.littleEndian) swapBytesInto(kept, bytesPerElement[storage.type]);
  return kept;
}

function requireFinite(label: string, name: string, data: Float32Array): void {
  const at = firstNotFinite(data);
  if (at >= 0)
    throw unexpected(
      "not-finite",
      `${label}: ${shown(name)}`,
      "finite values",
      `${data[at]} at position ${at}`,
    );
}
