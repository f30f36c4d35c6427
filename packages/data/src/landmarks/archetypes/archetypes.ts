import { buildAmphitheatre, buildPyramid, buildTemple } from "./ancient.ts";
import type { Archetype, ArchetypeName } from "./archetype.ts";
import { buildArchBridge, buildCableBridge } from "./bridges.ts";
import { buildCastle } from "./castles.ts";
import { buildChurch } from "./churches.ts";
import { buildBasilica, buildMosque } from "./domed-halls.ts";
import { buildTriumphalArch } from "./gates.ts";
import { buildLighthouse } from "./lighthouses.ts";
import { buildColumn, buildStatue } from "./monuments.ts";
import { buildMuseum } from "./museums.ts";
import { buildPagoda } from "./pagodas.ts";
import { buildPalace } from "./palaces.ts";
import { buildRock } from "./rocks.ts";
import { buildSkyscraper } from "./skyscrapers.ts";
import { buildClockTower, buildLatticeTower } from "./towers.ts";

const town = ["plaza", "cobbles", "street", "lawn"] as const;
const madeByPeople = { isNatural: false, grounds: town };

/** Every kind of landmark. */
export const archetypes: Readonly<Record<ArchetypeName, Archetype>> = {
  church: {
    ...madeByPeople,
    build: buildChurch,
    weight: 1.6,
    supercategory: "church",
    hierarchy: "religious building",
    nouns: ["Church", "Abbey", "Minster"],
  },
  basilica: {
    ...madeByPeople,
    build: buildBasilica,
    weight: 1.1,
    supercategory: "cathedral",
    hierarchy: "religious building",
    nouns: ["Basilica", "Cathedral", "Capitol"],
  },
  mosque: {
    ...madeByPeople,
    build: buildMosque,
    weight: 1,
    supercategory: "mosque",
    hierarchy: "religious building",
    nouns: ["Mosque", "Shrine"],
    grounds: ["plaza", "pool", "lawn", "sand"],
  },
  temple: {
    ...madeByPeople,
    build: buildTemple,
    weight: 1,
    supercategory: "temple",
    hierarchy: "archaeological site",
    nouns: ["Temple", "Treasury"],
    grounds: ["rocks", "lawn", "plaza", "sand"],
  },
  pagoda: {
    ...madeByPeople,
    build: buildPagoda,
    weight: 1,
    supercategory: "pagoda",
    hierarchy: "religious building",
    nouns: ["Pagoda", "Temple Tower"],
    grounds: ["lawn", "pool", "plaza"],
  },
  castle: {
    ...madeByPeople,
    build: buildCastle,
    weight: 1.2,
    supercategory: "castle",
    hierarchy: "fortification",
    nouns: ["Castle", "Fortress", "Citadel"],
    grounds: ["lawn", "rocks", "lawn", "pool"],
  },
  "arch-bridge": {
    ...madeByPeople,
    build: buildArchBridge,
    weight: 0.9,
    supercategory: "arch bridge",
    hierarchy: "bridge",
    nouns: ["Bridge", "Aqueduct", "Viaduct"],
    grounds: ["water", "water", "lawn"],
  },
  "cable-bridge": {
    ...madeByPeople,
    build: buildCableBridge,
    weight: 0.9,
    supercategory: "bridge",
    hierarchy: "bridge",
    nouns: ["Bridge", "Crossing"],
    grounds: ["water"],
  },
  "clock-tower": {
    ...madeByPeople,
    build: buildClockTower,
    weight: 1.1,
    supercategory: "clock tower",
    hierarchy: "tower",
    nouns: ["Clock Tower", "Belfry", "Campanile"],
  },
  "triumphal-arch": {
    ...madeByPeople,
    build: buildTriumphalArch,
    weight: 0.9,
    supercategory: "triumphal arch",
    hierarchy: "monument",
    nouns: ["Arch", "Gate"],
  },
  column: {
    ...madeByPeople,
    build: buildColumn,
    weight: 0.8,
    supercategory: "column",
    hierarchy: "monument",
    nouns: ["Column", "Obelisk", "Memorial"],
  },
  statue: {
    ...madeByPeople,
    build: buildStatue,
    weight: 0.9,
    supercategory: "statue",
    hierarchy: "monument",
    nouns: ["Statue", "Monument"],
  },
  skyscraper: {
    ...madeByPeople,
    build: buildSkyscraper,
    weight: 1.2,
    supercategory: "skyscraper",
    hierarchy: "commercial building",
    nouns: ["Tower", "Centre", "Building"],
    grounds: ["street", "plaza", "pool"],
  },
  palace: {
    ...madeByPeople,
    build: buildPalace,
    weight: 1.5,
    supercategory: "palace",
    hierarchy: "civic building",
    nouns: ["Palace", "Town Hall", "Station"],
  },
  amphitheatre: {
    ...madeByPeople,
    build: buildAmphitheatre,
    weight: 0.6,
    supercategory: "amphitheatre",
    hierarchy: "archaeological site",
    nouns: ["Amphitheatre", "Arena"],
  },
  pyramid: {
    ...madeByPeople,
    build: buildPyramid,
    weight: 0.7,
    supercategory: "pyramid",
    hierarchy: "archaeological site",
    nouns: ["Pyramid"],
    grounds: ["sand", "rocks", "lawn"],
  },
  lighthouse: {
    ...madeByPeople,
    build: buildLighthouse,
    weight: 0.7,
    supercategory: "lighthouse",
    hierarchy: "tower",
    nouns: ["Lighthouse", "Mill"],
    grounds: ["rocks", "sand", "lawn"],
  },
  "lattice-tower": {
    ...madeByPeople,
    build: buildLatticeTower,
    weight: 0.6,
    supercategory: "observation tower",
    hierarchy: "tower",
    nouns: ["Tower"],
    grounds: ["lawn", "plaza", "street"],
  },
  museum: {
    ...madeByPeople,
    build: buildMuseum,
    weight: 1,
    supercategory: "museum",
    hierarchy: "civic building",
    nouns: ["Museum", "Opera House", "Library"],
    grounds: ["plaza", "pool", "lawn"],
  },
  rock: {
    build: buildRock,
    weight: 0.6,
    supercategory: "rock formation",
    hierarchy: "natural landmark",
    isNatural: true,
    nouns: ["Rocks", "Needles", "Stone Arch"],
    grounds: ["sand", "rocks", "water", "lawn"],
  },
};

/** The names of {@link archetypes}, in their order. */
export const archetypeNames: readonly ArchetypeName[] = Object.keys(archetypes) as ArchetypeName[];
