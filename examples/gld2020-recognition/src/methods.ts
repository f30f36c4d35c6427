import type { Config } from "./config.ts";
import type { PublishedSystem } from "./published-results.ts";
import { type MemberName, memberNames } from "./train-run.ts";
import type { FusionWay, Networks, SummedWay, Way } from "./way.ts";

/** A way to recognize landmarks that is scored. */
export interface Method {
  /** Names its files. */
  readonly name: string;
  readonly title: string;
  readonly way: Way;
  /** Row of the published results that it belongs to. */
  readonly published?: PublishedSystem;
}

/** The best powers for a single network, from the write-up. */
const singlePowers = { neighborPower: 8, headPower: 12 } as const;

/** The authors' best single network. */
const bestNetwork: MemberName = "b6";

/** What was handed in: the votes of the nearest images times the head's scores, of all networks together. */
export function submittedMethod(config: Pick<Config, "chains" | "recognition">): Method {
  const { chains, recognition } = config;
  const { neighborPower, headPower } = recognition.fusion;
  const method: Method = {
    name: "submitted",
    title: `fusion as submitted: neighbors^${neighborPower} × head^${headPower}`,
    way: fusion(config, {}),
  };
  return chains.length === memberNames.length ? { ...method, published: "nine networks" } : method;
}

/**
 * Every way that is scored, the submitted one first.
 *
 * @param options - Whether test images without a landmark are known, without which some ways are left out.
 */
export function methodsOf(
  config: Pick<Config, "chains" | "recognition">,
  { nonLandmarks }: { readonly nonLandmarks: boolean },
): readonly Method[] {
  const methods = [
    submittedMethod(config),
    ...penalized(config),
    ...ensemble(config),
    ...singles(config),
    ...summed(),
  ];
  return methods.filter(({ way }) => nonLandmarks || !needsNonLandmarks(way));
}

function needsNonLandmarks(way: Way): boolean {
  if (way.kind === "fusion") return way.ranking || way.rules;
  return way.kind === "summed" && way.terms !== "A";
}

function fusion(
  { recognition }: Pick<Config, "recognition">,
  changes: Partial<Pick<FusionWay, "ranking" | "rules">>,
): FusionWay {
  const { neighborPower, headPower } = recognition.fusion;
  return {
    kind: "fusion",
    networks: "ensemble",
    neighborPower,
    headPower,
    ranking: false,
    rules: false,
    ...changes,
  };
}

function penalized(config: Pick<Config, "recognition">): readonly Method[] {
  return [
    { name: "fusion-a-b-c", title: "fusion, A − B − C", way: fusion(config, { ranking: true }) },
    { name: "fusion-rules", title: "fusion, non-landmark rules", way: fusion(config, { rules: true }) },
    {
      name: "fusion-both",
      title: "fusion, A − B − C and non-landmark rules",
      way: fusion(config, { ranking: true, rules: true }),
    },
  ];
}

function ensemble({ recognition }: Pick<Config, "recognition">): readonly Method[] {
  const { neighborCount } = recognition.fusion;
  const power = recognition.neighborsAlonePower;
  return [
    { name: "head", title: "head alone", way: { kind: "head", networks: "ensemble" } },
    { name: "nearest", title: "nearest neighbor alone", way: nearest("ensemble") },
    {
      name: "neighbors",
      title: `${neighborCount} neighbors alone, ^${power}`,
      way: { kind: "neighbors", networks: "ensemble", neighborCount, power },
    },
  ];
}

function nearest(networks: Networks): Way {
  return { kind: "neighbors", networks, neighborCount: 1, power: 1 };
}

/** The authors' best network step by step, and of the others the last step. Nothing where there is one network alone. */
function singles(config: Pick<Config, "chains" | "recognition">): readonly Method[] {
  const members = config.chains.map(({ name }) => name);
  if (members.length < 2) return [];
  const best = members.includes(bestNetwork) ? bestNetwork : members[0]!;
  const { neighborCount } = config.recognition.fusion;
  const { neighborPower, headPower } = singlePowers;
  const published = (system: PublishedSystem): { published?: PublishedSystem } =>
    best === bestNetwork ? { published: system } : {};
  return [
    {
      name: `${best}-head`,
      title: `${best}: head alone`,
      way: { kind: "head", networks: best },
      ...published("one network, head"),
    },
    {
      name: `${best}-nearest`,
      title: `${best}: nearest neighbor alone`,
      way: nearest(best),
      ...published("one network, nearest neighbor"),
    },
    {
      name: `${best}-neighbors`,
      title: `${best}: ${neighborCount} neighbors alone, ^${neighborPower}`,
      way: { kind: "neighbors", networks: best, neighborCount, power: neighborPower },
      ...published("one network, five neighbors"),
    },
    ...[best, ...members.filter((member) => member !== best)].map((member) => ({
      name: `${member}-fusion`,
      title: `${member}: neighbors^${neighborPower} × head^${headPower}`,
      way: { ...fusion(config, {}), networks: member, ...singlePowers },
      ...(member === best ? published("one network, neighbors and head") : {}),
    })),
  ];
}

/** The first place's own ranking on the same embeddings. */
function summed(): readonly Method[] {
  const of = (terms: SummedWay["terms"], quantiles = false): SummedWay => ({
    kind: "summed",
    terms,
    quantiles,
  });
  return [
    { name: "first-a", title: "first place's ranking, A", way: of("A") },
    { name: "first-a-b", title: "first place's ranking, A − B", way: of("A-B") },
    { name: "first-a-b-c", title: "first place's ranking, A − B − C", way: of("A-B-C") },
    {
      name: "first-a-b-quantiles",
      title: "first place's ranking, quantiles, A − B",
      way: of("A-B", true),
      published: "first place, A − B",
    },
    {
      name: "first-a-b-c-quantiles",
      title: "first place's ranking, quantiles, A − B − C",
      way: of("A-B-C", true),
      published: "first place, A − B − C",
    },
  ];
}
