import { CheckpointError, shownList } from "./checkpoint-error.ts";
import type { NameMapName } from "./name-maps.ts";

/** What does not fit between a checkpoint and a network. */
export interface Misfits {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  /** Names of the checkpoint that come to a name which another has taken. */
  readonly twice: readonly string[];
  /** Names with both shapes. */
  readonly misshapen: readonly string[];
}

/** How messages name a match. */
export interface MatchNames {
  readonly caller: string;
  /** What holds the checkpoint's arrays: an argument or a file. */
  readonly holder: string;
}

/** Misfits, and what a hint can be found in. */
export interface MismatchFacts extends Misfits, MatchNames {
  /** The network's names. */
  readonly targets: readonly string[];
  /** The checkpoint's names, prefixes cut. */
  readonly names: readonly string[];
  /** Arrays that fit as things are. */
  readonly fits: number;
  /** Arrays that would fit under each naming. */
  readonly alternatives: readonly (readonly [NameMapName, number])[];
}

/** One error that lists all that does not fit, and says what would have made more fit. */
export function mismatchError(facts: MismatchFacts): CheckpointError {
  const parts = [
    listed("missing", facts.missing),
    listed("unexpected", facts.unexpected),
    listed("for a name that has an array already", facts.twice),
    facts.misshapen.length > 0
      ? `${facts.misshapen.length} of another shape: ${cutList(facts.misshapen)}`
      : "",
  ].filter((part) => part !== "");
  const hint = hintOf(facts);
  const message = `${facts.caller}: expected ${facts.holder} to have the network's names and shapes, got ${parts.join("; ")}`;
  return new CheckpointError("mismatch", hint === undefined ? message : `${message}. ${hint}`);
}

function listed(what: string, names: readonly string[]): string {
  return names.length > 0 ? `${names.length} ${what}: ${shownList(names)}` : "";
}

function cutList(texts: readonly string[]): string {
  const first = texts.slice(0, 8).join(", ");
  return texts.length > 8 ? `${first} and ${texts.length - 8} more` : first;
}

/** What would have made more names fit, if anything. */
function hintOf(facts: MismatchFacts): string | undefined {
  const { targets, missing, names } = facts;
  if (missing.length === 0) return;
  const [naming, count] = [...facts.alternatives].sort(([, a], [, b]) => b - a)[0] ?? [];
  if (naming !== undefined && count! > facts.fits) {
    return `The option naming: ${JSON.stringify(naming)} would make ${count} of ${targets.length} fit`;
  }
  const longer = commonPrefix(missing, names);
  if (longer !== undefined) return `The option prefix: ${JSON.stringify(longer)} would make them fit`;
  const known = new Set(targets);
  const shorter = commonPrefix(
    names.filter((name) => !known.has(name)),
    missing,
  );
  return shorter === undefined
    ? undefined
    : `The network's names begin with ${JSON.stringify(shorter)}; the option rename can put it before the file's`;
}

/** So many beginnings are tried, which keeps the search short for a hostile file; true ones are among the first. */
const mostPrefixes = 4;

/** What stands before at least half of the short names to give one of the long ones. */
function commonPrefix(short: readonly string[], long: readonly string[]): string | undefined {
  const first = short[0];
  if (first === undefined) return;
  const all = new Set(long);
  const prefixes = long
    .filter((name) => name.endsWith(`.${first}`) && name.length <= first.length + 80)
    .slice(0, mostPrefixes)
    .map((name) => name.slice(0, -first.length));
  return prefixes.find((prefix) => {
    const found = short.filter((name) => all.has(prefix + name)).length;
    return found * 2 >= short.length;
  });
}
