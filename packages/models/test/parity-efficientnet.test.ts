import { createEfficientNet, type EfficientNetName } from "@lmk/models";
import { describeAgainstGolden } from "./against-golden.ts";

describeAgainstGolden("efficientnet", (variant) => createEfficientNet(variant as EfficientNetName));
