import { describeCases } from "./check-case.ts";
import { movementCases } from "./movement.ts";

describeCases("movement", movementCases);
