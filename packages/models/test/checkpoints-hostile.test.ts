import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import { BinaryWriter as Writer } from "@bufbuild/protobuf/wire";
import { CheckpointError, type ReadCheckpointOptions, readCheckpoint } from "@lmk/models/checkpoints";
import { afterAll, describe, expect, it } from "vitest";
import {
  bytes,
  floats,
  global,
  integer,
  little,
  onnx,
  onnxHead,
  op,
  pickledDict,
  safetensors,
  tensor,
  text,
  torchLegacy,
  torchZip,
  zip,
} from "./checkpoint-files/build-files.ts";

const folder = mkdtempSync(join(tmpdir(), "lmk-hostile-"));
const canary = join(folder, "canary");

afterAll(() => rmSync(folder, { recursive: true }));

/** What the reading ends with, and by how many bytes the process has grown. */
async function attempt(
  file: string | Uint8Array,
  options?: ReadCheckpointOptions,
): Promise<{ message: string; grown: number }> {
  const before = process.memoryUsage();
  const error = await readCheckpoint(file, options).then(
    () => new Error("it was read"),
    (reason: unknown) => reason,
  );
  const after = process.memoryUsage();
  const grown = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
  if (!(error instanceof CheckpointError)) throw error;
  return { message: `${error.code}: ${error.message}`, grown };
}

const good = pickledDict({ w: tensor() });
const legacy = pickledDict({ w: tensor({ legacy: true }) });
const command = `touch ${canary}`;

/** A call of a global with one string. */
function call(module: string, name: string): Buffer {
  return bytes(global(module, name), op.mark, text(command), op.tuple, op.reduce);
}

function pickle(...parts: readonly (string | number | Uint8Array)[]): Buffer {
  return torchZip(bytes(op.proto2, ...parts, op.stop));
}

const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
const many = 2 ** 22;
const bomb = Buffer.alloc(2 ** 22);
const bombSize = deflateRawSync(bomb).length;

function external(location: string): Buffer {
  return onnx((writer) => {
    const pair = new Writer().tag(1, 2).string("location").tag(2, 2).string(location).finish();
    onnxHead(writer, "w", 1, 2).tag(13, 2).bytes(pair).tag(14, 0).int32(1);
  });
}

function rawTensor(...shape: readonly (number | bigint | string)[]): Buffer {
  return onnx((writer: BinaryWriter) =>
    onnxHead(writer, "w", 1, ...shape)
      .tag(9, 2)
      .bytes(floats(1, 2)),
  );
}

type Case = readonly [name: string, file: Uint8Array, message: string];

const cases: readonly Case[] = [
  // No checkpoint
  [
    "an empty file",
    bytes(),
    "unknown-format: bytes: expected a checkpoint of PyTorch, safetensors or ONNX, got an empty file",
  ],
  [
    "a web page",
    bytes("<!DOCTYPE html><html>"),
    "unknown-format: bytes: expected a checkpoint of PyTorch, safetensors or ONNX, got a web page",
  ],
  [
    "a Git LFS pointer",
    bytes("version https://git-lfs.github.com/spec/v1\noid sha256:"),
    "unknown-format: bytes: expected a checkpoint of PyTorch, safetensors or ONNX, got a Git LFS pointer; the weights are not downloaded",
  ],
  [
    "a few bytes",
    bytes("hello"),
    "unknown-format: bytes: expected a checkpoint of PyTorch, safetensors or ONNX, got a file that begins with 68656c6c6f",
  ],
  [
    "an HDF5 file",
    bytes("\x89HDF\r\n\x1a\n"),
    "unknown-format: bytes: expected a checkpoint of PyTorch, safetensors or ONNX, got an HDF5 file",
  ],
  // Safetensors
  [
    "a header cut short",
    safetensors({ w: entry }).subarray(0, 40),
    "truncated: bytes: expected a header of at most 32 bytes, got 54",
  ],
  [
    "values cut short",
    safetensors({ w: entry }).subarray(0, -1),
    "truncated: bytes: expected 8 bytes of values, got 7",
  ],
  [
    "values too many",
    safetensors({ w: entry }, floats(1, 2, 3)),
    "bad-header: bytes: expected 8 bytes of values, got 12",
  ],
  [
    "a header of 2^63 bytes",
    bytes(little(2n ** 63n, 8), "{}"),
    "truncated: bytes: expected a header of at most 2 bytes, got 9223372036854775808",
  ],
  [
    "a header of 2^55 bytes",
    safetensors({ w: entry }, floats(1, 2), 2n ** 55n),
    "truncated: bytes: expected a header of at most 62 bytes, got 36028797018963968",
  ],
  [
    "a header that is no JSON",
    safetensors("{w: 1}"),
    'bad-header: bytes: expected a header in JSON, got "{w: 1}"',
  ],
  [
    "a header in bad UTF-8",
    safetensors('{"\xff": 1}'),
    "bad-header: bytes: expected a header in UTF-8, got other bytes",
  ],
  [
    "metadata that is no text",
    safetensors({ __metadata__: { a: 1 }, w: entry }),
    'bad-header: bytes: expected `__metadata__` to hold strings, got {"a":1}',
  ],
  [
    "an entry that is no object",
    safetensors({ w: 3 }),
    "bad-header: bytes: w: expected dtype, shape and data_offsets, got 3",
  ],
  [
    "a negative offset",
    safetensors({ w: { ...entry, data_offsets: [-8, 0] } }),
    'bad-header: bytes: w: expected dtype, shape and data_offsets, got {"dtype":"F32","shape":[2],"data_offsets":[-8,0]}',
  ],
  [
    "offsets that go back",
    safetensors({ w: { ...entry, data_offsets: [8, 0] } }),
    "bad-header: bytes: w: expected 8 bytes for F32 of shape [2], got -8",
  ],
  [
    "arrays that overlap",
    safetensors({ w: entry, v: { ...entry, data_offsets: [4, 12] } }, floats(1, 2, 3)),
    "bad-header: bytes: v: expected a beginning at byte 8, got 4",
  ],
  [
    "a gap",
    safetensors({ w: { ...entry, data_offsets: [8, 16] } }, floats(1, 2, 3, 4)),
    "bad-header: bytes: w: expected a beginning at byte 0, got 8",
  ],
  [
    "a shape that overflows",
    safetensors({ w: { ...entry, shape: [2 ** 40, 2 ** 40] } }),
    "bad-header: bytes: w: expected 4.835703278458517e+24 bytes for F32 of shape [1099511627776,1099511627776], got 8",
  ],
  [
    "a huge shape",
    safetensors({ w: { ...entry, shape: [2 ** 50], data_offsets: [0, 2 ** 52] } }),
    "truncated: bytes: expected 4503599627370496 bytes of values, got 8",
  ],
  [
    "an unknown dtype",
    safetensors({ w: { ...entry, dtype: "constructor" } }),
    "unsupported-dtype: bytes: w: expected a known dtype, got constructor",
  ],
  [
    "17 axes",
    safetensors({ w: { ...entry, shape: [2, ...new Array(16).fill(1)] } }),
    'bad-header: bytes: w: expected dtype, shape and data_offsets, got {"dtype":"F32","shape":[2,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,8]}',
  ],
  [
    "NaN weights",
    safetensors({ w: entry }, floats(1, Number.NaN)),
    "not-finite: bytes: w: expected finite values, got NaN at position 1",
  ],
  [
    "infinite weights",
    safetensors({ w: entry }, floats(Number.NEGATIVE_INFINITY, 1)),
    "not-finite: bytes: w: expected finite values, got -Infinity at position 0",
  ],
  // Zip files
  [
    "a zip file cut in its directory",
    torchZip(good).subarray(0, -30),
    "bad-archive: bytes: expected a whole zip file, got End of central directory not found",
  ],
  [
    "a zip file cut in half",
    torchZip(good).subarray(0, 200),
    "bad-archive: bytes: expected a whole zip file, got End of central directory not found",
  ],
  [
    "a zip file without data.pkl",
    zip([{ name: "a/b", content: bytes("x") }]),
    "unknown-format: bytes: expected a zip file with one data.pkl, got 0 of them",
  ],
  [
    "two files data.pkl",
    zip([
      { name: "a/data.pkl", content: good },
      { name: "b/data.pkl", content: good },
    ]),
    "unknown-format: bytes: expected a zip file with one data.pkl, got 2 of them",
  ],
  [
    "a TorchScript program",
    zip([
      { name: "a/data.pkl", content: good },
      { name: "a/constants.pkl", content: good },
    ]),
    "unknown-format: bytes: expected weights of torch.save, got a TorchScript program; save its state_dict()",
  ],
  [
    "an entry twice",
    zip([
      { name: "a/data.pkl", content: good },
      { name: "a/data.pkl", content: good },
    ]),
    "bad-archive: bytes: expected each entry once, got a/data.pkl twice",
  ],
  [
    "a path out of the archive",
    zip([{ name: "a/../../evil", content: bytes("x") }]),
    "bad-archive: bytes: expected entries inside the archive's folder, got a/../../evil",
  ],
  [
    "an absolute path",
    zip([{ name: "/etc/evil", content: bytes("x") }]),
    "bad-archive: bytes: expected entries inside the archive's folder, got /etc/evil",
  ],
  [
    "a path with backslashes",
    zip([{ name: "..\\evil", content: bytes("x") }]),
    'bad-archive: bytes: expected entries inside the archive\'s folder, got "..\\\\evil"',
  ],
  [
    "entries that overlap",
    zip([
      { name: "a/data.pkl", content: good, declared: good.length },
      { name: "a/data/0", content: floats(1, 2, 3, 4), offset: 20 },
    ]),
    "bad-archive: bytes: a/data.pkl: expected at most 0 bytes, got 159",
  ],
  [
    "an entry beyond the file",
    zip([{ name: "a/data.pkl", content: good, offset: 2 ** 30 }]),
    "truncated: bytes: expected 40 bytes of an entry's header at byte 1073741824, got 0",
  ],
  [
    "another name in the entry",
    zip([{ name: "a/data.pkl", content: good, localName: "a/data.pkm" }]),
    "bad-archive: bytes: a/data.pkl: expected a header as in the directory, got another",
  ],
  [
    "a changed byte",
    zip([{ name: "a/data.pkl", content: good, crc: 1 }]),
    "damaged: bytes: a/data.pkl: expected CRC-32 00000001, got c400552b",
  ],
  [
    "a changed weight",
    Buffer.from(torchZip(good).toString("latin1").replace("\x00\x00\x80?", "\x01\x00\x80?"), "latin1"),
    "damaged: bytes: a/data/0: expected CRC-32 8ba71454, got 25cf85c5",
  ],
  [
    "an encrypted entry",
    zip([{ name: "a/data.pkl", content: good, flags: 0x801 }]),
    "bad-archive: bytes: a/data.pkl: expected an entry without password, got an encrypted one",
  ],
  [
    "an unknown compression",
    zip([{ name: "a/data.pkl", content: good, method: 99 }]),
    "bad-archive: bytes: a/data.pkl: expected compression method 0 or 8, got 99",
  ],
  [
    "a zip bomb",
    zip([{ name: "a/data.pkl", content: bomb, deflate: true }]),
    `too-large: bytes: a/data.pkl: expected at most 1048576 bytes from ${bombSize} compressed, got 4194304`,
  ],
  [
    "a zip bomb that declares little",
    zip([{ name: "a/data.pkl", content: bomb, deflate: true, declared: 100 }]),
    "bad-archive: bytes: a/data.pkl: expected 100 compressed bytes, got Cannot create a Buffer larger than 101 bytes",
  ],
  [
    "broken compression",
    zip([{ name: "a/data.pkl", content: bytes("\xff\xff\xff"), method: 8 }]),
    "bad-archive: bytes: a/data.pkl: expected 3 compressed bytes, got invalid block type",
  ],
  [
    "an unknown byte order",
    zip([
      { name: "a/data.pkl", content: good },
      { name: "a/byteorder", content: bytes("pdp") },
    ]),
    'bad-archive: bytes: a/byteorder: expected little or big, got "pdp"',
  ],
  // Pickles that want to run code
  [
    "os.system",
    pickle(call("os", "system")),
    "forbidden-pickle: bytes: pickle at byte 2: expected only tensors, numbers, strings and containers, got os.system",
  ],
  [
    "posix.system",
    pickle(call("posix", "system")),
    "forbidden-pickle: bytes: pickle at byte 2: expected only tensors, numbers, strings and containers, got posix.system",
  ],
  [
    "builtins.exec",
    pickle(call("builtins", "exec")),
    "forbidden-pickle: bytes: pickle at byte 2: expected only tensors, numbers, strings and containers, got builtins.exec",
  ],
  [
    "builtins.eval in a dictionary",
    torchZip(pickledDict({ w: tensor(), x: call("builtins", "eval") })),
    "forbidden-pickle: bytes: pickle at byte 163: expected only tensors, numbers, strings and containers, got builtins.eval",
  ],
  [
    "builtins.getattr",
    pickle(call("builtins", "getattr")),
    "forbidden-pickle: bytes: pickle at byte 2: expected only tensors, numbers, strings and containers, got builtins.getattr",
  ],
  [
    "torch.load within",
    pickle(call("torch", "load")),
    "forbidden-pickle: bytes: pickle at byte 2: expected only tensors, numbers, strings and containers, got torch.load",
  ],
  [
    "a storage's own class from bytes",
    pickle(call("torch.storage", "_load_from_bytes")),
    "forbidden-pickle: bytes: pickle at byte 2: expected only tensors, numbers, strings and containers, got torch.storage._load_from_bytes",
  ],
  [
    "posix.system by STACK_GLOBAL",
    pickle(text("posix"), text("system"), op.stackGlobal, op.mark, text(command), op.tuple, op.reduce),
    "forbidden-pickle: bytes: pickle at byte 23: expected only tensors, numbers, strings and containers, got posix.system",
  ],
  [
    "STACK_GLOBAL with numbers",
    pickle(integer(1), integer(2), op.stackGlobal),
    "bad-pickle: bytes: pickle at byte 12: expected a global's module and name as strings, got the number 1 and the number 2",
  ],
  [
    "STACK_GLOBAL with a dotted name",
    pickle(text("collections"), text("OrderedDict.__reduce__"), op.stackGlobal),
    "forbidden-pickle: bytes: pickle at byte 45: expected only tensors, numbers, strings and containers, got collections.OrderedDict.__reduce__",
  ],
  [
    "a name of an object's prototype",
    pickle(global("__proto__", "constructor")),
    "forbidden-pickle: bytes: pickle at byte 2: expected only tensors, numbers, strings and containers, got __proto__.constructor",
  ],
  [
    "a global cut by a null",
    pickle(global("collections\0os", "OrderedDict")),
    'forbidden-pickle: bytes: pickle at byte 2: expected only tensors, numbers, strings and containers, got "collections\\u0000os.OrderedDict"',
  ],
  [
    "INST",
    pickle(op.mark, text(command), "ios\nsystem\n"),
    "forbidden-pickle: bytes: pickle at byte 44: expected only tensors, numbers, strings and containers, got os.system",
  ],
  [
    "OBJ",
    pickle(op.mark, global("os", "system"), text(command), "o"),
    "forbidden-pickle: bytes: pickle at byte 3: expected only tensors, numbers, strings and containers, got os.system",
  ],
  [
    "OBJ of a string",
    pickle(op.mark, text("os"), text(command), "o"),
    'forbidden-pickle: bytes: pickle at byte 51: expected an allowed global to call, got the string "os"',
  ],
  [
    "NEWOBJ",
    pickle(global("subprocess", "Popen"), op.mark, text(command), op.tuple, op.newObject),
    "forbidden-pickle: bytes: pickle at byte 2: expected only tensors, numbers, strings and containers, got subprocess.Popen",
  ],
  [
    "NEWOBJ_EX with keywords",
    pickle(global("argparse", "Namespace"), op.emptyTuple, op.emptyDict, text("a"), op.none, "s", 0x92),
    "bad-pickle: bytes: pickle at byte 32: expected an object built without keywords, got a dictionary of 1",
  ],
  [
    "a call of what a call gave",
    pickle(global("collections", "OrderedDict"), op.emptyTuple, op.reduce, op.emptyTuple, op.reduce),
    "forbidden-pickle: bytes: pickle at byte 30: expected an allowed global to call, got a dictionary of 0",
  ],
  [
    "a call of a type",
    pickle(global("builtins", "dict"), op.emptyTuple, op.reduce),
    "forbidden-pickle: bytes: pickle at byte 18: expected a global that may be called, got builtins.dict",
  ],
  [
    "a state for a global",
    pickle(global("collections", "OrderedDict"), op.emptyDict, op.build),
    "forbidden-pickle: bytes: pickle at byte 28: expected an object whose state may be set, got collections.OrderedDict",
  ],
  [
    "an extension code",
    pickle(0x82, 1),
    "forbidden-pickle: bytes: pickle at byte 2: expected no extension code, got opcode 0x82",
  ],
  [
    "an unlisted class",
    pickle(global("mycode.models", "Net"), op.emptyTuple, op.newObject),
    "forbidden-pickle: bytes: pickle at byte 2: expected only tensors, numbers, strings and containers, got mycode.models.Net",
  ],
  [
    "a reconstructed class",
    pickle(
      global("copyreg", "_reconstructor"),
      op.mark,
      global("builtins", "set"),
      global("builtins", "object"),
      op.none,
      op.tuple,
      op.reduce,
    ),
    "bad-pickle: bytes: pickle at byte 60: expected an inert class to reconstruct, got builtins.set",
  ],
  [
    "a tensor rebuilt by another name",
    pickle(
      global("torch._tensor", "_rebuild_from_type_v2"),
      op.mark,
      global("collections", "OrderedDict"),
      global("torch", "Tensor"),
      op.emptyTuple,
      op.none,
      op.tuple,
      op.reduce,
    ),
    "bad-pickle: bytes: pickle at byte 82: expected a function that rebuilds a tensor, got collections.OrderedDict",
  ],
  // Malformed pickles
  [
    "a pickle without end",
    torchZip(good.subarray(0, -1)),
    "truncated: bytes: expected a pickle that ends, got 158 bytes without end",
  ],
  [
    "a pickle cut in a string",
    torchZip(good.subarray(0, 8)),
    "truncated: bytes: expected a pickle that ends, got 8 bytes without end",
  ],
  [
    "an unknown opcode",
    pickle(0xff),
    "bad-pickle: bytes: pickle at byte 2: expected an opcode of protocols 0 to 5, got 0xff",
  ],
  [
    "protocol 9",
    torchZip(bytes(0x80, 9, op.none, op.stop)),
    "bad-pickle: bytes: pickle at byte 0: expected protocol 0 to 5, got 9",
  ],
  [
    "an empty stack",
    pickle("0"),
    "bad-pickle: bytes: pickle at byte 2: expected a value on the stack, got none",
  ],
  [
    "a missing mark",
    pickle(op.tuple),
    "bad-pickle: bytes: pickle at byte 2: expected a mark on the stack, got none",
  ],
  [
    "a value below a mark",
    pickle(op.none, op.mark, "\x85"),
    "bad-pickle: bytes: pickle at byte 4: expected a value on the stack, got none",
  ],
  [
    "an empty place of the memo",
    pickle("h\x05"),
    "bad-pickle: bytes: pickle at byte 2: expected a value kept in the memo, got place 5, which is empty",
  ],
  [
    "a key without value",
    pickle(op.emptyDict, op.mark, text("a"), op.setItems),
    "bad-pickle: bytes: pickle at byte 10: expected a value for each key, got a key without value",
  ],
  [
    "items for a number",
    pickle(integer(1), op.mark, text("a"), op.none, op.setItems),
    "bad-pickle: bytes: pickle at byte 15: expected a dictionary to fill, got the number 1",
  ],
  [
    "a string of 4 GB",
    pickle("X", little(0xffffffff, 4)),
    "truncated: bytes: expected a pickle that ends, got 8 bytes without end",
  ],
  [
    "a string of 2^63 bytes",
    pickle(0x8d, little(2n ** 63n, 8)),
    "truncated: bytes: expected a pickle that ends, got 12 bytes without end",
  ],
  [
    "bytes of 2^60",
    pickle(0x8e, little(2n ** 60n, 8)),
    "truncated: bytes: expected a pickle that ends, got 12 bytes without end",
  ],
  [
    "an integer of 2 GB",
    pickle(0x8b, little(0x7fffffff, 4)),
    "bad-pickle: bytes: pickle at byte 2: expected an integer of at most 1024 bytes, got 2147483647",
  ],
  [
    "an integer of negative length",
    pickle(0x8b, little(-1, 4)),
    "bad-pickle: bytes: pickle at byte 2: expected a length from 0, got -1",
  ],
  [
    "a frame of 2^62 bytes",
    torchZip(bytes(op.proto4, 0x95, little(2n ** 62n, 8), op.none, op.stop)),
    "truncated: bytes: expected a pickle that ends, got 13 bytes without end",
  ],
  [
    "a string in bad UTF-8",
    pickle("X", little(1, 4), 0xff),
    "bad-pickle: bytes: pickle at byte 2: expected a string in UTF-8, got other bytes",
  ],
  [
    "a list too deep",
    pickle(op.emptyList.repeat(many)),
    "too-large: bytes: expected a pickle of at most 2097152 operations, got more",
  ],
  [
    "a memo bomb",
    pickle(op.emptyList, op.memoize.repeat(many)),
    "too-large: bytes: expected a pickle of at most 2097152 operations, got more",
  ],
  [
    "marks without end",
    pickle(op.mark.repeat(many)),
    "too-large: bytes: expected a pickle of at most 2097152 operations, got more",
  ],
  [
    "too many dictionaries",
    pickle(op.emptyDict.repeat(2 ** 19)),
    "too-large: bytes: expected a pickle of at most 262144 dictionaries and sets, got more",
  ],
  [
    "one list made a set again and again",
    pickle(
      bytes(op.mark, op.none.repeat(2 ** 19), "lq\x010", global("builtins", "set"), "q\x020"),
      bytes("h\x02h\x01\x85R")
        .toString("latin1")
        .repeat(2 ** 14),
    ),
    "too-large: bytes: expected a pickle that copies at most 5439538 values, got more",
  ],
  [
    "one string encoded again and again",
    pickle(
      bytes(text("x".repeat(2 ** 20)), "q\x010", global("_codecs", "encode"), "q\x020"),
      bytes("h\x02h\x01\x85R")
        .toString("latin1")
        .repeat(2 ** 14),
    ),
    "too-large: bytes: expected a pickle that copies at most 6488124 values, got more",
  ],
  [
    "lists that double 64 times",
    pickle(op.emptyList, ...new Array(64).fill(bytes("q\x010", op.emptyList, op.mark, "h\x01h\x01e"))),
    "no-weights: bytes: expected a dictionary of tensors, got a list or tuple of 2",
  ],
  [
    "a number as the whole",
    pickle(integer(1)),
    "no-weights: bytes: expected a dictionary of tensors, got the number 1",
  ],
  [
    "a dictionary without tensors",
    torchZip(pickledDict({ epoch: integer(1) })),
    "no-weights: bytes: expected tensors by name in the file or under state_dict, model_state_dict, model, params, net, network, weights, state_dict_ema, model_ema, ema, got keys epoch",
  ],
  // Tensors
  [
    "a persistent id of another kind",
    torchZip(pickledDict({ w: tensor({ kind: "module" }) })),
    'bad-pickle: bytes: pickle at byte 96: expected a storage as persistent id, got the string "module"',
  ],
  [
    "a persistent id that is a string",
    pickle("Pos.system\n"),
    'bad-pickle: bytes: pickle at byte 2: expected a storage as persistent id, got the string "os.system"',
  ],
  [
    "a storage of another class",
    torchZip(pickledDict({ w: tensor({ storageClass: "Tensor" }) })),
    'bad-pickle: bytes: pickle at byte 91: expected a storage\'s class, key, device and length, got torch.Tensor, the string "0", the string "cpu", the number 4',
  ],
  [
    "a storage out of the archive",
    torchZip(pickledDict({ w: tensor({ key: "../../0" }) })),
    "bad-pickle: bytes: pickle at byte 103: expected an entry a/data/../../0 of 16 bytes, got none",
  ],
  [
    "a storage of 2^60 elements",
    torchZip(pickledDict({ w: tensor({ length: 2n ** 52n }) })),
    "bad-pickle: bytes: pickle at byte 102: expected an entry a/data/0 of 18014398509481984 bytes, got 16",
  ],
  [
    "a storage of negative length",
    torchZip(pickledDict({ w: tensor({ length: -4 }) })),
    'bad-pickle: bytes: pickle at byte 97: expected a storage\'s class, key, device and length, got torch.FloatStorage, the string "0", the string "cpu", the number -4',
  ],
  [
    "a storage smaller than declared",
    torchZip(good, floats(1, 2)),
    "bad-pickle: bytes: pickle at byte 97: expected an entry a/data/0 of 16 bytes, got 8",
  ],
  [
    "a storage with two types",
    torchZip(pickledDict({ w: tensor(), v: tensor({ storageClass: "IntStorage" }) })),
    "bad-pickle: bytes: pickle at byte 248: expected a/data/0 to have 4 elements F32 as before, got 4 I32",
  ],
  [
    "a view beyond its storage",
    torchZip(pickledDict({ w: tensor({ offset: 1 }) })),
    "bad-tensor: bytes: w: expected a view inside the 4 elements of a/data/0, got offset 1, shape [2,2], strides [2,1]",
  ],
  [
    "a negative offset of a view",
    torchZip(pickledDict({ w: tensor({ offset: -1 }) })),
    "bad-tensor: bytes: w: expected offset, shape and strides to be whole numbers from 0, at most 16 axes, got offset -1, shape [2,2], strides [2,1]",
  ],
  [
    "a negative stride",
    torchZip(pickledDict({ w: tensor({ strides: [-2, 1] }) })),
    "bad-tensor: bytes: w: expected offset, shape and strides to be whole numbers from 0, at most 16 axes, got offset 0, shape [2,2], strides [-2,1]",
  ],
  [
    "a stride missing",
    torchZip(pickledDict({ w: tensor({ strides: [1] }) })),
    "bad-tensor: bytes: w: expected offset, shape and strides to be whole numbers from 0, at most 16 axes, got offset 0, shape [2,2], strides [1]",
  ],
  [
    "a shape of 2^52 by 2^52",
    torchZip(pickledDict({ w: tensor({ shape: [2n ** 52n, 2n ** 52n], strides: [0, 0] }) })),
    "bad-tensor: bytes: w: expected a view inside the 4 elements of a/data/0, got offset 0, shape [4503599627370496,4503599627370496], strides [0,0]",
  ],
  [
    "one value seen 2^40 times",
    torchZip(pickledDict({ w: tensor({ shape: [2n ** 40n], strides: [0] }) })),
    "too-large: bytes: expected arrays of at most 1048576 bytes as float32, got 4398046511104",
  ],
  [
    "NaN in a tensor",
    torchZip(good, floats(1, 2, Number.NaN, 4)),
    "not-finite: bytes: w: expected finite values, got NaN at position 2",
  ],
  [
    "a NumPy array shorter than its shape",
    pickle(
      bytes(global("numpy.core.multiarray", "_reconstruct"), op.emptyTuple, op.reduce, op.mark, integer(1)),
      bytes(
        op.mark,
        integer(2 ** 30),
        op.tuple,
        global("numpy", "dtype"),
        op.mark,
        text("f4"),
        op.tuple,
        op.reduce,
      ),
      bytes("\x89", "C\x01a", op.tuple, op.build),
    ),
    "bad-pickle: bytes: pickle at byte 81: expected 4294967296 bytes for a NumPy array of shape [1073741824], got 1",
  ],
  // Before PyTorch 1.6
  [
    "a legacy file cut in its pickles",
    torchLegacy(legacy).subarray(0, 60),
    "truncated: bytes: expected five pickles and the storages, got 60 bytes",
  ],
  [
    "a legacy file cut in a storage",
    torchLegacy(legacy).subarray(0, -3),
    "truncated: bytes: storage 0: expected 16 bytes, got 13 bytes",
  ],
  [
    "a legacy file with more at its end",
    bytes(torchLegacy(legacy), "more"),
    "bad-header: bytes: expected 242 bytes, got 246",
  ],
  [
    "a legacy file of another magic number",
    bytes(op.proto2, integer(5), op.stop),
    "unknown-format: bytes: expected PyTorch's magic number, got the number 5",
  ],
  [
    "a legacy storage of 2^62 elements",
    torchLegacy(legacy, ["0"], bytes(little(2n ** 62n, 8), floats(1, 2))),
    "bad-header: bytes: storage 0: expected 4 elements, got 4611686018427387904",
  ],
  [
    "a legacy storage of negative length",
    torchLegacy(legacy, ["0"], bytes(little(-1n, 8), floats(1, 2))),
    "bad-header: bytes: storage 0: expected 4 elements, got -1",
  ],
  [
    "a legacy storage twice",
    torchLegacy(legacy, ["0", "0"]),
    "bad-header: bytes: expected storage 0 once, got it twice",
  ],
  [
    "a legacy storage that no tensor uses",
    torchLegacy(legacy, ["0", "1"]),
    'bad-header: bytes: expected keys of storages that tensors use, got the string "1"',
  ],
  [
    "a legacy storage that is not there",
    torchLegacy(legacy, [], bytes()),
    "bad-header: bytes: expected storage 0 in the list of storages, got none",
  ],
  [
    "os.system in a legacy file",
    torchLegacy(pickledDict({ w: call("os", "system") })),
    "forbidden-pickle: bytes: pickle at byte 56: expected only tensors, numbers, strings and containers, got os.system",
  ],
  [
    "os.system as the magic number",
    bytes(op.proto2, call("os", "system"), op.stop),
    "forbidden-pickle: bytes: pickle at byte 2: expected only tensors, numbers, strings and containers, got os.system",
  ],
  // ONNX
  [
    "a model cut short",
    rawTensor(2).subarray(0, -3),
    "bad-onnx: bytes: expected a whole ONNX model, got premature EOF",
  ],
  [
    "a model that ends in a tag",
    bytes(rawTensor(2), 0x3a),
    "bad-onnx: bytes: expected a whole ONNX model, got premature EOF",
  ],
  [
    "a field of 2^32 bytes",
    bytes(0x08, 0x08, 0x3a, "\xff\xff\xff\xff\x0f"),
    "bad-onnx: bytes: expected a whole ONNX model, got premature EOF",
  ],
  [
    "a tensor with too few values",
    rawTensor(3),
    "bad-tensor: bytes: w: expected 12 bytes for F32 of shape [3], got 8",
  ],
  [
    "a tensor whose shape overflows",
    rawTensor("4611686018427387904", "4611686018427387904"),
    "bad-tensor: bytes: w: expected at most 16 sizes from 0, got [4611686018427388000,4611686018427388000]",
  ],
  [
    "a tensor with a negative side",
    rawTensor(-2),
    "bad-tensor: bytes: w: expected at most 16 sizes from 0, got [-2]",
  ],
  [
    "an initializer twice",
    bytes(rawTensor(2), rawTensor(2).subarray(2)),
    "bad-onnx: bytes: expected each initializer once, got w twice",
  ],
  [
    "a name in bad UTF-8",
    onnx((writer) => writer.tag(8, 2).bytes(bytes(0xff))),
    "bad-onnx: bytes: expected a whole ONNX model, got The encoded data was not valid for encoding utf-8",
  ],
  [
    "floats in the field of integers",
    onnx((writer) => onnxHead(writer, "w", 1, 2).tag(5, 0).int32(1).tag(5, 0).int32(2)),
    "bad-tensor: bytes: w: expected values of F32 in their own field, got values in another",
  ],
  [
    "external data by a path upwards",
    external("../canary"),
    "external-data: bytes: w: expected a place inside the model's folder, got ../canary",
  ],
  [
    "external data by an absolute path",
    external("/etc/passwd"),
    "external-data: bytes: w: expected a place inside the model's folder, got /etc/passwd",
  ],
  [
    "external data by a drive",
    external("C:\\secret"),
    'external-data: bytes: w: expected a place inside the model\'s folder, got "C:\\\\secret"',
  ],
  [
    "external data without a place",
    external(""),
    'external-data: bytes: w: expected a place inside the model\'s folder, got ""',
  ],
];

describe("hostile checkpoints", () => {
  it.each(cases)("refuses %s", async (_, file, message) => {
    const result = await attempt(file);
    expect(result.message).toBe(message);
    expect(result.grown).toBeLessThan(file.length > 2 ** 18 ? 200e6 : 20e6);
    expect(existsSync(canary)).toBe(false);
  });
});

describe("files beside a model", () => {
  const inside = join(folder, "inside");
  mkdirSync(inside);
  writeFileSync(join(folder, "secret"), floats(1, 2));
  writeFileSync(join(inside, "short"), floats(1));
  symlinkSync(join(folder, "secret"), join(inside, "link"));

  function model(location: Readonly<Record<string, string>>): string {
    const path = join(inside, "model.onnx");
    const file = onnx((writer) => {
      onnxHead(writer, "w", 1, 2).tag(14, 0).int32(1);
      for (const [key, value] of Object.entries(location)) {
        writer.tag(13, 2).bytes(new Writer().tag(1, 2).string(key).tag(2, 2).string(value).finish());
      }
    });
    writeFileSync(path, file);
    return path;
  }

  it.each([
    [
      { location: "link" },
      "external-data: PATH: w: expected a place inside the model's folder, got a link out of it, link",
    ],
    [
      { location: "./../secret" },
      "external-data: PATH: w: expected a place inside the model's folder, got ./../secret",
    ],
    [{ location: "none" }, "external-data: PATH: w: expected the file none beside the model, got none"],
    [{ location: "short" }, "truncated: PATH: w: expected external data up to byte 8, got 4"],
    [
      { location: "short", offset: "-4" },
      "external-data: PATH: w: expected offset to be a whole number, got -4",
    ],
    [{ location: "short", length: "4" }, "external-data: PATH: w: expected 8 bytes of external data, got 4"],
    [
      { location: "short", offset: "9007199254740000" },
      "truncated: PATH: w: expected external data up to byte 9007199254740008, got 4",
    ],
  ])("refuses external data at %o", async (location, message) => {
    const path = model(location as unknown as Record<string, string>);
    const result = await attempt(path);
    expect(result.message.replace(path, "PATH")).toBe(message);
  });
});

describe("compressed storages", () => {
  it("count by their real size", async () => {
    const parts = Array.from({ length: 8 }, (_, i) => ({
      name: `a/data/${i}`,
      content: Buffer.alloc(2 ** 20),
      deflate: true,
    }));
    const tensors = parts.map((_, i) => [
      `w${i}`,
      tensor({ key: String(i), length: 2 ** 18, shape: [1], strides: [1] }),
    ]);
    const file = zip([{ name: "a/data.pkl", content: pickledDict(Object.fromEntries(tensors)) }, ...parts]);
    expect((await attempt(file)).message).toBe(
      "too-large: bytes: expected storages of at most 2097152 bytes, got 8388608",
    );
  });
});

/** Depths and counts that once cost far more than their bytes. */
describe("small files that ask for much", () => {
  /** A pair of pairs of pairs: 2^depth leaves in a few bytes for each level. */
  const bush = (depth: number) => bytes(text("x"), "2\x86".repeat(depth));
  const wide = bytes(op.emptyList, op.mark, "K\x01".repeat(20_000), "e");
  const rebuild = bytes(global("torch._utils", "_rebuild_tensor_v2"), "q\x02");
  const again = bytes(
    bytes(
      global("torch._tensor", "_rebuild_from_type_v2"),
      op.mark,
      "h\x02",
      global("torch", "Tensor"),
      op.mark,
    ),
    bytes("h\x03", integer(0), "h\x01", "h\x01", op.tuple, op.none, op.tuple, op.reduce, "0"),
  ).toString("latin1");

  function tar(members: Readonly<Record<string, Uint8Array>>): Buffer {
    const parts = Object.entries(members).map(([name, content]) => {
      const header = Buffer.alloc(512);
      header.write(name, 0);
      header.write(content.length.toString(8).padStart(11, "0"), 124);
      header.write("ustar", 257);
      return bytes(header, content, Buffer.alloc((512 - (content.length % 512)) % 512));
    });
    return bytes(...parts, Buffer.alloc(1024));
  }

  const one = bytes(op.proto2, integer(1), op.stop);
  const key = bytes(op.proto2, op.mark, bush(28), integer(0), integer(0), op.tuple, op.stop);
  const storages = bytes(one, key);
  const zero = bytes(op.proto2, integer(0), op.stop);
  const views = bytes(
    op.proto2,
    op.emptyList,
    op.mark,
    op.mark,
    text("v"),
    bush(28),
    integer(0),
    "te",
    op.stop,
  );
  const storage = bytes(
    bytes(op.mark, text("storage"), global("torch", "FloatStorage"), text("0"), text("cpu"), integer(4)),
    bytes(op.tuple, op.persistentId),
  );

  const costly: readonly Case[] = [
    [
      "shapes that are copied again and again",
      pickle(wide, "q\x01", rebuild, storage, "q\x03", again.repeat(2000)),
      "bad-pickle: bytes: pickle at byte 40167: expected at most 64 axes of a tensor, got a list or tuple of 20000",
    ],
    [
      "an entry of great depth",
      safetensors(`{"w":${"[".repeat(200_000)}${"]".repeat(200_000)}}`),
      "bad-header: bytes: w: expected dtype, shape and data_offsets, got a value of great depth",
    ],
    [
      "a key of 2^28 parts",
      tar({ storages, tensors: one, pickle: one }),
      "bad-header: bytes: expected a key and two values, got a list or tuple of 3",
    ],
    [
      "a tar file of 101 members",
      tar(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`m${i}`, bytes()]))),
      "bad-archive: bytes: expected a tar file of at most 100 members, got more",
    ],
    [
      "a view of a storage named by 2^28 parts",
      tar({ storages: bytes(zero, views), tensors: one, pickle: one }),
      "bad-header: bytes: expected a view of a storage, got a list or tuple of 3",
    ],
  ];

  it.each(costly)("refuses %s", async (_, file, message) => {
    const result = await attempt(file);
    expect(result.message).toBe(message);
    expect(result.grown).toBeLessThan(100e6);
  });

  it("reads many small views of a large storage without copying it for each", async () => {
    const length = 2 ** 20;
    const view = { length, shape: [2], strides: [length - 1] };
    const names = Array.from({ length: 4000 }, (_, i) => `w${i}`);
    const items = Object.fromEntries(names.map((name) => [name, tensor(view)]));
    const values = new Float32Array(length);
    values.set([1], 0);
    values.set([2], length - 1);
    const { arrays } = await readCheckpoint(torchZip(pickledDict(items), new Uint8Array(values.buffer)));
    expect([...arrays.w3999!.data]).toEqual([1, 2]);
    expect(Object.keys(arrays)).toEqual(names);
  });
});

describe("what PyTorch writes and no array comes of", () => {
  it.each([
    ["_rebuild_sparse_tensor", "a sparse tensor; save tensor.to_dense()"],
    ["_rebuild_nested_tensor", "a nested tensor; save its parts"],
    ["_rebuild_qtensor", "a quantized tensor; save tensor.dequantize()"],
    ["_rebuild_meta_tensor_no_storage", "a tensor without values, of the device meta"],
  ])("says what %s is", async (name, got) => {
    const file = pickle(global("torch._utils", name));
    expect((await attempt(file)).message).toBe(
      `unsupported-dtype: bytes: expected dense tensors of numbers, got ${got}`,
    );
  });
});

describe("zip files of PyTorch", () => {
  const parts = (change: { crc?: number; deflate?: boolean }) =>
    zip([
      { name: "a/data.pkl", content: good, ...change },
      { name: "a/data/0", content: floats(1, 2, 3, 4), ...change },
    ]);

  it("are read without checksums, which PyTorch can be told not to compute", async () => {
    const { arrays } = await readCheckpoint(parts({ crc: 0 }));
    expect([...arrays.w!.data]).toEqual([1, 2, 3, 4]);
  });

  it("are refused with a compressed entry without checksum", async () => {
    expect((await attempt(parts({ crc: 0, deflate: true }))).message).toMatch(
      /^damaged: bytes: a\/data\.pkl: expected CRC-32 00000000, got [0-9a-f]{8}$/,
    );
  });

  it("are read where compression made next to nothing of zeros", async () => {
    const length = 2 ** 17;
    const item = tensor({ length, shape: [length], strides: [1] });
    const file = zip([
      { name: "a/data.pkl", content: pickledDict({ w: item }) },
      { name: "a/data/0", content: Buffer.alloc(4 * length), deflate: true },
    ]);
    expect((await readCheckpoint(file)).arrays.w!.data.length).toBe(length);
  });
});

describe("the first tar format", () => {
  const tar = readFileSync(new URL("./checkpoint-files/first.tar", import.meta.url));

  function changed(change: (copy: Buffer) => void): Buffer {
    const copy = Buffer.from(tar);
    change(copy);
    return copy;
  }

  it.each([
    ["cut short", tar.subarray(0, 700), "bad-archive: bytes: expected a tar file with tensors, got storages"],
    [
      "without members",
      Buffer.concat([changed((copy) => copy.fill("x", 0, 3)).subarray(0, 512), Buffer.alloc(1024)]),
      "bad-archive: bytes: expected a tar file with storages, got no known member",
    ],
    [
      "a size that is no number",
      changed((copy) => copy.write("zzz", 124)),
      `bad-archive: bytes: expected a tar member's size in octal digits, got "zzz00000227"`,
    ],
    [
      "a size of 8 GB",
      changed((copy) => copy.write("77777777777", 124)),
      "truncated: bytes: expected 8589934591 bytes of a tar member, got 9728",
    ],
    [
      "a storage of 2^62 elements",
      changed((copy) =>
        copy.writeBigInt64LE(2n ** 62n, copy.indexOf(Buffer.from("0600000000000000", "hex"))),
      ),
      "truncated: bytes: expected whole storages, tensors and pickle, got a pickle without end",
    ],
    [
      "os.system in its pickle",
      changed((copy) => copy.write("cos\nsystem\n", copy.indexOf("state_dict") - 8)),
      "forbidden-pickle: bytes: pickle at byte 3: expected only tensors, numbers, strings and containers, got os.system",
    ],
  ])("is refused with %s", async (_, file, message) => {
    expect((await attempt(Buffer.from(file))).message).toBe(message);
  });
});

describe("options", () => {
  it("lets NaN and infinite weights through where asked to", async () => {
    const file = safetensors({ w: entry }, floats(Number.NaN, Number.POSITIVE_INFINITY));
    const { arrays } = await readCheckpoint(file, { allowNonFinite: true });
    expect([...arrays.w!.data]).toEqual([Number.NaN, Number.POSITIVE_INFINITY]);
  });

  it("reads past objects of classes that it is told of", async () => {
    const net = bytes(global("mycode.models", "Net"), op.emptyTuple, op.newObject, op.emptyDict, op.build);
    const file = torchZip(pickledDict({ net, w: tensor() }));
    const { arrays, values } = await readCheckpoint(file, { inert: ["mycode.models.Net"] });
    expect([Object.keys(arrays), Object.keys(values)]).toEqual([["w"], []]);
  });

  it("does not call a class that it is told of", async () => {
    const file = torchZip(pickledDict({ x: call("os", "system"), w: tensor() }));
    const { arrays } = await readCheckpoint(file, { inert: ["os.system"] });
    expect([Object.keys(arrays), existsSync(canary)]).toEqual([["w"], false]);
  });
});
