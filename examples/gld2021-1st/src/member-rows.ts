import { type EmbeddingRows, usableRows, weightedRows } from "@lmk-example/kit";
import { descriptorRows, type Quantiles, quantileRows, quantilesOf } from "./descriptor-rows.ts";
import { ensembles, type Kind, kindOf, kinds, type MemberName } from "./ensembles.ts";
import type { EmbeddedSystem, Part } from "./system.ts";
import type { RecognitionWay } from "./way.ts";

type Embedded = Pick<EmbeddedSystem, "data" | "embeddings">;

/** The embeddings of a part by one network, each brought to length 1. */
export function rowsOf({ data, embeddings }: Embedded, member: MemberName, part: Part): EmbeddingRows {
  const stage = embeddings.get(member)?.[part];
  if (stage === undefined) throw new RangeError(`expected embeddings of ${part} by ${member}, got none`);
  const { prepared, gallery } = data;
  const rows = part === "gallery" ? gallery.rows.length : usableRows(prepared, part).length;
  return weightedRows([stage], [1], { rows, settings: { part, member } });
}

/** Gives what recognition compares in a way. */
export type ComparedRows = (way: Pick<RecognitionWay, "networks" | "quantiles">, part: Part) => EmbeddingRows;

/** What recognition compares in each way: quantiles of test images are learned once for each descriptor. */
export function createComparedRows(system: Embedded): ComparedRows {
  const known = [...system.embeddings.keys()];
  const learned = new Map<RecognitionWay["networks"], Quantiles>();
  return ({ networks, quantiles }, part) => {
    const of = (of: Part): EmbeddingRows =>
      descriptorRows(
        groupsOf(known, networks).map((members) => members.map((member) => rowsOf(system, member, of))),
      );
    if (!quantiles) return of(part);
    const own = learned.get(networks) ?? quantilesOf(of("test"));
    learned.set(networks, own);
    return quantileRows(of(part), own);
  };
}

/** The networks whose embeddings are averaged, kind by kind. */
function groupsOf(
  known: readonly MemberName[],
  networks: RecognitionWay["networks"],
): readonly (readonly MemberName[])[] {
  if (!isGroup(networks)) return [[networks]];
  const members = ensembles.recognition.filter((member) => known.includes(member));
  const wanted = networks === "ensemble" ? kinds : [networks];
  const groups = wanted.map((kind) => members.filter((member) => kindOf(member) === kind));
  return groups.filter((group) => group.length > 0);
}

function isGroup(networks: RecognitionWay["networks"]): networks is Kind | "ensemble" {
  return networks === "ensemble" || (kinds as readonly string[]).includes(networks);
}
