import { stringify } from "yaml";
import { UserError } from "../user-error.ts";
import type { Job, LaunchOptions } from "./job.ts";

/** Tries of each task before the job fails. */
const retries = 3;

/** The manifest of a Job, indexed if it has several tasks. It is made with a new name at each `kubectl create`. */
export function kubernetesManifest(
  job: Job,
  { image, volume }: Pick<LaunchOptions, "image" | "volume">,
): string {
  const { name, tasks } = job;
  const [claim, mountPath] = requireVolume(volume);
  if (image === undefined)
    throw new UserError("kubernetes: expected a container image, got none; pass --image");
  if (job.extra.length > 0) {
    throw new UserError(
      `kubernetes: expected no --extra, got ${job.extra[0]}; edit what --dry-run prints instead`,
    );
  }
  const indexed = {
    completionMode: "Indexed",
    completions: tasks,
    parallelism: tasks,
    backoffLimitPerIndex: retries,
  };
  const container = {
    name: "main",
    image,
    command: [...job.command],
    workingDir: job.workingFolder,
    resources: resourcesOf(job),
    volumeMounts: [{ name: "work", mountPath }],
  };
  return stringify({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { generateName: `${name}-` },
    spec: {
      ...(tasks === undefined ? { backoffLimit: retries } : indexed),
      template: {
        spec: {
          restartPolicy: "Never",
          activeDeadlineSeconds: Math.ceil(job.hours * 3600),
          containers: [container],
          volumes: [{ name: "work", persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  });
}

function resourcesOf({ cpus, memory, gpus }: Job): Record<"requests" | "limits", Record<string, string>> {
  const bytes = memory === undefined ? {} : { memory: `${memory}i` };
  const devices = gpus === 0 ? {} : { "nvidia.com/gpu": `${gpus}` };
  return { requests: { cpu: `${cpus}`, ...bytes }, limits: { ...bytes, ...devices } };
}

function requireVolume(volume: string | undefined): [string, string] {
  const [, claim, path] = /^([a-z0-9][a-z0-9.-]*):(\/.+)$/.exec(volume ?? "") ?? [];
  if (claim !== undefined && path !== undefined) return [claim, path];
  throw new UserError(
    `kubernetes: expected a volume claim and where it is mounted, got ${volume ?? "none"}; pass --volume CLAIM:/PATH`,
  );
}
