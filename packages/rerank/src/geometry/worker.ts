// The program of the threads of `@lmk/rerank/geometry`. tooling/generate.ts bundles it.
import { serveTasks } from "../threads/serve-tasks.ts";
import { countInliersTask } from "./count-inliers.ts";

void serveTasks([countInliersTask]);
