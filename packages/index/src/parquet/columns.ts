import type { FileMetaData, SchemaElement, SchemaTree } from "hyparquet";
import { type FileErrors, quotedNames } from "../tables/file-errors.ts";

/** Refuses a column that is not a list of floats. */
export function requireFloatList(errors: FileErrors, root: SchemaTree, name: string): void {
  const column = requireColumn(errors, root, name);
  const { converted_type: converted, logical_type: logical } = column.element;
  const isList = converted === "LIST" || logical?.type === "LIST";
  const leaf = leafOf(column);
  const repeated = isList ? countRepeated(column) : 0;
  if (leaf === undefined || repeated !== 1 || !isFloat(leaf)) {
    const expected = `to have lists of floats in the column ${JSON.stringify(name)}`;
    throw errors.file(expected, describe(column), "unsupported-content");
  }
}

/** Refuses a column that is neither text nor whole numbers. */
export function requireIdColumn(errors: FileErrors, root: SchemaTree, name: string): void {
  const column = requireColumn(errors, root, name);
  const { element } = column;
  const isFlat = column.children.length === 0 && element.repetition_type !== "REPEATED";
  if (!isFlat || !(isText(element) || isInteger(element))) {
    const expected = `to have texts or whole numbers in the column ${JSON.stringify(name)}`;
    throw errors.file(expected, describe(column), "unsupported-content");
  }
}

/** The compression codecs of the columns that are read. */
export function codecsOf(metadata: FileMetaData, names: readonly string[]): ReadonlySet<string> {
  const codecs = new Set<string>();
  for (const group of metadata.row_groups) {
    for (const { meta_data: chunk } of group.columns) {
      const [name] = chunk?.path_in_schema ?? [];
      if (chunk !== undefined && name !== undefined && names.includes(name)) codecs.add(chunk.codec);
    }
  }
  return codecs;
}

function requireColumn(errors: FileErrors, root: SchemaTree, name: string): SchemaTree {
  const column = root.children.find(({ element }) => element.name === name);
  if (column === undefined) {
    const names = root.children.map(({ element }) => element.name);
    throw errors.file(`to have a column ${JSON.stringify(name)}`, quotedNames(names), "unsupported-content");
  }
  return column;
}

/** The innermost element, if there is only one. */
function leafOf(column: SchemaTree): SchemaElement | undefined {
  let tree = column;
  while (tree.children.length === 1) tree = tree.children[0]!;
  return tree.children.length === 0 ? tree.element : undefined;
}

function countRepeated(column: SchemaTree): number {
  const own = column.element.repetition_type === "REPEATED" ? 1 : 0;
  return column.children.reduce((sum, child) => sum + countRepeated(child), own);
}

function isFloat({ type, logical_type: logical }: SchemaElement): boolean {
  return type === "FLOAT" || type === "DOUBLE" || logical?.type === "FLOAT16";
}

function isText({ type, converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return type === "BYTE_ARRAY" && (converted === "UTF8" || logical?.type === "STRING");
}

function isInteger({ type, converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  const isPlain = converted === undefined && logical === undefined;
  const isAnnotated = /^U?INT_/.test(converted ?? "") || logical?.type === "INTEGER";
  return (type === "INT32" || type === "INT64") && (isPlain || isAnnotated);
}

function describe(column: SchemaTree): string {
  const leaf = leafOf(column);
  if (leaf === undefined) return "a column of several parts";
  const kind = leaf.logical_type?.type ?? leaf.converted_type ?? leaf.type ?? "no type";
  const repeated = countRepeated(column);
  return repeated === 0 ? kind : `${"lists of ".repeat(repeated)}${kind}`;
}
