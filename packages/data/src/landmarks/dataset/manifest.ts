import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Recipe } from "./options.ts";
import { writeAtomically } from "./write-atomically.ts";

/** The file that says how a folder was made and whether it is complete. */
export const manifestName = "landmarks.json";

/** Counts up whenever the same recipe would give other bytes. */
const rendererVersion = 1;

/** What the file holds. */
export interface Manifest {
  readonly format: "lmk-landmarks";
  readonly renderer: number;
  readonly recipe: Partial<Recipe>;
  readonly isComplete: boolean;
  /** SHA-256 of each CSV file; empty until the folder is complete. */
  readonly tables: Readonly<Record<string, string>>;
}

/** Options that came later, with what folders made before them hold; a manifest names them only where they differ. */
const laterOptions: Partial<Recipe> = { duplicateRate: 0, sceneDifficulty: 0.5 };

/** Marks a folder as being made from a recipe, or refuses a folder that holds something else. */
export async function claimFolder(folder: string, recipe: Recipe): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  if (names.includes(manifestName)) {
    const difference = findDifference(await readFile(join(folder, manifestName), "utf8"), recipe);
    if (difference === null) return;
    refuse(`to be empty or made with the same options`, `${folder} ${difference}`);
  }
  const strange = names.filter((name) => name !== `${manifestName}.partial`);
  if (strange.length > 0) refuse("to be empty or made by it", `${folder} with ${strange[0]} in it`);
  await writeManifest(folder, recipe, null);
}

/** Writes the tables, then marks the folder as complete. */
export async function completeFolder(
  folder: string,
  recipe: Recipe,
  tables: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, content] of Object.entries(tables)) await writeAtomically(join(folder, name), content);
  const hashes = Object.entries(tables).map(([name, content]) => [
    name,
    createHash("sha256").update(content).digest("hex"),
  ]);
  await writeManifest(folder, recipe, Object.fromEntries(hashes) as Record<string, string>);
}

async function writeManifest(
  folder: string,
  recipe: Recipe,
  tables: Readonly<Record<string, string>> | null,
): Promise<void> {
  const manifest: Manifest = {
    format: "lmk-landmarks",
    renderer: rendererVersion,
    recipe: withoutLater(recipe),
    isComplete: tables !== null,
    tables: tables ?? {},
  };
  await writeAtomically(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
}

function withoutLater(recipe: Recipe): Partial<Recipe> {
  const entries = Object.entries(recipe) as [keyof Recipe, unknown][];
  return Object.fromEntries(entries.filter(([key, value]) => laterOptions[key] !== value));
}

/** In words, how a folder differs from a recipe; null if it does not. */
function findDifference(text: string, recipe: Recipe): string | null {
  let found: Partial<Manifest>;
  try {
    found = JSON.parse(text) as Partial<Manifest>;
  } catch {
    return `whose ${manifestName} is not JSON`;
  }
  if (found?.format !== "lmk-landmarks") return `whose ${manifestName} is of another program`;
  if (found.renderer !== rendererVersion)
    return `made by version ${found.renderer} of the renderer instead of ${rendererVersion}`;
  for (const key of Object.keys(recipe) as (keyof Recipe)[]) {
    const was = JSON.stringify(found.recipe?.[key] ?? laterOptions[key]);
    if (was !== JSON.stringify(recipe[key]))
      return `made with \`${key}\` ${was} instead of ${JSON.stringify(recipe[key])}`;
  }
  return null;
}

function refuse(expected: string, actual: string): never {
  throw new RangeError(
    `generateLandmarks: expected \`folder\` ${expected}, got ${actual}; choose another folder or delete it`,
  );
}
