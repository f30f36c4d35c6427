import { type AlikeName, createAlike } from "@lmk/models";
import { describeAgainstGolden } from "./against-golden.ts";

describeAgainstGolden("alike", (variant) => createAlike(variant as AlikeName));
