import { elementType, emptyArray, fromBuffer, scalar } from "./numpy.ts";
import {
  AllowedGlobal,
  type CallContext,
  describe,
  type PickleValue,
  type StackValue,
} from "./pickle-values.ts";

const builtins = ["builtins", "__builtin__"];
const numpyModules = ["numpy.core", "numpy._core"];

/** All names that a pickle may mention; any other is refused. */
export const allowedGlobals: ReadonlyMap<string, AllowedGlobal> = new Map(
  [
    new AllowedGlobal("collections.OrderedDict", orderedDictionary),
    ...builtins.map((module) => new AllowedGlobal(`${module}.set`, set)),
    ...builtins.map((module) => new AllowedGlobal(`${module}.frozenset`, set)),
    ...builtins.map((module) => new AllowedGlobal(`${module}.bytes`, bytes)),
    ...builtins.map((module) => new AllowedGlobal(`${module}.bytearray`, bytes)),
    new AllowedGlobal("_codecs.encode", bytes),
    new AllowedGlobal("numpy.ndarray"),
    new AllowedGlobal("numpy.dtype", elementType),
    ...numpyModules.map((module) => new AllowedGlobal(`${module}.multiarray._reconstruct`, emptyArray)),
    ...numpyModules.map((module) => new AllowedGlobal(`${module}.multiarray.scalar`, scalar)),
    ...numpyModules.map((module) => new AllowedGlobal(`${module}.numeric._frombuffer`, fromBuffer)),
  ].map((allowed) => [allowed.name, allowed]),
);

/** `OrderedDict()`, filled by later opcodes, or Python 2's `OrderedDict([[key, value], …])`. */
function orderedDictionary([pairs]: readonly StackValue[], context: CallContext): PickleValue {
  const table = new Map<PickleValue, PickleValue>();
  for (const pair of itemsOf(pairs, context)) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      return context.refuse("a pair of key and value", describe(pair));
    }
    table.set(pair[0], pair[1]);
  }
  return table;
}

function set([items]: readonly StackValue[], context: CallContext): PickleValue {
  return new Set(itemsOf(items, context));
}

function itemsOf(items: StackValue | undefined, { refuse, copies }: CallContext): PickleValue[] {
  if (items === undefined) return [];
  if (!Array.isArray(items)) return refuse("a list", describe(items));
  copies(items.length);
  return items;
}

/** `bytes()`, or the characters of a string as bytes, which is how protocols 0 to 2 write bytes. */
function bytes([text, encoding]: readonly StackValue[], { refuse, copies }: CallContext): PickleValue {
  if (text === undefined) return new Uint8Array(0);
  if (text instanceof Uint8Array && encoding === undefined) return text;
  if (typeof text !== "string") return refuse("bytes written as a string", describe(text));
  if (encoding !== "latin1" && encoding !== "latin-1") {
    return refuse("bytes in latin1", describe(encoding));
  }
  copies(text.length);
  return Uint8Array.from(Buffer.from(text, "latin1"));
}
