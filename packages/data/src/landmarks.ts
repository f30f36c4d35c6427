export { type ContactSheetOptions, writeContactSheet } from "./landmarks/contact-sheet.ts";
export { type Continent, type LandmarkCountry, landmarkCountries } from "./landmarks/dataset/countries.ts";
export { type LandmarkDifficulty, landmarkDifficulties } from "./landmarks/dataset/difficulties.ts";
export type { GenerateOptions, GenerateProgress } from "./landmarks/dataset/options.ts";
export { type GenerateReport, generateLandmarks } from "./landmarks/generate.ts";
export { type GenerateRevisitedReport, generateRevisited } from "./landmarks/generate-revisited.ts";
export type { GenerateRevisitedOptions } from "./landmarks/revisited/options.ts";
