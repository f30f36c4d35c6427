import { parentPort } from "node:worker_threads";
import { type ImageJob, ImageWriter } from "./dataset/image-writer.ts";
import { detailsOf, type WorkerReply } from "./worker-pool.ts";

const port = parentPort;
const writer = new ImageWriter();

port?.on("message", async (jobs: readonly ImageJob[]) => {
  try {
    for (const job of jobs) {
      await writer.write(job);
      port.postMessage({ kind: "image" } satisfies WorkerReply);
    }
    port.postMessage({ kind: "idle" } satisfies WorkerReply);
  } catch (error) {
    port.postMessage({ kind: "error", error, details: detailsOf(error) } satisfies WorkerReply);
  }
});
