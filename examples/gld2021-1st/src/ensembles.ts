/** The networks that are members of an ensemble, of either task, in the order of the authors' table. */
export const memberNames = [
  "dolg-b5",
  "dolg-b6",
  "dolg-b7",
  "swin-b3",
  "swin-b5",
  "swin-b6",
  "effnet-b3",
  "effnet-b6",
  "effnet-b5",
] as const;

export type MemberName = (typeof memberNames)[number];

/** Kinds of networks, in the order in which their means stand side by side. */
export const kinds = ["dolg", "swin", "effnet"] as const;

export type Kind = (typeof kinds)[number];

/** The two challenges of the year. */
export type Task = "recognition" | "retrieval";

const dolgAndSwin = ["dolg-b5", "dolg-b6", "dolg-b7", "swin-b3", "swin-b5", "swin-b6"] as const;

/** The eight members of each task: only one EfficientNet differs. */
export const ensembles: Readonly<Record<Task, readonly MemberName[]>> = {
  recognition: [...dolgAndSwin, "effnet-b3", "effnet-b6"],
  retrieval: [...dolgAndSwin, "effnet-b6", "effnet-b5"],
};

/** What kind of network a member is. */
export function kindOf(member: MemberName): Kind {
  return kinds.find((kind) => member.startsWith(`${kind}-`))!;
}
