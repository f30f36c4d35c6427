import type { NamedArrays } from "../parameters.ts";
import { type ByteSource, openSource } from "./byte-source.ts";
import { unexpected } from "./checkpoint-error.ts";
import { loadArrays } from "./load-arrays.ts";
import { looksLikeOnnx, readOnnx } from "./onnx.ts";
import { readPyTorchLegacy } from "./pytorch-legacy.ts";
import { isTar, readPyTorchTar } from "./pytorch-tar.ts";
import { type PyTorchOptions, readPyTorchZip } from "./pytorch-zip.ts";
import type { CheckpointFormat, CheckpointValue, RawCheckpoint } from "./raw-checkpoint.ts";
import { readSafetensors } from "./safetensors.ts";

/** Options of {@link readCheckpoint}. */
export interface ReadCheckpointOptions {
  /**
   * PyTorch: the key of the dictionary that holds the weights.
   *
   * @defaultValue the first of `state_dict`, `model_state_dict`, `model`, `params`, `net`, `network`, `weights`,
   * `state_dict_ema`, `model_ema` and `ema` that holds tensors, else the whole value
   */
  readonly key?: string;
  /**
   * Whether NaN and infinite weights are let through.
   *
   * @defaultValue false
   */
  readonly allowNonFinite?: boolean;
  /**
   * Most bytes that all arrays may take as float32. Views of one storage count each.
   *
   * @defaultValue 8 times the size of the file and of its external data, at least 1 MiB; types of one byte take 4 times theirs
   */
  readonly maximumBytes?: number;
  /**
   * PyTorch: more classes, as `module.name`, whose objects are read past without being built. Known already are
   * `argparse.Namespace`, paths, dates and a few more.
   *
   * @defaultValue none
   */
  readonly inert?: readonly string[];
}

/** Weights as a file holds them. */
export interface Checkpoint {
  readonly format: CheckpointFormat;
  /** Float32 arrays by the file's names, filters as the file has them: `[out, in, height, width]` in PyTorch and ONNX. */
  readonly arrays: NamedArrays;
  /** Names of arrays that float32 cannot hold: complex numbers, text, integers beyond 2²⁴ that would be rounded. */
  readonly skipped: readonly string[];
  /** Notes of safetensors and ONNX files. */
  readonly metadata: Readonly<Record<string, string>>;
  /** PyTorch: plain values beside the weights, such as `epoch`; larger things are left out. */
  readonly values: Readonly<Record<string, CheckpointValue>>;
}

/**
 * Reads weights from a file of PyTorch (`torch.save` of any version), safetensors or ONNX, whose format its first bytes
 * tell.
 *
 * Nothing in the file is run: a pickle may mention only a fixed list of names, and calling one builds a tensor, number,
 * string or container. Sizes are checked against the file before anything is allocated. Arrays of halves, doubles and
 * integers become float32; doubles are rounded.
 *
 * @param source - A path, or the file's bytes.
 * @throws CheckpointError where the file is not what it should be; its `code` tells how.
 * @throws RangeError if `maximumBytes` is no whole number above 0.
 *
 * @example
 * ```ts
 * import { readCheckpoint } from "@lmk/models/checkpoints";
 *
 * const header = JSON.stringify({ bias: { dtype: "F32", shape: [2], data_offsets: [0, 8] } });
 * const file = Buffer.alloc(8 + header.length + 8);
 * file.writeBigUInt64LE(BigInt(header.length), 0);
 * file.write(header, 8);
 * file.writeFloatLE(0.5, 8 + header.length);
 * const { format, arrays } = await readCheckpoint(file);
 * format; // => "safetensors"
 * [...arrays.bias.data]; // => [0.5, 0]
 * ```
 */
export async function readCheckpoint(
  source: string | Uint8Array,
  options: ReadCheckpointOptions = {},
): Promise<Checkpoint> {
  const { allowNonFinite = false, inert = [], key, maximumBytes } = options;
  if (maximumBytes !== undefined && !(Number.isSafeInteger(maximumBytes) && maximumBytes > 0)) {
    throw new RangeError(
      `readCheckpoint: expected \`maximumBytes\` to be a whole number above 0, got ${maximumBytes}`,
    );
  }
  const file = await openSource(source);
  try {
    const raw = await readFormat(file, { inert, ...(key === undefined ? {} : { key }) });
    const { arrays, skipped } = await loadArrays(raw.entries, {
      label: file.label,
      maximumBytes: maximumBytes ?? Math.max(2 ** 20, 8 * (file.size + raw.externalBytes)),
      allowNonFinite,
    });
    return { format: raw.format, arrays, skipped, metadata: raw.metadata, values: raw.values };
  } finally {
    await file.close();
  }
}

async function readFormat(file: ByteSource, options: PyTorchOptions): Promise<RawCheckpoint> {
  const start = await file.read(0, Math.min(512, file.size), "the beginning");
  if (startsWith(start, "PK\x03\x04")) return await readPyTorchZip(file, options);
  if (start.length >= 9 && start[8] === 0x7b) return await readSafetensors(file);
  if (isTar(start)) return await readPyTorchTar(file, options);
  if (start[0] === 0x80 || startsWith(start, "L119547037146038801333356L\n")) {
    return await readPyTorchLegacy(file, options);
  }
  if (looksLikeOnnx(start)) return await readOnnx(file);
  throw unexpected(
    "unknown-format",
    file.label,
    "a checkpoint of PyTorch, safetensors or ONNX",
    whatElse(start),
  );
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.subarray(0, text.length)).toString("latin1") === text;
}

function whatElse(start: Uint8Array): string {
  if (start.length === 0) return "an empty file";
  if (startsWith(start, "version https://git-lfs"))
    return "a Git LFS pointer; the weights are not downloaded";
  if (/^\s*<(!doctype|html)/i.test(Buffer.from(start).toString("latin1"))) return "a web page";
  if (startsWith(start, "\x89HDF")) return "an HDF5 file";
  return `a file that begins with ${Buffer.from(start.subarray(0, 8)).toString("hex")}`;
}
