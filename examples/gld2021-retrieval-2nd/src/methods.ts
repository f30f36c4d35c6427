import type { NetworkName } from "./chains.ts";
import type { Config } from "./config.ts";
import { submittedSettings } from "./inference-settings.ts";
import type { Method } from "./method.ts";
import type { CategoryWay, Networks, TagsWay, Way } from "./way.ts";
import { wayOfSettings } from "./way-of-settings.ts";

/** The settings that methods are of. */
type MethodsConfig = Pick<Config, "chains" | "inference" | "search">;

/** What the settings of inference say: what is handed in. */
export function submittedMethod({ chains, inference, search }: MethodsConfig): Method {
  const { MODEL_LIST } = submittedSettings;
  const asPublished =
    chains.map(({ network }) => network).join() === MODEL_LIST.join() &&
    inference.CATEGORY_RERANK === submittedSettings.CATEGORY_RERANK;
  return {
    name: "submitted",
    title: `as submitted: ${settingsInWords(inference)}`,
    way: wayOfSettings(inference, search.references),
    ...(asPublished ? { published: "ensemble, re-ranked" } : {}),
  };
}

function settingsInWords({ CATEGORY_RERANK, KR_FLAG, LOCAL_MATCHING }: MethodsConfig["inference"]): string {
  return [
    CATEGORY_RERANK === "off" ? "no votes" : `landmark and country ${CATEGORY_RERANK.replace("_", " ")}`,
    ...(KR_FLAG && CATEGORY_RERANK !== "before_merge" ? ["k-reciprocal"] : []),
    ...(LOCAL_MATCHING === "off" ? [] : ["local features"]),
  ].join(", ");
}

/**
 * Every way that is scored, in the order of the tables: single networks, all of them together, what was handed in, that in
 * other forms, and what the original's code has besides.
 */
export function methodsOf(config: MethodsConfig): readonly Method[] {
  const networks = config.chains.map(({ network }) => network);
  return [
    ...networks.map((network) => single(network)),
    ...(networks.length > 1 ? [{ name: "off", title: "all, without votes", way: plain("ensemble") }] : []),
    submittedMethod(config),
    ...partsOfTags(config),
    ...(networks.length > 1 ? networks.map((network) => singleTagged(config, network)) : []),
    ...notSubmitted(config),
  ];
}

function single(network: NetworkName): Method {
  const method: Method = { name: network, title: `${network}, without votes`, way: plain(network) };
  return network === "R50" ? { ...method, published: "fast script" } : method;
}

function plain(networks: Networks): Way {
  return { networks, similarity: "cosine", local: false };
}

function tags({ inference, search }: MethodsConfig, changes: Partial<TagsWay> = {}): TagsWay {
  const { alpha, beta } = inference;
  return {
    kind: "tags",
    merge: "before_merge",
    votes: "k-reciprocal",
    references: search.references,
    landmarkWeight: alpha,
    countryWeight: beta,
    ...changes,
  };
}

/** What was handed in, with one thing changed. */
function partsOfTags(config: MethodsConfig): readonly Method[] {
  const full: Method = changed("references-full", "votes of train images alone", { references: "full" });
  return [
    changed("landmark-only", "landmark alone", { countryWeight: 0 }),
    changed("country-only", "country alone", { landmarkWeight: 0 }),
    changed("cosine-votes", "votes by the cosine", { votes: "cosine" }),
    ...(config.search.references === "full" ? [] : [full]),
    changed("after-merge", "landmark and country after merge", { merge: "after_merge" }),
  ];

  function changed(name: string, title: string, changes: Partial<TagsWay>): Method {
    return { name, title, way: { ...plain("ensemble"), category: tags(config, changes) } };
  }
}

function singleTagged(config: MethodsConfig, network: NetworkName): Method {
  return {
    name: `${network}-tags`,
    title: `${network}, landmark and country`,
    way: { ...plain(network), category: tags(config) },
  };
}

/** What the original's code has and the notebook left off. */
function notSubmitted(config: MethodsConfig): readonly Method[] {
  const { references } = config.search;
  const all = (name: string, title: string, category: CategoryWay): Method => ({
    name,
    title,
    way: { ...plain("ensemble"), category },
  });
  return [
    all("label-first", "images of the voted landmark first", { kind: "label-first", references }),
    all("voted-references", "images near references of the voted landmarks first", {
      kind: "voted-references",
      references,
    }),
    {
      name: "k-reciprocal",
      title: "k-reciprocal neighbors, without votes",
      way: { ...plain("ensemble"), similarity: "k-reciprocal" },
    },
    {
      name: "k-reciprocal-tags",
      title: "k-reciprocal neighbors, landmark and country after merge",
      way: {
        ...plain("ensemble"),
        similarity: "k-reciprocal",
        category: tags(config, { merge: "after_merge" }),
      },
    },
    {
      name: "local",
      title: "landmark and country before merge, local features",
      way: { ...plain("ensemble"), category: tags(config), local: true },
    },
  ];
}
