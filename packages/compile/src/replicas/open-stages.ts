import type { InferenceSession } from "onnxruntime-node";
import { inTurn } from "../cleanup.ts";
import { CompileError } from "../compile-error.ts";
import type { FinishedGraph } from "../graph.ts";
import { type CacheUse, explainLoad, openSession, type SessionSettings } from "../session.ts";
import { type CutGraph, cutGraph } from "./cut.ts";

/** A graph in stages, each loaded. */
export interface OpenStages {
  readonly sessions: readonly InferenceSession[];
  readonly cut: CutGraph;
  /** `"hit"` if all stages were in the cache, `"off"` if one stayed out of it. */
  readonly use: CacheUse;
}

/** Cuts a graph at its replica means and loads the stages; if one fails, the others are freed. */
export async function openStages(
  graph: FinishedGraph,
  bucketBytes: number,
  settings: SessionSettings,
): Promise<OpenStages> {
  const cut = await cutGraph(graph, bucketBytes).catch(async (error) => {
    throw error instanceof CompileError ? error : await explainLoad(error, graph, settings.provider);
  });
  const sessions: InferenceSession[] = [];
  const uses: CacheUse[] = [];
  try {
    for (const [i, stage] of cut.stages.entries()) {
      const profile = settings.profile === undefined ? undefined : `${settings.profile}-${i}`;
      const { session, cache } = await openSession(stage.graph, { ...settings, profile, isStage: true });
      sessions.push(session);
      uses.push(cache);
    }
  } catch (error) {
    await inTurn(sessions.map((session) => () => session.release()));
    throw error;
  }
  const use = (["off", "miss"] as const).find((one) => uses.includes(one)) ?? "hit";
  return { sessions, cut, use };
}
