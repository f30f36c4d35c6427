export { type Continent, type LandmarkCountry, landmarkCountries } from "./landmarks/dataset/countries.ts";
export type { GenerateOptions, GenerateProgress } from "./landmarks/dataset/options.ts";
export { type GenerateReport, generateLandmarks } from "./landmarks/generate.ts";
