import type { PickleBytes } from "./pickle-bytes.ts";
import type { StackValue } from "./pickle-values.ts";

const escapes: ReadonlyMap<string, string> = new Map([
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\n", ""],
]);

/** The value of an opcode that stands for a number, string or bytes; `undefined` for other opcodes. */
export function readLiteral(code: number, bytes: PickleBytes): StackValue | undefined {
  switch (code) {
    case 0x4e: // NONE
      return null;
    case 0x88: // NEWTRUE
      return true;
    case 0x89: // NEWFALSE
      return false;
    case 0x4b: // BININT1
      return bytes.uint8();
    case 0x4d: // BININT2
      return bytes.uint16();
    case 0x4a: // BININT
      return bytes.int32();
    case 0x8a: // LONG1
      return bytes.integer(bytes.uint8());
    case 0x8b: // LONG4
      return bytes.integer(bytes.length32());
    case 0x47: // BINFLOAT
      return bytes.float64();
    case 0x8c: // SHORT_BINUNICODE
      return bytes.utf8(bytes.uint8());
    case 0x58: // BINUNICODE
      return bytes.utf8(bytes.uint32());
    case 0x8d: // BINUNICODE8
      return bytes.utf8(bytes.length64());
    case 0x55: // SHORT_BINSTRING
      return bytes.latin1(bytes.uint8());
    case 0x54: // BINSTRING
      return bytes.latin1(bytes.length32());
    case 0x43: // SHORT_BINBYTES
      return bytes.bytes(bytes.uint8());
    case 0x42: // BINBYTES
      return bytes.bytes(bytes.uint32());
    case 0x8e: // BINBYTES8
    case 0x96: // BYTEARRAY8
      return bytes.bytes(bytes.length64());
    default:
      return readTextLiteral(code, bytes);
  }
}

/** The literals of protocol 0, each on a line. */
function readTextLiteral(code: number, bytes: PickleBytes): StackValue | undefined {
  switch (code) {
    case 0x49: // INT
      return integerOrBoolean(bytes);
    case 0x4c: // LONG
      return bytes.decimal();
    case 0x46: // FLOAT
      return float(bytes);
    case 0x53: // STRING
      return quotedString(bytes);
    case 0x56: // UNICODE
      return rawUnicode(bytes);
    default:
      return undefined;
  }
}

/** `00` and `01` are False and True. */
function integerOrBoolean(bytes: PickleBytes): StackValue {
  const start = bytes.offset;
  const text = bytes.line();
  if (text === "00" || text === "01") return text === "01";
  bytes.rewind(start);
  return bytes.decimal();
}

function float(bytes: PickleBytes): number {
  const text = bytes.line();
  if (/^[+-]?inf$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^[+-]?nan$/.test(text)) return NaN;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  return bytes.refuse("a decimal number", JSON.stringify(text.slice(0, 40)));
}

/** A string as Python 2's `repr` writes it. */
function quotedString(bytes: PickleBytes): string {
  const text = bytes.line();
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote)) {
    return bytes.refuse("a string in quotes", JSON.stringify(text.slice(0, 40)));
  }
  return text
    .slice(1, -1)
    .replace(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[\s\S]|$)/g, (whole: string, body: string) => {
      if (body.length === 3 && body[0] === "x")
        return String.fromCharCode(Number.parseInt(body.slice(1), 16));
      if (/^[0-7]+$/.test(body)) return String.fromCharCode(Number.parseInt(body, 8) & 255);
      return escapes.get(body) ?? whole;
    });
}

/** Bytes are characters, others are written `\uXXXX` or `\UXXXXXXXX`. */
function rawUnicode(bytes: PickleBytes): string {
  return bytes
    .line()
    .replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short?: string, long?: string) => {
      const point = Number.parseInt(short ?? long ?? "", 16);
      if (point > 0x10ffff) bytes.refuse("a Unicode character", `\\U${long}`);
      return String.fromCodePoint(point);
    });
}
