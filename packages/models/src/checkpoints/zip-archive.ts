import { inflateRawSync } from "node:zlib";
import { type Entry, Reader, ZipReader } from "@zip.js/zip.js";
import type { ByteSource } from "./byte-source.ts";
import { shown, unexpected } from "./checkpoint-error.ts";
import { crc32 } from "./crc32.ts";

/** A compressed entry above 1 MiB may be this many times its compressed size; weights never come near. */
const maximumExpansion = 64;
const freeExpansion = 2 ** 20;

/** An entry's bytes; `owned` as in {@link ByteSource}. */
export interface ZipContent {
  readonly bytes: Uint8Array;
  readonly owned: boolean;
}

/** A zip file opened for reading by name. */
export interface ZipArchive {
  /** Uncompressed size of each entry. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly read: (name: string) => Promise<ZipContent>;
}

/**
 * Reads a zip file's directory and checks it: no name twice, none that leaves its folder, no entries that overlap.
 *
 * zip.js reads the directory; entries are read here, so that a stored one goes from the file into its array in one step.
 */
export async function openZip(source: ByteSource): Promise<ZipArchive> {
  const entries = (await readDirectory(source)).filter(({ directory }) => !directory);
  const byName = new Map<string, Entry>();
  for (const entry of entries) {
    requireSafeName(source.label, entry.filename);
    if (byName.has(entry.filename)) {
      throw unexpected("bad-archive", source.label, "each entry once", `${shown(entry.filename)} twice`);
    }
    byName.set(entry.filename, entry);
  }
  const ends = entryEnds(source, entries);
  return {
    sizes: new Map(entries.map((entry) => [entry.filename, entry.uncompressedSize])),
    read: (name) => readEntry(source, byName.get(name)!, ends.get(name)!),
  };
}

async function readDirectory(source: ByteSource): Promise<Entry[]> {
  const reader = new ZipReader(new SourceReader(source), { strictness: "balanced", useWebWorkers: false });
  try {
    return await reader.getEntries({ filenameValidation: "tolerant" });
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw unexpected("bad-archive", source.label, "a whole zip file", got, cause);
  } finally {
    await reader.close();
  }
}

class SourceReader extends Reader<ByteSource> {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super(source);
    this.#source = source;
    this.size = source.size;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const inside = Math.max(0, Math.min(length, this.#source.size - index));
    return await this.#source.read(index, inside, "a zip file");
  }
}

function requireSafeName(label: string, name: string): void {
  const safe = !/[\\\0]|^\/|^[a-z]:/i.test(name) && !name.split("/").includes("..");
  if (!safe) throw unexpected("bad-archive", label, "entries inside the archive's folder", shown(name));
}

/** Where the next entry begins, which no entry's bytes may reach beyond. */
function entryEnds(source: ByteSource, entries: readonly Entry[]): Map<string, number> {
  const sorted = [...entries].sort((a, b) => a.offset - b.offset);
  return new Map(sorted.map(({ filename }, i) => [filename, sorted[i + 1]?.offset ?? source.size]));
}

async function readEntry(source: ByteSource, entry: Entry, end: number): Promise<ZipContent> {
  const where = `${source.label}: ${shown(entry.filename)}`;
  const start = await dataStart(source, where, entry);
  const { compressedSize, uncompressedSize } = entry;
  if (start + compressedSize > end) {
    throw unexpected("bad-archive", where, `at most ${Math.max(0, end - start)} bytes`, compressedSize);
  }
  const raw = await source.read(start, compressedSize, shown(entry.filename));
  const content =
    entry.compressionMethod === 0
      ? { bytes: raw, owned: source.owned }
      : { bytes: inflate(where, entry, raw), owned: true };
  if (content.bytes.length !== uncompressedSize) {
    throw unexpected("bad-archive", where, `${uncompressedSize} bytes`, content.bytes.length);
  }
  // PyTorch writes 0 where it was told to compute no checksums.
  if (entry.compressionMethod === 0 && entry.signature === 0) return content;
  const sum = crc32(content.bytes);
  if (sum !== entry.signature) {
    throw unexpected("damaged", where, `CRC-32 ${hex(entry.signature ?? 0)}`, hex(sum));
  }
  return content;
}

/** The local header repeats the directory's record, and may have extra fields of another length. */
async function dataStart(source: ByteSource, where: string, entry: Entry): Promise<number> {
  if (entry.encrypted)
    throw unexpected("bad-archive", where, "an entry without password", "an encrypted one");
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw unexpected("bad-archive", where, "compression method 0 or 8", entry.compressionMethod);
  }
  const nameLength = entry.rawFilename.length;
  const bytes = await source.read(entry.offset, 30 + nameLength, "an entry's header");
  const header = new DataView(bytes.buffer, bytes.byteOffset, 30);
  const same =
    header.getUint32(0, true) === 0x04034b50 &&
    header.getUint16(8, true) === entry.compressionMethod &&
    header.getUint16(26, true) === nameLength &&
    Buffer.compare(bytes.subarray(30), entry.rawFilename) === 0;
  if (!same) throw unexpected("bad-archive", where, "a header as in the directory", "another");
  return entry.offset + 30 + nameLength + header.getUint16(28, true);
}

function inflate(where: string, { uncompressedSize, compressedSize }: Entry, raw: Uint8Array): Uint8Array {
  const most = Math.max(compressedSize * maximumExpansion, freeExpansion);
  if (uncompressedSize > most) {
    throw unexpected(
      "too-large",
      where,
      `at most ${most} bytes from ${compressedSize} compressed`,
      uncompressedSize,
    );
  }
  try {
    return inflateRawSync(raw, { maxOutputLength: uncompressedSize + 1 });
  } catch (cause) {
    throw unexpected(
      "bad-archive",
      where,
      `${uncompressedSize} compressed bytes`,
      (cause as Error).message,
      cause,
    );
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
