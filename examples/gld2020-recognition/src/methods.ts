import type { Config } from "./config.ts";
import { firstPlaceMethods } from "./first-place-methods.ts";
import type { Method } from "./method.ts";
import type { PublishedSystem } from "./published-results.ts";
import { type MemberName, memberNames } from "./train-run.ts";
import type { FusionWay, Networks, Way } from "./way.ts";

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

/** The fusion with the first place's A − B − C. */
export function rankedMethod(config: Pick<Config, "recognition">): Method {
  return { name: "fusion-a-b-c", title: "fusion with A − B − C", way: fusion(config, { ranking: true }) };
}

/**
 * Every way that is scored, in the order of the tables: of all networks the two halves of what was handed in, the whole,
 * and what is added to it; the first place's ranking; single networks.
 *
 * @param options - Whether test images without a landmark are known, without which some ways are left out.
 */
export function methodsOf(
  config: Pick<Config, "chains" | "recognition">,
  { nonLandmarks }: { readonly nonLandmarks: boolean },
): readonly Method[] {
  const methods = [
    ...halves(config),
    submittedMethod(config),
    ...penalized(config),
    ...firstPlaceMethods(),
    ...singles(config),
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

function halves({ recognition }: Pick<Config, "recognition">): readonly Method[] {
  const { neighborCount } = recognition.fusion;
  const power = recognition.neighborsAlonePower;
  return [
    { name: "head", title: "head alone", way: { kind: "head", networks: "ensemble" } },
    { name: "nearest", title: "nearest neighbor alone", way: nearest("ensemble") },
    {
      name: "neighbors",
      title: `${neighborCount} neighbors^${power} alone`,
      way: { kind: "neighbors", networks: "ensemble", neighborCount, power },
    },
  ];
}

function penalized(config: Pick<Config, "recognition">): readonly Method[] {
  return [
    rankedMethod(config),
    { name: "fusion-rules", title: "fusion with non-landmark rules", way: fusion(config, { rules: true }) },
    {
      name: "fusion-both",
      title: "fusion with A − B − C and non-landmark rules",
      way: fusion(config, { ranking: true, rules: true }),
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
      title: `${best}: ${neighborCount} neighbors^${neighborPower} alone`,
      way: { kind: "neighbors", networks: best, neighborCount, power: neighborPower },
      ...published("one network, five neighbors"),
    },
    ...[best, ...members.filter((member) => member !== best)].map((member) => ({
      name: `${member}-fusion`,
      title: `${member}: fusion, neighbors^${neighborPower} × head^${headPower}`,
      way: { ...fusion(config, {}), networks: member, ...singlePowers },
      ...(member === best ? published("one network, neighbors and head") : {}),
    })),
  ];
}
