import { createReXNet, type ReXNetName } from "@lmk/models";
import { describeAgainstGolden } from "./against-golden.ts";

describeAgainstGolden("rexnet", (variant) => createReXNet(variant as ReXNetName));
