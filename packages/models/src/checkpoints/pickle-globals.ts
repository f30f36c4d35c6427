import { numpyFromBuffer, numpyScalar, numpyType } from "./numpy-values.ts";
import {
  ArgumentError,
  describe,
  Inert,
  listOf,
  PickleArray,
  PickleGlobal,
  type PickleValue,
} from "./pickle-values.ts";
import {
  rebuildFromType,
  rebuildTensor,
  rebuildTensorOfType,
  requireTensor,
  storageTypes,
} from "./torch-tensors.ts";

/**
 * Classes that training scripts put beside their weights. Objects of them are read past: what they held is not kept.
 */
const inertClasses: readonly string[] = [
  "argparse.Namespace",
  "types.SimpleNamespace",
  "pathlib.Path",
  "pathlib.PosixPath",
  "pathlib.WindowsPath",
  "pathlib.PurePosixPath",
  "pathlib.PureWindowsPath",
  "datetime.date",
  "datetime.datetime",
  "datetime.time",
  "datetime.timedelta",
  "datetime.timezone",
  "yacs.config.CfgNode",
  "easydict.EasyDict",
  "torch.device",
  "torch.Generator",
];

/** Names that stand as they are: types that other values mention. */
const inertNames: readonly string[] = [
  "numpy.ndarray",
  "torch.Tensor",
  ...["object", "dict", "int", "float", "str", "bool", "bytes"].flatMap((name) => [
    `builtins.${name}`,
    `__builtin__.${name}`,
  ]),
  ...[
    "float64",
    "float32",
    "float16",
    "bfloat16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "bool",
    "complex64",
    "complex128",
    "uint16",
    "uint32",
    "uint64",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "float8_e8m0fnu",
    "strided",
    "contiguous_format",
    "channels_last",
  ].map((name) => `torch.${name}`),
];

/** Tensors that are no run of numbers, and what to do about them. */
const refusals: Readonly<Record<string, string>> = {
  "torch._utils._rebuild_sparse_tensor": "a sparse tensor; save tensor.to_dense()",
  "torch._utils._rebuild_sparse_csr_tensor": "a sparse tensor; save tensor.to_dense()",
  "torch._utils._rebuild_nested_tensor": "a nested tensor; save its parts",
  "torch._utils._rebuild_qtensor": "a quantized tensor; save tensor.dequantize()",
  "torch._utils._rebuild_meta_tensor_no_storage": "a tensor without values, of the device meta",
};

type Call = (args: readonly PickleValue[]) => PickleValue;

const calls: Readonly<Record<string, Call>> = {
  "collections.OrderedDict": dictionary,
  "collections.Counter": ([items]) => (items instanceof Map ? items : dictionary([])),
  "collections.defaultdict": ([, items]) => (items === undefined ? new Map() : dictionary([items])),
  "collections.deque": ([items]) => listOf("collections.deque", items),
  "torch.Size": ([sizes]) => listOf("torch.Size", sizes),
  "builtins.set": ([items]) => new Set(listOf("set", items)),
  "builtins.frozenset": ([items]) => new Set(listOf("frozenset", items)),
  "builtins.list": ([items]) => listOf("list", items),
  "builtins.tuple": ([items]) => listOf("tuple", items),
  "builtins.bytearray": ([text]) => (text instanceof Uint8Array ? text : encode([text ?? ""])),
  "builtins.complex": () => new Inert("complex"),
  "builtins.slice": () => new Inert("slice"),
  "builtins.range": () => new Inert("range"),
  "_codecs.encode": encode,
  "copyreg._reconstructor": reconstruct,
  "numpy.dtype": numpyType,
  "numpy.core.multiarray.scalar": numpyScalar,
  "numpy.core.multiarray._reconstruct": () => new PickleArray(),
  "numpy.core.numeric._frombuffer": numpyFromBuffer,
  "torch._utils._rebuild_tensor": rebuildTensor,
  "torch._utils._rebuild_tensor_v2": rebuildTensor,
  "torch._utils._rebuild_tensor_v3": rebuildTensorOfType,
  "torch._utils._rebuild_parameter": ([tensor]) => requireTensor("_rebuild_parameter", tensor),
  "torch._utils._rebuild_parameter_with_state": ([tensor]) =>
    requireTensor("_rebuild_parameter_with_state", tensor),
  "torch.nn.parameter.Parameter": ([tensor]) => requireTensor("Parameter", tensor),
  "torch._tensor._rebuild_from_type_v2": rebuildFromType,
};

/** Other names of the same: Python 2's modules, NumPy 2's, and those that PyTorch moved. */
const otherNames: readonly (readonly [string, string])[] = [
  ["builtins.", "__builtin__."],
  ["copyreg.", "copy_reg."],
  ["numpy.core.", "numpy._core."],
  ["torch._tensor.", "torch.tensor."],
];

/**
 * The names that a pickle of PyTorch may mention.
 *
 * @param inert - More classes to be read past.
 */
export function pickleGlobals(inert: readonly string[]): ReadonlyMap<string, PickleGlobal> {
  const globals = new Map<string, PickleGlobal>();
  const add = (name: string, call?: Call) => globals.set(name, new PickleGlobal(name, call));
  for (const name of inertNames) add(name);
  for (const [name, refusal] of Object.entries(refusals))
    globals.set(name, new PickleGlobal(name, undefined, refusal));
  for (const name of [...inertClasses, ...inert]) add(name, () => new Inert(name));
  for (const [name, call] of Object.entries(calls)) {
    add(name, call);
    for (const [from, to] of otherNames) if (name.startsWith(from)) add(name.replace(from, to), call);
  }
  for (const name of storageTypes.keys()) {
    add(`torch.${name}`);
    add(`torch.cuda.${name}`);
    add(`torch.${name.replace("Storage", "Tensor")}`);
    add(`torch.cuda.${name.replace("Storage", "Tensor")}`);
  }
  for (const name of ["UntypedStorage", "_UntypedStorage"]) add(`torch.storage.${name}`);
  return globals;
}

function dictionary([items]: readonly PickleValue[]): Map<PickleValue, PickleValue> {
  if (items === undefined) return new Map();
  if (items instanceof Map) return items;
  const pairs = listOf("a dictionary", items);
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new ArgumentError(`expected pairs, got ${describe(pair)}`);
  }
  return new Map(pairs as [PickleValue, PickleValue][]);
}

/** How protocols before 3 write bytes. */
function encode([text]: readonly PickleValue[]): Uint8Array {
  if (typeof text !== "string") throw new ArgumentError(`expected a string to encode, got ${describe(text)}`);
  return Buffer.from(text, "latin1");
}

/** How protocols 0 and 1 build objects: `(class, base, state)`. */
function reconstruct([target]: readonly PickleValue[]): PickleValue {
  if (target instanceof PickleGlobal && inertOf(target)) return new Inert(target.name);
  throw new ArgumentError(`expected an inert class to reconstruct, got ${describe(target)}`);
}

function inertOf({ call }: PickleGlobal): boolean {
  return call !== undefined && call([]) instanceof Inert;
}
