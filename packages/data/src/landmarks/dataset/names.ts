import { pick, type Random } from "../random.ts";

const starts = [
  "Al",
  "Bran",
  "Cor",
  "Dun",
  "El",
  "Far",
  "Gor",
  "Hal",
  "Is",
  "Jar",
  "Kel",
  "Lan",
  "Mar",
  "Nor",
  "Or",
  "Pel",
  "Quin",
  "Ros",
  "Sal",
  "Tor",
  "Ul",
  "Var",
  "Wes",
  "Yor",
  "Zel",
] as const;
const middles = ["a", "e", "i", "o", "u", "en", "ar", "il", "or", "an"] as const;
const ends = [
  "burg",
  "ford",
  "mont",
  "stad",
  "vale",
  "ville",
  "grad",
  "port",
  "nak",
  "mura",
  "pur",
  "bad",
  "dale",
  "wick",
  "lia",
  "ra",
] as const;

/** A name that no other landmark has, such as `Marenport Clock Tower`. */
export function createName(random: Random, nouns: readonly string[], names: Set<string>): string {
  for (;;) {
    const second = random() < names.size / 40_000 ? `-${pick(random, starts)}${pick(random, ends)}` : "";
    const name = `${pick(random, starts)}${pick(random, middles)}${pick(random, ends)}${second} ${pick(random, nouns)}`;
    if (names.has(name)) continue;
    names.add(name);
    return name;
  }
}
