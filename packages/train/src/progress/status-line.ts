import { SingleBar } from "cli-progress";

/** A line that shows how far something is. */
export interface StatusLine {
  /** Shows that `done` units are done; empty parts, and last ones that a terminal has no room for, are left out. */
  readonly update: (done: number, parts: readonly string[]) => void;
  /** Writes a line that stays. */
  readonly print: (line: string) => void;
  /** Ends the line: a bar disappears. */
  readonly stop: () => void;
}

/** Options of {@link createStatusLine}. */
export interface StatusLineOptions {
  readonly label: string;
  readonly total: number;
  readonly done: number;
  readonly stream: NodeJS.WriteStream;
  /** Seconds between lines where the stream is no terminal. */
  readonly lineEverySeconds: number;
  /** Characters of the bar. */
  readonly barSize: number;
  /** What stands behind the numbers before the first update. */
  readonly parts: readonly string[];
}

/** A bar on a terminal; elsewhere a line every few seconds, and always the last one. */
export function createStatusLine(options: StatusLineOptions): StatusLine {
  return options.stream.isTTY ? createBar(options) : createLines(options);
}

function createBar({ label, total, done, stream, barSize, parts }: StatusLineOptions): StatusLine {
  const bar = new SingleBar({
    format: "{label} {bar} {value}/{total}{rest}",
    stream,
    hideCursor: true,
    barsize: barSize,
    clearOnComplete: true,
    autopadding: false,
    barCompleteChar: "█",
    barIncompleteChar: "░",
  });
  const numbers = `${total}/${total}`.length;
  const payloadOf = (next: readonly string[]): { label: string; rest: string } => {
    const room = (stream.columns || 80) - label.length - barSize - numbers - 2;
    return { label, rest: restOf(next, room) };
  };
  let shown = { value: done, payload: payloadOf(parts) };
  bar.start(total, done, shown.payload);
  return {
    update(value, next) {
      shown = { value, payload: payloadOf(next) };
      bar.update(value, shown.payload);
    },
    print(line) {
      bar.stop();
      stream.write(`${line}\n`);
      bar.start(total, shown.value, shown.payload);
    },
    stop: () => bar.stop(),
  };
}

function createLines({ label, total, stream, lineEverySeconds }: StatusLineOptions): StatusLine {
  let shown = performance.now();
  return {
    update(done, parts) {
      if (done < total && performance.now() - shown < lineEverySeconds * 1000) return;
      shown = performance.now();
      stream.write(`${label} ${done}/${total}${restOf(parts)}\n`);
    },
    print(line) {
      stream.write(`${line}\n`);
    },
    stop() {},
  };
}

/** The parts that fit into so many characters. */
function restOf(parts: readonly string[], room: number = Number.POSITIVE_INFINITY): string {
  let rest = "";
  for (const part of parts.filter(Boolean)) {
    const longer = `${rest} · ${part}`;
    if (longer.length > room) return rest;
    rest = longer;
  }
  return rest;
}
