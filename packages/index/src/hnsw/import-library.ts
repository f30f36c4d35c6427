import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/**
 * Finds a package, sees whether it loads, and gives the URL that a thread can import it from. Alone in its file so that
 * a test can play a package's absence.
 */
export async function importLibrary(packageName: string): Promise<string> {
  const url = pathToFileURL(createRequire(import.meta.url).resolve(packageName)).href;
  await import(/* @vite-ignore */ /* webpackIgnore: true */ url);
  return url;
}
