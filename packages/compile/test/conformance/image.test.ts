import { describeCases } from "./check-case.ts";
import { imageCases } from "./image.ts";

describeCases("image", imageCases);
