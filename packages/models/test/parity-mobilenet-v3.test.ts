import { createMobileNetV3, type MobileNetV3Name } from "@lmk/models";
import { describeAgainstGolden } from "./against-golden.ts";

describeAgainstGolden("mobilenet-v3", (variant) => createMobileNetV3(variant as MobileNetV3Name));
