import type { CompletedStage } from "./run-folder.ts";

/** Runs a stage for each method, one after another; the stages come by the methods' names. */
export async function stageOfEach<Method extends { readonly name: string }>(
  methods: readonly Method[],
  run: (method: Method) => Promise<CompletedStage>,
): Promise<ReadonlyMap<string, CompletedStage>> {
  const stages = new Map<string, CompletedStage>();
  for (const method of methods) stages.set(method.name, await run(method));
  return stages;
}
