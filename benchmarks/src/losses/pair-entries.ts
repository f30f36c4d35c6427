import {
  circle,
  contrastive,
  multiSimilarity,
  ntXent,
  recallAtK,
  semiHard,
  smoothAp,
  supCon,
  triplet,
} from "@lmk/losses";
import { type LossEntry, pairs } from "./entry.ts";

const defaults = "the defaults, those of the paper";

/** Losses between the embeddings of a batch. */
export const pairEntries: readonly LossEntry[] = [
  {
    name: "contrastive",
    settings: "margin 0.7",
    reason: "the default, that of cirtorch",
    rate: 0.1,
    paper: { resnet101: 20 },
    create: pairs(contrastive),
  },
  {
    name: "triplet, batch-hard",
    settings: "margin 0.3",
    reason: "the default, that of the 2021 second place",
    rate: 0.1,
    paper: { resnet101: 20 },
    create: pairs(triplet),
  },
  {
    name: "triplet, semi-hard",
    settings: "margin 0.3",
    reason: "the margin of batch-hard",
    rate: 0.1,
    create: pairs((embeddings, labels) =>
      triplet(embeddings, labels, {
        margin: 0.3,
        miner: semiHard({ margin: 0.3 }),
        reduction: "mean-of-nonzero",
      }),
    ),
  },
  {
    name: "multi-similarity",
    settings: "α 2, β 50, λ 0.5",
    reason: defaults,
    rate: 0.1,
    create: pairs(multiSimilarity),
  },
  { name: "circle", settings: "γ 80, m 0.4", reason: defaults, rate: 0.003, create: pairs(circle) },
  { name: "SupCon", settings: "τ 0.1", reason: defaults, rate: 0.03, create: pairs(supCon) },
  {
    name: "NT-Xent",
    settings: "τ 0.1",
    reason: "SupCon's: the two differ in where the mean is taken",
    rate: 0.03,
    create: pairs((embeddings, labels) => ntXent(embeddings, labels, { temperature: 0.1 })),
  },
  { name: "smooth-AP", settings: "τ 0.01", reason: defaults, rate: 0.03, create: pairs(smoothAp) },
  {
    name: "recall@k",
    settings: "k 1, 2, 4, 8, 16",
    reason: "the defaults, those of the authors",
    rate: 0.03,
    create: pairs(recallAtK),
  },
];
