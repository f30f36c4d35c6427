import type { NamedArrays as CompileNamedArrays } from "@lmk/compile";
import type { Matrix as DataMatrix, Neighbors as DataNeighbors, Pixels as DataPixels } from "@lmk/data";
import type { Matrix as IndexMatrix, Neighbors as IndexNeighbors } from "@lmk/index";
import type { NamedArrays as LossesNamedArrays, Parameters as LossesParameters } from "@lmk/losses";
import type { NamedArrays as ModelsNamedArrays, Parameters as ModelsParameters } from "@lmk/models";
import type { Pixels as ModelsPixels } from "@lmk/models/images";
import type { Matrix as RerankMatrix, Neighbors as RerankNeighbors } from "@lmk/rerank";
import type { NamedArrays as TrainNamedArrays, Parameters as TrainParameters } from "@lmk/train";
import { expectTypeOf, it } from "vitest";

// Judged by tsc: `expectTypeOf` does nothing at run time, so this folder is part of the type check.
it("gives packages the same structural types, though none imports another", () => {
  expectTypeOf<RerankMatrix>().toEqualTypeOf<IndexMatrix>();
  expectTypeOf<RerankNeighbors>().toEqualTypeOf<IndexNeighbors>();
  expectTypeOf<DataMatrix>().toEqualTypeOf<IndexMatrix>();
  expectTypeOf<DataNeighbors>().toEqualTypeOf<IndexNeighbors>();
  expectTypeOf<DataPixels>().toExtend<ModelsPixels>();
  expectTypeOf<LossesParameters>().toEqualTypeOf<ModelsParameters>();
  expectTypeOf<TrainParameters>().toEqualTypeOf<ModelsParameters>();
  expectTypeOf<LossesNamedArrays>().toEqualTypeOf<ModelsNamedArrays>();
  expectTypeOf<TrainNamedArrays>().toEqualTypeOf<ModelsNamedArrays>();
  expectTypeOf<CompileNamedArrays>().toEqualTypeOf<ModelsNamedArrays>();
});
