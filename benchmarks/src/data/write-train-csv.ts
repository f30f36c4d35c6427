import { closeSync, openSync, writeSync } from "node:fs";
import { createRandom } from "../measure/random.ts";

/** Rows of the train.csv of Google Landmarks v2. */
export const gldv2Rows = 4_132_914;
const landmarks = 203_094;

const words = ["Castle", "View", "Igreja", "%C3%89glise", "Old_Town", "Bridge", "from_the_north", "2008-07"];

/**
 * Writes a seeded train.csv: different ids, URLs as long as those of Wikimedia Commons, of which one in fifty
 * has a comma and is quoted (none of the published ones is), and landmarks of which few are common.
 */
export function writeTrainCsv(file: string, rows: number): void {
  const random = createRandom(1);
  const out = openSync(file, "w");
  let text = "id,url,landmark_id\n";
  for (let row = 0; row < rows; row++) {
    // An odd factor takes different rows to different words.
    const id = digits(random() * 2 ** 32) + digits(Math.imul(row, 0x9e3779b1));
    const landmark = row < landmarks ? row : Math.floor(landmarks * random() ** 3);
    text += `${id},${urlOf(random)},${landmark}\n`;
    if (text.length > 1 << 20) {
      writeSync(out, text);
      text = "";
    }
  }
  writeSync(out, text);
  closeSync(out);
}

function urlOf(random: () => number): string {
  const hash = digits(random() * 2 ** 32);
  const name = [0, 1, 2].map(() => words[Math.floor(random() * words.length)]).join("_");
  const number = Math.floor(random() * 1e9);
  const folder = `https://upload.wikimedia.org/wikipedia/commons/${hash[0]}/${hash.slice(0, 2)}`;
  const isQuoted = random() < 0.02;
  return isQuoted ? `"${folder}/${name},_${number}.jpg"` : `${folder}/${name}_${number}.jpg`;
}

function digits(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
