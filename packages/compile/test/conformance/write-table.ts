/** Writes `docs/compile-kernels.md`: `pnpm --filter @lmk/compile table`. */
import { writeFileSync } from "node:fs";
import { allCases } from "./all-cases.ts";
import { kernelTable } from "./kernel-table.ts";
import { readWebgpuRecord } from "./webgpu-record.ts";

const file = new URL("../../../../docs/compile-kernels.md", import.meta.url);
writeFileSync(file, kernelTable(allCases, readWebgpuRecord()));
