/** One line of a stack trace. */
interface Frame {
  readonly name: string;
  readonly file: string;
  readonly line: string;
}

/** Where in the traced function an error began. */
export interface SourceLocation {
  /** The tfjs function that the user's code called, without `tf.`, where the trace shows it. */
  readonly op: string | undefined;
  /** `file:line` of the innermost frame that is neither tfjs's nor this package's. */
  readonly location: string | undefined;
  /** Whether the error was thrown by tfjs itself. */
  readonly byTfjs: boolean;
}

const ownFolder = withoutScheme(new URL(".", import.meta.url).href);

/**
 * Reads a V8 stack trace down to `boundary`, the function that calls the user's. Frames behind it belong to
 * whoever compiles. Everything is undefined for traces of another form.
 */
export function sourceLocation(stack: string | undefined, boundary: string): SourceLocation {
  const frames = (stack ?? "")
    .split("\n")
    .map(parseFrame)
    .filter((frame) => frame !== undefined);
  const end = frames.findIndex(({ name, file }) => name.endsWith(boundary) && file.startsWith(ownFolder));
  const inside = frames.slice(0, Math.max(end, 0));
  const user = inside.findIndex((frame) => !isTfjs(frame) && !isInternal(frame));
  const called = inside.slice(0, Math.max(user, 0)).filter(isTfjs).map(opOf).filter(Boolean);
  return {
    op: called.at(-1),
    location: user < 0 ? undefined : `${inside[user].file}:${inside[user].line}`,
    byTfjs: inside.length > 0 && isTfjs(inside[0]),
  };
}

function parseFrame(line: string): Frame | undefined {
  const match = /^\s+at (?:async )?(?:(.*) \()?([^()]+):(\d+):\d+\)?$/.exec(line);
  if (match === null) return undefined;
  return { name: match[1] ?? "", file: withoutScheme(match[2]), line: match[3] };
}

function withoutScheme(file: string): string {
  return file.startsWith("file://") ? decodeURIComponent(file.slice("file://".length)) : file;
}

function isTfjs({ file }: Frame): boolean {
  return /[\\/]@tensorflow[\\/+]/.test(file);
}

function isInternal({ file }: Frame): boolean {
  return file.startsWith(ownFolder) || file.startsWith("node:") || file.startsWith("<");
}

/** tfjs calls the body of `tf.name` `name_`, and its wrapper `name__op`. */
function opOf({ name }: Frame): string | undefined {
  return /(?:^|\.)([a-zA-Z]\w*?)(?:__op|_)$/.exec(name)?.[1];
}
