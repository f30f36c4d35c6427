import type { Mesh } from "../geometry/mesh.ts";
import type { Traits } from "../traits.ts";
import type { Style } from "./style.ts";

/** The names of the kinds of landmark. */
export type ArchetypeName =
  | "church"
  | "basilica"
  | "mosque"
  | "temple"
  | "pagoda"
  | "castle"
  | "arch-bridge"
  | "cable-bridge"
  | "clock-tower"
  | "triumphal-arch"
  | "column"
  | "statue"
  | "skyscraper"
  | "palace"
  | "amphitheatre"
  | "pyramid"
  | "lighthouse"
  | "lattice-tower"
  | "museum"
  | "rock";

/** A kind of landmark: how to build one, and what the label files call it. */
export interface Archetype {
  /** Builds it with its front to +z and its middle over the origin, metres. */
  readonly build: (mesh: Mesh, traits: Traits, style: Style) => void;
  /** The words for the name of a place. */
  readonly nouns: readonly string[];
  readonly supercategory: string;
  readonly hierarchy: string;
  readonly isNatural: boolean;
  /** How often it occurs beside the others. */
  readonly weight: number;
  /** What usually surrounds it. */
  readonly grounds: readonly GroundKind[];
}

/** What a place stands on. */
export type GroundKind = "plaza" | "lawn" | "street" | "cobbles" | "sand" | "water" | "pool" | "rocks";
