import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "./write-atomically.ts";

/** The file that says how a folder was made and whether it is complete. */
export const manifestName = "landmarks.json";

/** Counts up whenever the same recipe would give other bytes. */
const rendererVersion = 1;

/** The kinds of folders. */
export interface FolderKind<Recipe> {
  readonly format: string;
  /** The function that makes them. */
  readonly caller: string;
  /** Options that came later, with what folders made before them hold; a manifest names them only where they differ. */
  readonly laterOptions: Partial<Recipe>;
}

/** What the file holds. */
export interface Manifest<Recipe> {
  readonly format: string;
  readonly renderer: number;
  readonly recipe: Partial<Recipe>;
  readonly isComplete: boolean;
  /** SHA-256 of each file that is no image; empty until the folder is complete. */
  readonly tables: Readonly<Record<string, string>>;
}

/** Marks a folder as being made from a recipe, or refuses a folder that holds something else. */
export async function claimFolder<Recipe extends object>(
  kind: FolderKind<Recipe>,
  folder: string,
  recipe: Recipe,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  if (names.includes(manifestName)) {
    const difference = findDifference(await readFile(join(folder, manifestName), "utf8"), kind, recipe);
    if (difference === null) return;
    refuse(kind, `to be empty or made with the same options`, `${folder} ${difference}`);
  }
  const strange = names.filter((name) => !(name.startsWith(`${manifestName}.`) && name.endsWith(".partial")));
  if (strange.length > 0) refuse(kind, "to be empty or made by it", `${folder} with ${strange[0]} in it`);
  await writeManifest(kind, folder, recipe, null);
}

/** Writes the tables, then marks the folder as complete. */
export async function completeFolder<Recipe extends object>(
  kind: FolderKind<Recipe>,
  folder: string,
  recipe: Recipe,
  tables: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, content] of Object.entries(tables)) await writeAtomically(join(folder, name), content);
  const hashes = Object.entries(tables).map(([name, content]) => [
    name,
    createHash("sha256").update(content).digest("hex"),
  ]);
  await writeManifest(kind, folder, recipe, Object.fromEntries(hashes) as Record<string, string>);
}

async function writeManifest<Recipe extends object>(
  kind: FolderKind<Recipe>,
  folder: string,
  recipe: Recipe,
  tables: Readonly<Record<string, string>> | null,
): Promise<void> {
  const manifest: Manifest<Recipe> = {
    format: kind.format,
    renderer: rendererVersion,
    recipe: withoutLater(kind, recipe),
    isComplete: tables !== null,
    tables: tables ?? {},
  };
  await writeAtomically(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
}

function withoutLater<Recipe extends object>(
  { laterOptions }: FolderKind<Recipe>,
  recipe: Recipe,
): Partial<Recipe> {
  const entries = Object.entries(recipe) as [keyof Recipe, unknown][];
  return Object.fromEntries(entries.filter(([key, value]) => laterOptions[key] !== value)) as Partial<Recipe>;
}

/** In words, how a folder differs from a recipe; null if it does not. */
function findDifference<Recipe extends object>(
  text: string,
  { format, laterOptions }: FolderKind<Recipe>,
  recipe: Recipe,
): string | null {
  let found: Partial<Manifest<Recipe>>;
  try {
    found = JSON.parse(text) as Partial<Manifest<Recipe>>;
  } catch {
    return `whose ${manifestName} is not JSON`;
  }
  if (found?.format !== format) return `whose ${manifestName} is of another program`;
  if (found.renderer !== rendererVersion)
    return `made by version ${found.renderer} of the renderer instead of ${rendererVersion}`;
  for (const key of Object.keys(recipe) as (keyof Recipe & string)[]) {
    const was = JSON.stringify(found.recipe?.[key] ?? laterOptions[key]);
    if (was !== JSON.stringify(recipe[key]))
      return `made with \`${key}\` ${was} instead of ${JSON.stringify(recipe[key])}`;
  }
  return null;
}

function refuse({ caller }: { readonly caller: string }, expected: string, actual: string): never {
  throw new RangeError(
    `${caller}: expected \`folder\` ${expected}, got ${actual}; choose another folder or delete it`,
  );
}
