import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { requireName } from "../require.ts";
import { type PretrainedWeightsName, pretrainedWeights } from "./pretrained-weights.ts";
import type { WeightsSource } from "./weights-source.ts";

/** Options of {@link weightsPath}. */
export interface WeightsPathOptions {
  /**
   * The folder that holds all downloaded weights.
   *
   * @defaultValue `.cache/lmk` in the user's home folder
   */
  readonly cache?: string;
}

/** A source that was checked, with its two places. */
export interface Located {
  readonly source: WeightsSource;
  /** What messages call it. */
  readonly label: string;
  readonly url: string;
  readonly path: string;
}

/** The public hub. */
export const defaultHubUrl = "https://huggingface.co";

/**
 * Where a file of weights lies once {@link fetchWeights} has it, and where to put it by hand on a machine
 * without a network:
 *
 * ```text
 * CACHE/<repository>/<revision>/<file>      a file of the hub
 * CACHE/<host>/<path of the URL><query>     any other file
 * ```
 *
 * A `/` in a revision is written `%2F`, a `:` before a port `_`. A query is written as `encodeURIComponent` does it, from
 * its `?`, which becomes `%3F`, and with `%2A` for `*`; where that takes more than 100 characters, as `%3F` and the
 * query's SHA-256. Nothing is read or written.
 *
 * @param weights - A name of {@link pretrainedWeights}, or a source.
 * @returns The path, whether or not there is a file.
 * @throws RangeError as {@link fetchWeights} does for a name or a source that it refuses.
 *
 * @example
 * ```ts
 * import { weightsPath } from "@lmk/models/hub";
 *
 * weightsPath("resnet50", { cache: "weights" }); // => weights/timm/resnet50.tv_in1k/main/model.safetensors
 * ```
 */
export function weightsPath(
  weights: PretrainedWeightsName | WeightsSource,
  options: WeightsPathOptions = {},
): string {
  return locate("weightsPath", weights, { ...options, hubUrl: defaultHubUrl }).path;
}

/** Checks a name or a source, and says where it is on the network and on the disk. */
export function locate(
  caller: string,
  weights: PretrainedWeightsName | WeightsSource,
  options: WeightsPathOptions & { readonly hubUrl: string },
): Located {
  const { cache = join(homedir(), ".cache", "lmk"), hubUrl } = options;
  if (typeof weights === "string") requireName(caller, "weights", weights, pretrainedWeights);
  const source = typeof weights === "string" ? pretrainedWeights[weights] : weights;
  requireChecks(caller, source);
  if ("url" in source) {
    const { host, segments, query } = requireUrl(caller, "url", source.url);
    return {
      source,
      label: typeof weights === "string" ? weights : segments.at(-1)!,
      url: source.url,
      path: join(cache, host, ...segments) + queryName(query),
    };
  }
  const { repository, file, revision = "main" } = source;
  requireSegments(caller, "repository", repository, 2);
  requireSegments(caller, "file", file, Number.POSITIVE_INFINITY);
  requireSegments(caller, "revision", revision, Number.POSITIVE_INFINITY);
  requireUrl(caller, "hubUrl", `${hubUrl}/x`);
  const folder = encodeURIComponent(revision);
  return {
    source,
    label: typeof weights === "string" ? weights : `${repository}/${file}`,
    url: `${hubUrl}/${repository}/resolve/${folder}/${file.split("/").map(encodeURIComponent).join("/")}`,
    path: join(cache, ...repository.split("/"), folder, ...file.split("/")),
  };
}

function requireChecks(caller: string, { sha256, bytes, ...rest }: WeightsSource): void {
  const prefix = "sha256Prefix" in rest ? rest.sha256Prefix : undefined;
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new RangeError(`${caller}: expected \`sha256\` to be 64 hexadecimal digits, got ${sha256}`);
  }
  if (prefix !== undefined && !/^[0-9a-f]{6,64}$/i.test(prefix)) {
    throw new RangeError(
      `${caller}: expected \`sha256Prefix\` to be 6 to 64 hexadecimal digits, got ${prefix}`,
    );
  }
  if (bytes !== undefined && !(Number.isSafeInteger(bytes) && bytes > 0)) {
    throw new RangeError(`${caller}: expected \`bytes\` to be a whole number above 0, got ${bytes}`);
  }
}

/** Every segment becomes a folder of the cache: none may lead out of it or be cut by a URL's `?`, `#` or `%`. */
function requireSegments(caller: string, argument: string, value: string, most: number): void {
  const segments = value.split("/");
  const plain = segments.every((segment) => /^[\w.+=,@ -]+$/.test(segment) && !/^\.+$/.test(segment));
  if (plain && segments.length <= most) return;
  const count = most === 2 ? "one or two names" : "names";
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be ${count} of letters, digits and "_.+=,@ -" with "/" between, got ${JSON.stringify(value)}`,
  );
}

/** A query as the end of a file's name: short enough for every file system, and safe on it. */
function queryName(query: string): string {
  const name = encodeURIComponent(query).replaceAll("*", "%2A");
  return name.length <= 100 ? name : `%3F${createHash("sha256").update(query).digest("hex")}`;
}

/** Refuses in a path what would be a separator, or the beginning of a query in the cache. */
function requireUrl(
  caller: string,
  argument: string,
  value: string,
): { host: string; segments: string[]; query: string } {
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  const segments = parsed?.pathname.slice(1).split("/") ?? [];
  const safe = segments.every((segment) => segment !== "" && !/%2f|%3f|%5c|\\/i.test(segment));
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol) && safe) {
    return { host: parsed.host.replace(":", "_"), segments, query: parsed.search };
  }
  const got = argument === "hubUrl" ? value.slice(0, -2) : value;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be an http or https URL${argument === "url" ? " of a file" : ""}, got ${got}`,
  );
}
