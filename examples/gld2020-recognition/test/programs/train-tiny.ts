/** A rank of the first two epochs of a tiny training: `mpirun -np 2 … train-tiny.ts DATA OUT`, with the images that `generateTiny` made in DATA. */
import { openMpi } from "@lmk/train/mpi";
import { runTraining } from "../../src/run-training.ts";
import { tinyTraining } from "../tiny-training.ts";

const [folder, out] = process.argv.slice(2) as [string, string];
const communicator = await openMpi({ timeoutSeconds: 60 });
const options = await tinyTraining(folder, out);
await runTraining({
  ...options,
  run: { ...options.run, batchSize: 8 / communicator.size, devices: communicator.size, stopAtEpoch: 2 },
  communicator,
});
await communicator.close();
