import type { Method } from "./method.ts";
import type { SummedWay } from "./way.ts";

/** The first place's own ranking on the same embeddings, step by step. */
export function firstPlaceMethods(): readonly Method[] {
  const of = (terms: SummedWay["terms"], quantiles = false): SummedWay => ({
    kind: "summed",
    terms,
    quantiles,
  });
  return [
    { name: "first-a", title: "first place's ranking: A alone", way: of("A") },
    { name: "first-a-b", title: "first place's ranking: A − B", way: of("A-B") },
    { name: "first-a-b-c", title: "first place's ranking: A − B − C", way: of("A-B-C") },
    {
      name: "first-a-b-quantiles",
      title: "first place's ranking: A − B, quantile transform",
      way: of("A-B", true),
      published: "first place, A − B",
    },
    {
      name: "first-a-b-c-quantiles",
      title: "first place's ranking: A − B − C, quantile transform",
      way: of("A-B-C", true),
      published: "first place, A − B − C",
    },
  ];
}
