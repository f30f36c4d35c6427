/** What threads run: a bundle as text, which pages load only when they start threads. */
export interface ThreadProgram {
  readonly load: () => Promise<{ readonly source: string }>;
}

/** That of all tasks of the package's main entry. */
export const mainProgram: ThreadProgram = { load: () => import("../generated/worker.ts") };
