/** A file and where it comes from. */
export interface FileToDownload {
  /** Its address, `http:` or `https:`. */
  readonly url: string;
  /** Where it will stand; while it comes, its bytes are in `<path>.partial`. */
  readonly path: string;
  /** Its size where that is known; another size is an error. */
  readonly bytes?: number;
  /** Its MD5 sum, 32 hexadecimal digits. */
  readonly md5?: string;
  /** Its SHA-256 sum, 64 hexadecimal digits; looked at instead of `md5` where both are given. */
  readonly sha256?: string;
}
