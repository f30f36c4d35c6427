import { createFishNet, type FishNetName } from "@lmk/models";
import { describeAgainstGolden } from "./against-golden.ts";

describeAgainstGolden("fishnet", (variant) => createFishNet(variant as FishNetName));
