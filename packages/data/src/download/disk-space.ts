import { stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { DownloadError } from "./download-error.ts";

/** Bytes that will be written into a folder. */
export interface SpaceNeed {
  readonly folder: string;
  readonly bytes: number;
}

/** Bytes that an ordinary user can still write on the disk of a folder. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws DownloadError if a disk has less space than is needed on it. */
export async function requireDiskSpace(
  needs: readonly SpaceNeed[],
  freeBytes: (folder: string) => Promise<number>,
): Promise<void> {
  const disks = new Map<number, { folder: string; bytes: number }>();
  for (const { folder, bytes } of needs) {
    const existing = await nearestFolder(resolve(folder));
    const disk = disks.get(existing.device) ?? { folder: existing.folder, bytes: 0 };
    disks.set(existing.device, { ...disk, bytes: disk.bytes + bytes });
  }
  for (const { folder, bytes } of disks.values()) {
    const free = await freeBytes(folder);
    if (free >= bytes) continue;
    const message = `${folder}: expected ${bytes} bytes free (${gigabytes(bytes)}), got ${free} (${gigabytes(free)})`;
    throw new DownloadError("no-space", message);
  }
}

/** The folder itself, or the nearest one above it that exists. */
async function nearestFolder(folder: string): Promise<{ folder: string; device: number }> {
  try {
    return { folder, device: (await stat(folder)).dev };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(folder) === folder) throw error;
    return nearestFolder(dirname(folder));
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
