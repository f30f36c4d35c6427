/** A file of a repository on the Hugging Face hub, at `HUB/<repository>/resolve/<revision>/<file>`. */
export interface HubWeights {
  /** The repository, as `organization/name`. */
  readonly repository: string;
  /** The file's path in the repository, with `/` between folders. */
  readonly file: string;
  /**
   * A branch, a tag or a commit. A file that is in the cache is not looked up again, so a branch that moved
   * is not noticed: name a commit where that matters.
   *
   * @defaultValue "main"
   */
  readonly revision?: string;
  /** The file's SHA-256, 64 hexadecimal digits. Without it the one that the hub publishes for large files counts. */
  readonly sha256?: string;
  /** The file's length, in bytes. */
  readonly bytes?: number;
}

/** A file that lies anywhere else, such as a release of a reference repository. */
export interface ReleaseWeights {
  /** Where the file is, `https:` or `http:`. */
  readonly url: string;
  /** The file's SHA-256, 64 hexadecimal digits. */
  readonly sha256?: string;
  /** The first hexadecimal digits of the SHA-256, as PyTorch's file names hold them: `resnet50-0676ba61.pth`. */
  readonly sha256Prefix?: string;
  /** The file's length, in bytes. */
  readonly bytes?: number;
}

/** Where a file of weights comes from. */
export type WeightsSource = HubWeights | ReleaseWeights;
