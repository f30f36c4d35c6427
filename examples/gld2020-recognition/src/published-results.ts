/** Systems whose scores their authors published. */
export type PublishedSystem =
  | "one network, head"
  | "one network, nearest neighbor"
  | "one network, five neighbors"
  | "one network, neighbors and head"
  | "seven networks"
  | "nine networks"
  | "first place, A − B"
  | "first place, A − B − C"
  | "second place, B7"
  | "second place, B7, local features"
  | "second place, B7, local features and rules";

/** A published score: GAP in percent. */
export interface PublishedResult {
  readonly system: PublishedSystem;
  /** On the two parts of the challenge's test images. */
  readonly public?: number;
  readonly private?: number;
  /** On the test images of 2019, by the first place's protocol. */
  readonly local?: number;
}

/** What the authors of the solutions of 2020 say of theirs: the write-ups of the third, the first and the second place. */
export const publishedResults: readonly PublishedResult[] = [
  { system: "one network, head", public: 56.4 },
  { system: "one network, nearest neighbor", public: 60.4 },
  { system: "one network, five neighbors", public: 61.0 },
  { system: "one network, neighbors and head", public: 61.79, private: 60.05 },
  { system: "seven networks", public: 66.04, private: 62.89 },
  { system: "nine networks", public: 65.81, private: 63.44 },
  { system: "first place, A − B", local: 88.3215 },
  { system: "first place, A − B − C", local: 88.3825 },
  { system: "second place, B7", public: 59.27, private: 55.82 },
  { system: "second place, B7, local features", public: 61.46, private: 57.56 },
  { system: "second place, B7, local features and rules", public: 67.97, private: 63.01 },
];
