import { bytesPerElement, type ElementType } from "./element-types.ts";
import {
  ArgumentError,
  describe,
  listOf,
  PickleArray,
  PickleGlobal,
  type PickleValue,
  StorageView,
} from "./pickle-values.ts";

/** Storage classes of PyTorch by name; those without an element type here are skipped, not refused. */
export const storageTypes: ReadonlyMap<string, ElementType | undefined> = new Map([
  ["DoubleStorage", "F64"],
  ["FloatStorage", "F32"],
  ["HalfStorage", "F16"],
  ["BFloat16Storage", "BF16"],
  ["LongStorage", "I64"],
  ["IntStorage", "I32"],
  ["ShortStorage", "I16"],
  ["CharStorage", "I8"],
  ["ByteStorage", "U8"],
  ["BoolStorage", "BOOL"],
  ["ComplexFloatStorage", undefined],
  ["ComplexDoubleStorage", undefined],
]);

const complexBytes: Readonly<Record<string, number>> = { ComplexFloatStorage: 8, ComplexDoubleStorage: 16 };

/** More axes than PyTorch's own limit. */
const mostAxes = 64;

/** `(storage, offset, shape, strides, needs gradient, hooks, metadata)`. */
export function rebuildTensor(args: readonly PickleValue[]): PickleArray {
  const [view, offset, shape, strides, , , metadata] = args;
  if (!(view instanceof StorageView))
    throw new ArgumentError(`expected a storage for a tensor, got ${describe(view)}`);
  const sides = listOf("a tensor's shape", shape);
  const steps = listOf("a tensor's strides", strides);
  if (sides.length > mostAxes || steps.length > mostAxes) {
    throw new ArgumentError(`expected at most ${mostAxes} axes of a tensor, got ${describe(shape)}`);
  }
  if (![offset, ...sides, ...steps].every((value) => typeof value === "number")) {
    throw new ArgumentError(
      `expected numbers as a tensor's offset, shape and strides, got ${describe(shape)}`,
    );
  }
  if (!("load" in view.storage)) return new PickleArray(view.storage);
  if (isLazy(metadata)) return new PickleArray({ type: "values to be negated or conjugated" });
  return new PickleArray({
    storage: view.storage,
    offset: view.start + (offset as number),
    shape: [...sides] as number[],
    strides: [...steps] as number[],
  });
}

/** A view may say that its values are to be negated or conjugated when read. */
function isLazy(metadata: PickleValue | undefined): boolean {
  return metadata instanceof Map && (metadata.get("neg") === true || metadata.get("conj") === true);
}

/** As {@link rebuildTensor}, for types without a storage class: `(…, hooks, type, metadata)`. */
export function rebuildTensorOfType([, , , , , , type]: readonly PickleValue[]): PickleArray {
  if (type instanceof PickleGlobal) return new PickleArray({ type: type.name });
  throw new ArgumentError(`expected an element type for a tensor, got ${describe(type)}`);
}

export function requireTensor(name: string, value: PickleValue | undefined): PickleArray {
  if (value instanceof PickleArray) return value;
  throw new ArgumentError(`expected a tensor for ${name}, got ${describe(value)}`);
}

/** A tensor with attributes of its own: `(function, class, arguments, state)`. */
export function rebuildFromType([build, , args]: readonly PickleValue[]): PickleValue {
  const name = build instanceof PickleGlobal ? build.name : "";
  if (!name.startsWith("torch._utils._rebuild_")) {
    throw new ArgumentError(`expected a function that rebuilds a tensor, got ${describe(build)}`);
  }
  return (build as PickleGlobal).call!(listOf("a tensor's arguments", args));
}

/** A tensor's storage as a pickle names it: `("storage", class, key, device, elements, …)`. */
export interface StorageId {
  /** None for elements that float32 cannot hold. */
  readonly type: ElementType | undefined;
  readonly bytesPerElement: number;
  readonly key: string;
  readonly length: number;
  /** What follows, in the format before 1.6. */
  readonly rest: readonly PickleValue[];
}

/** Checks a storage's persistent id. */
export function parseStorageId(id: PickleValue): StorageId {
  const [kind, storage, key, device, length, ...rest] = Array.isArray(id) ? id : [];
  if (kind !== "storage")
    throw new ArgumentError(`expected a storage as persistent id, got ${describe(kind ?? id)}`);
  const name =
    storage instanceof PickleGlobal
      ? /^torch\.(?:cuda\.|storage\.)?(_?\w+Storage)$/.exec(storage.name)?.[1]
      : undefined;
  const wellFormed =
    name !== undefined &&
    typeof key === "string" &&
    typeof device === "string" &&
    Number.isSafeInteger(length) &&
    (length as number) >= 0;
  if (!wellFormed) {
    throw new ArgumentError(
      `expected a storage's class, key, device and length, got ${[storage, key, device, length].map(describe).join(", ")}`,
    );
  }
  const type = name.includes("UntypedStorage") ? "U8" : storageTypes.get(name);
  const size = type === undefined ? complexBytes[name] : bytesPerElement[type];
  if (size === undefined) throw new ArgumentError(`expected a known class of storage, got ${name}`);
  return { type, bytesPerElement: size, key, length: length as number, rest };
}

/** Refuses a key that stands for two storages. */
export function requireSame(
  known: Pick<StorageId, "type" | "length"> & { readonly name: string },
  type: ElementType | undefined,
  length: number,
): void {
  if (known.type === type && known.length === length) return;
  const before = `${known.length} elements ${known.type ?? "complex"}`;
  throw new ArgumentError(
    `expected ${known.name} to have ${before} as before, got ${length} ${type ?? "complex"}`,
  );
}
