/** The continents, named as the usual lists of country codes name them. */
export type Continent = "Africa" | "Asia" | "Europe" | "North America" | "Oceania" | "South America";

/** A country that a generated landmark can stand in. */
export interface LandmarkCountry {
  /** ISO 3166-1 alpha-2. */
  readonly code: string;
  readonly continent: Continent;
  /** 0 for a country without winter, 1 for one with much snow. */
  readonly coldness: number;
  /** How many landmarks it has, beside the others. */
  readonly weight: number;
}

/** The countries of the generated landmarks, with more of them in Europe, as in the published data set. */
export const landmarkCountries: readonly LandmarkCountry[] = [
  { code: "AT", continent: "Europe", coldness: 0.8, weight: 3 },
  { code: "AU", continent: "Oceania", coldness: 0.1, weight: 3 },
  { code: "BR", continent: "South America", coldness: 0, weight: 2 },
  { code: "CA", continent: "North America", coldness: 0.9, weight: 3 },
  { code: "CL", continent: "South America", coldness: 0.3, weight: 1 },
  { code: "CN", continent: "Asia", coldness: 0.5, weight: 4 },
  { code: "CZ", continent: "Europe", coldness: 0.7, weight: 3 },
  { code: "DE", continent: "Europe", coldness: 0.6, weight: 6 },
  { code: "EG", continent: "Africa", coldness: 0, weight: 2 },
  { code: "ES", continent: "Europe", coldness: 0.2, weight: 5 },
  { code: "FR", continent: "Europe", coldness: 0.4, weight: 7 },
  { code: "GB", continent: "Europe", coldness: 0.4, weight: 6 },
  { code: "GR", continent: "Europe", coldness: 0.1, weight: 2 },
  { code: "IN", continent: "Asia", coldness: 0, weight: 4 },
  { code: "IT", continent: "Europe", coldness: 0.3, weight: 7 },
  { code: "JP", continent: "Asia", coldness: 0.5, weight: 5 },
  { code: "KE", continent: "Africa", coldness: 0, weight: 1 },
  { code: "MA", continent: "Africa", coldness: 0.1, weight: 2 },
  { code: "MX", continent: "North America", coldness: 0.1, weight: 3 },
  { code: "NO", continent: "Europe", coldness: 0.95, weight: 2 },
  { code: "NZ", continent: "Oceania", coldness: 0.3, weight: 1 },
  { code: "PE", continent: "South America", coldness: 0.2, weight: 1 },
  { code: "PL", continent: "Europe", coldness: 0.8, weight: 4 },
  { code: "RU", continent: "Europe", coldness: 1, weight: 5 },
  { code: "TH", continent: "Asia", coldness: 0, weight: 2 },
  { code: "TR", continent: "Asia", coldness: 0.3, weight: 2 },
  { code: "US", continent: "North America", coldness: 0.5, weight: 8 },
  { code: "ZA", continent: "Africa", coldness: 0.1, weight: 1 },
];

/** Their codes, in the order of {@link landmarkCountries}. */
export const countryCodes: readonly string[] = landmarkCountries.map(({ code }) => code);
