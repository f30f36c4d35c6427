import type { LandmarksConfig } from "./prepare-landmarks.ts";
import type { StandIn } from "./stand-in.ts";
import type { TrainingsConfig } from "./trainings.ts";

/** The settings that every system of several networks has. */
export interface SystemConfig extends LandmarksConfig {
  /** A training that stands in for weights learned on ImageNet; none where `--init` brings them. */
  readonly standIn: StandIn | undefined;
  readonly training: TrainingsConfig;
}
