import { createHash } from "node:crypto";
import { UserError } from "../user-error.ts";
import type { Candidate, SearchSpace } from "./space.ts";

/**
 * Every choice of values, space after space.
 *
 * In the order of scikit-learn's `ParameterGrid`, which the authors use: settings by name, the last one changing
 * fastest, values in their own order.
 */
export function expandGrid(spaces: SearchSpace | readonly SearchSpace[]): Candidate[] {
  const list = (Array.isArray(spaces) ? spaces : [spaces]) as readonly SearchSpace[];
  return list.flatMap((space) => {
    let candidates: Candidate[] = [{}];
    for (const path of Object.keys(space).sort()) {
      candidates = candidates.flatMap((candidate) =>
        space[path]!.map((value) => ({ ...candidate, [path]: value })),
      );
    }
    return candidates;
  });
}

/**
 * `count` different candidates of the grid, drawn without bias; all of them if there are no more.
 *
 * As scikit-learn's `ParameterSampler` over lists, with another generator of random numbers: the same seed draws other
 * candidates there. Draw `i` depends on the seed and on `i` only, so a larger `count` begins with the same ones.
 */
export function sampleGrid(
  spaces: SearchSpace | readonly SearchSpace[],
  count: number,
  seed: number,
): Candidate[] {
  const left = expandGrid(spaces);
  const drawn: Candidate[] = [];
  while (drawn.length < count && left.length > 0) {
    const [one] = left.splice(randomBelow(left.length, seed, drawn.length), 1);
    drawn.push(one!);
  }
  return drawn;
}

/** A number from 0 to `limit` - 1: 48 bits of a hash, so the bias is below `limit` / 2^48. */
function randomBelow(limit: number, seed: number, draw: number): number {
  const hash = createHash("sha256").update(`${seed} ${draw}`).digest();
  return Math.floor((hash.readUIntBE(0, 6) / 2 ** 48) * limit);
}

/** Block `block` of `blocks`, from 0: all blocks but the last ones have `ceil(length / blocks)` candidates. */
export function blockOf<T>(items: readonly T[], blocks: number, block: number): readonly T[] {
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new UserError(`expected \`blocks\` to be a whole number of at least 1, got ${blocks}`);
  }
  if (!Number.isInteger(block) || block < 0 || block >= blocks) {
    throw new UserError(`expected \`block\` to be from 0 to ${blocks - 1}, got ${block}`);
  }
  const size = Math.ceil(items.length / blocks);
  return items.slice(block * size, (block + 1) * size);
}

/** Settings and values as one word: `loss-arcface_margin-0.3`, by name of the setting. It can name a file. */
export function candidateName(candidate: Candidate): string {
  return Object.keys(candidate)
    .sort()
    .map((path) => `${path}-${candidate[path]}`)
    .join("_")
    .replace(/[^\w.,+-]/g, (character) => encodeURIComponent(character).replaceAll("*", "%2A"));
}

/**
 * Settings with a candidate's values in place of their own; the given settings stay as they are.
 *
 * A path goes down by points: `training.loss.margin`, `stages.0.epochs`. It must lead to a setting that is there, and the
 * value must be of its kind.
 */
export function withOverrides<Settings>(settings: Settings, candidate: Candidate): Settings {
  const copy = structuredClone(settings);
  for (const [path, value] of Object.entries(candidate)) {
    const steps = path.split(".");
    let holder: unknown = copy;
    for (const [depth, step] of steps.entries()) {
      const known = typeof holder === "object" && holder !== null ? Object.keys(holder) : [];
      if (!known.includes(step)) {
        const got = `no \`${step}\` among ${known.join(", ") || "none"}`;
        throw new UserError(`expected \`${path}\` to be a setting, got ${got}`);
      }
      const place = holder as Record<string, unknown>;
      if (depth < steps.length - 1) holder = place[step];
      else place[step] = sameKind(path, place[step], value);
    }
  }
  return copy;
}

function sameKind<T>(path: string, now: unknown, value: T): T {
  if (typeof now === typeof value) return value;
  const [expected, got] = [now, value].map((one) => JSON.stringify(one));
  throw new UserError(`expected the value of \`${path}\` to be like ${expected}, got ${got}`);
}
