import type { PickleReader } from "./pickle-reader.ts";
import type { PickleValue } from "./pickle-values.ts";

/** The number, string or bytes that an opcode stands for; nothing for other opcodes. */
export function readLiteral(reader: PickleReader, code: number): PickleValue | undefined {
  switch (code) {
    case 0x4e: // NONE
      return null;
    case 0x88: // NEWTRUE
      return true;
    case 0x89: // NEWFALSE
      return false;
    case 0x49: // INT
      return integerOrBoolean(reader);
    case 0x4c: // LONG
      return reader.decimal();
    case 0x4a: // BININT
      return reader.int32();
    case 0x4b: // BININT1
      return reader.uint8();
    case 0x4d: // BININT2
      return reader.uint16();
    case 0x8a: // LONG1
      return reader.integer(reader.uint8());
    case 0x8b: // LONG4
      return reader.integer(reader.length32());
    case 0x46: // FLOAT
      return float(reader);
    case 0x47: // BINFLOAT
      return reader.float64();
    case 0x53: // STRING
      return quoted(reader);
    case 0x54: // BINSTRING
      return reader.latin1(reader.length32());
    case 0x55: // SHORT_BINSTRING
      return reader.latin1(reader.uint8());
    case 0x56: // UNICODE
      return escaped(reader.line());
    case 0x58: // BINUNICODE
      return reader.utf8(reader.uint32());
    case 0x8c: // SHORT_BINUNICODE
      return reader.utf8(reader.uint8());
    case 0x8d: // BINUNICODE8
      return reader.utf8(reader.length64());
    case 0x42: // BINBYTES
      return reader.view(reader.uint32());
    case 0x43: // SHORT_BINBYTES
      return reader.view(reader.uint8());
    case 0x8e: // BINBYTES8
    case 0x96: // BYTEARRAY8
      return reader.view(reader.length64());
    default:
      return;
  }
}

/** Python 1 and 2 wrote booleans as `I00` and `I01`. */
function integerOrBoolean(reader: PickleReader): PickleValue {
  const start = reader.position;
  const text = reader.line();
  if (text === "00" || text === "01") return text === "01";
  reader.position = start;
  return reader.decimal();
}

function float(reader: PickleReader): number {
  const text = reader.line();
  const named: Record<string, number> = { nan: Number.NaN, inf: Infinity, "-inf": -Infinity };
  const value = Object.hasOwn(named, text) ? named[text]! : Number(text);
  const wellFormed = Object.hasOwn(named, text) || (/^[-+.\de]+$/i.test(text) && !Number.isNaN(value));
  if (!wellFormed) throw reader.malformed("a number", JSON.stringify(text.slice(0, 40)));
  return value;
}

function quoted(reader: PickleReader): string {
  const line = reader.line();
  const text = /^(?:'(.*)'|"(.*)")$/s.exec(line);
  if (text === null) throw reader.malformed("a quoted string", JSON.stringify(line.slice(0, 40)));
  const plain: Record<string, string> = { n: "\n", t: "\t", r: "\r" };
  return (text[1] ?? text[2]!).replace(/\\(?:x([\da-f]{2})|(.))/gs, (_, hex?: string, char?: string) =>
    hex === undefined ? (plain[char!] ?? char!) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function escaped(line: string): string {
  return line.replace(/\\u([\da-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
