/**
 * The file that the threads of the loader run: the built one beside the built entry. From TypeScript source it is that of
 * the source where Node runs TypeScript by itself, else null: then the calling thread loads.
 */
export function findWorkerFile(moduleUrl: string): URL | null {
  if (!moduleUrl.endsWith(".ts")) return new URL("./images/worker.js", moduleUrl);
  const runsTypeScript = "typescript" in process.features && Boolean(process.features.typescript);
  return runsTypeScript ? new URL("./worker.ts", moduleUrl) : null;
}
