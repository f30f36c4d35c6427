import { classRowEntries } from "./class-row-entries.ts";
import type { LossEntry } from "./entry.ts";
import { pairEntries } from "./pair-entries.ts";

/** All losses that are compared. */
export const entries: readonly LossEntry[] = [...classRowEntries, ...pairEntries];

/** The loss that the weights before are learned by. */
export const pretrainingLoss: LossEntry = entries[0];
