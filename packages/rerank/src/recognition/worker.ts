// The program of the threads of `@lmk/rerank/recognition`. tooling/generate.ts bundles it.
import { serveTasks } from "../threads/serve-tasks.ts";
import { applyQuantilesTask } from "./apply-quantile-transform.ts";
import { learnQuantilesTask } from "./learn-quantile-transform.ts";

void serveTasks([applyQuantilesTask, learnQuantilesTask]);
