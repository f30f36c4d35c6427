/** A part of an image, or one that reaches beyond it, in pixels. */
export interface Rectangle {
  /** Columns left of it; negative where it begins outside. */
  readonly left: number;
  /** Rows above it; negative where it begins outside. */
  readonly top: number;
  /** At least 1. */
  readonly width: number;
  /** At least 1. */
  readonly height: number;
}
