import type { RerankResults } from "./rerank-results.ts";
export function rerankPlot(results: RerankResults): string {
  return `<svg xmlns="http://www.w3.org/2000/svg"><!-- ${results.set.name} --></svg>`;
}
