// The program of the threads of the main entry: each algorithm lists its tasks here. tooling/generate.ts bundles it.
import { diffuseTask } from "../diffusion/diffusion.ts";
import { offlineDiffusionTask } from "../diffusion/offline-diffusion.ts";
import { offlineRerankTask } from "../diffusion/offline-reranking.ts";
import { regionalDiffusionTask } from "../diffusion/regional-diffusion.ts";
import { spectralDiffusionTask } from "../diffusion/spectral-diffusion.ts";
import { spectrumTask } from "../diffusion/spectrum.ts";
import { truncatedDiffusionTask } from "../diffusion/truncated-diffusion.ts";
import { discriminativeTask } from "../expansion/discriminative-query-expansion.ts";
import { neighborSimilaritiesTask } from "../expansion/given-weights.ts";
import { unitLengthTask } from "../expansion/require-expansion.ts";
import { weightedSumTask } from "../expansion/weighted-sum.ts";
import { semiSupervisedTask } from "../exploration/semi-supervised-traversal.ts";
import { traversalTask } from "../exploration/traversal.ts";
import { propagateTask } from "../gnn/propagate.ts";
import { rankCandidatesTask } from "../gnn/rank-candidates.ts";
import { scorePropagatedTask } from "../gnn/score-propagated.ts";
import { scoreByRanksTask } from "../knn-rank/score-by-ranks.ts";
import { fastKReciprocalTask } from "../labels/fast-k-reciprocal.ts";
import { averageRowsTask } from "../reciprocal/average-rows.ts";
import { encodeTask, weighTask } from "../reciprocal/encode-neighbors.ts";
import { pairProductsTask } from "../reciprocal/missing-similarities.ts";
import { reciprocalRanksTask } from "../reciprocal/reciprocal-ranks.ts";
import { scoreJaccardTask } from "../reciprocal/score-jaccard.ts";
import { scoreStmlTask } from "../reciprocal/score-stml.ts";
import { spreadTask } from "../regularized-diffusion/spread.ts";
import { shortlistTask } from "../superglobal/shortlist.ts";
import { serveTasks } from "./serve-tasks.ts";

void serveTasks([
  diffuseTask,
  offlineDiffusionTask,
  offlineRerankTask,
  regionalDiffusionTask,
  spectralDiffusionTask,
  spectrumTask,
  truncatedDiffusionTask,
  fastKReciprocalTask,
  discriminativeTask,
  neighborSimilaritiesTask,
  unitLengthTask,
  weightedSumTask,
  propagateTask,
  rankCandidatesTask,
  scorePropagatedTask,
  averageRowsTask,
  encodeTask,
  weighTask,
  pairProductsTask,
  reciprocalRanksTask,
  scoreJaccardTask,
  scoreStmlTask,
  semiSupervisedTask,
  traversalTask,
  shortlistTask,
  scoreByRanksTask,
  spreadTask,
]);
