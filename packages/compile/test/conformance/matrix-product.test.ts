import { describeCases } from "./check-case.ts";
import { matrixProductCases } from "./matrix-product.ts";

describeCases("matrix-product", matrixProductCases);
