/** A value that a literal of Python can stand for. */
export type PythonValue = string | number | boolean | null | readonly PythonValue[];

const token = /\s*(?:([()[\],])|'([^'\\]*)'|"([^"\\]*)"|([^\s()[\],'"]+))\s*/y;

const words: Readonly<Record<string, PythonValue>> = { True: true, False: false, None: null };

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * A text as Python reads a literal: a number, a string in quotes, `True`, `False`, `None`, and lists and tuples of them; the
 * text itself where it is none, as the library of the original's configs takes it.
 *
 * So `1e-5`, which YAML 1.1 takes for a text, is a number, and `('ourapi')` is `ourapi`. Strings with a backslash and
 * digits with an underscore between them stay as they are.
 */
export function readPythonLiteral(text: string): PythonValue {
  const tokens = tokensOf(text);
  if (tokens === undefined) return text;
  const parser = { tokens, next: 0 };
  const value = readValue(parser);
  return value === undefined || parser.next < tokens.length ? text : value;
}

/** A bracket or comma, or a value. */
type Token = { readonly mark: string } | { readonly value: PythonValue };

/** `undefined` if a part of the text is no token. */
function tokensOf(text: string): readonly Token[] | undefined {
  const found: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (match === null) return undefined;
    const [, mark, single, double, word] = match;
    const quoted = single ?? double;
    if (mark !== undefined) found.push({ mark });
    else if (quoted !== undefined) found.push({ value: quoted });
    else if (decimal.test(word!)) found.push({ value: Number(word) });
    else if (Object.hasOwn(words, word!)) found.push({ value: words[word!] as PythonValue });
    else return undefined;
  }
  return found;
}

interface Parser {
  readonly tokens: readonly Token[];
  next: number;
}

function readValue(parser: Parser): PythonValue | undefined {
  const first = parser.tokens[parser.next++];
  if (first === undefined) return undefined;
  if ("value" in first) return first.value;
  if (first.mark === "[") return readItems(parser, "]")?.items;
  if (first.mark !== "(") return undefined;
  const inside = readItems(parser, ")");
  // Brackets around one value without a comma are no tuple.
  return inside?.items.length === 1 && !inside.comma ? inside.items[0] : inside?.items;
}

function readItems(
  parser: Parser,
  end: string,
): { readonly items: readonly PythonValue[]; readonly comma: boolean } | undefined {
  const items: PythonValue[] = [];
  let comma = false;
  for (;;) {
    if (isMark(parser, end)) {
      parser.next += 1;
      return { items, comma };
    }
    const value = readValue(parser);
    if (value === undefined) return undefined;
    items.push(value);
    if (isMark(parser, ",")) {
      parser.next += 1;
      comma = true;
    } else if (!isMark(parser, end)) return undefined;
  }
}

function isMark({ tokens, next }: Parser, mark: string): boolean {
  const token = tokens[next];
  return token !== undefined && "mark" in token && token.mark === mark;
}
