import { stack, type Tensor2D, type Tensor3D, unstack } from "@tensorflow/tfjs-core";
import { withoutGradient } from "../without-gradient.ts";
import type {
  AnchorTriplets,
  MinedPairs,
  MinerInput,
  PairMiner,
  TripletMiner,
  WeightedTriplets,
} from "./miners.ts";

/** The pairs that a miner chooses, as constants. */
export function minePairs(miner: PairMiner, input: MinerInput): MinedPairs {
  const both = withoutGradient([input.distances], (distances) => {
    const { positive, negative } = miner({ ...input, distances: distances as Tensor2D });
    return stack([positive, negative]);
  });
  const [positive, negative] = unstack(both) as [Tensor2D, Tensor2D];
  return { positive, negative };
}

/** The triplets that a miner chooses, as constants. */
export function mineTriplets(miner: TripletMiner, input: MinerInput): AnchorTriplets | WeightedTriplets {
  const kinds: ("anchors" | "triplets")[] = [];
  const chosen = withoutGradient([input.distances], (distances) => {
    const triplets = miner({ ...input, distances: distances as Tensor2D });
    kinds.push(triplets.kind);
    return triplets.kind === "triplets" ? triplets.weights : stack([triplets.positive, triplets.negative]);
  });
  if (kinds[0] === "triplets") return { kind: "triplets", weights: chosen as Tensor3D };
  const [positive, negative] = unstack(chosen) as [Tensor2D, Tensor2D];
  return { kind: "anchors", positive, negative };
}
