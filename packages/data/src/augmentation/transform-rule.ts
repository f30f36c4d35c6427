import type { Size } from "../samplers/size-templates.ts";
import type { Pixels } from "./pixels.ts";

/** A stream of uniform numbers in [0, 1). */
export type Random = () => number;

/** What a transform needs from outside of this package's plain JavaScript. */
export interface ImageCodec {
  /** Encodes an image as JPEG and decodes it again. */
  readonly reencodeJpeg: (pixels: Pixels, quality: number) => Promise<Pixels>;
}

/** How a transform is checked, drawn and done. The table in `transforms.ts` has one of each name. */
export interface TransformRule<Transform, Draw> {
  /** Refuses parameters that are out of range. */
  readonly check: (caller: string, transform: Transform) => void;
  /**
   * What happens to one image; `undefined` for nothing. Each transform has a stream of its own, so how many numbers it
   * takes changes nothing for the others. `target` is the size that the network takes.
   */
  readonly draw: (transform: Transform, size: Size, random: Random, target: Size) => Draw | undefined;
  /** The size that comes out; the same where it is not given. */
  readonly sizeAfter?: (draw: Draw, size: Size) => Size;
  /** Does to bytes what was drawn, in new bytes or the same ones if nothing changes. */
  readonly apply?: (pixels: Pixels, draw: Draw, codec: ImageCodec | undefined) => Pixels | Promise<Pixels>;
  /**
   * Does it in place to a normalized image, `size.height * size.width * 3` numbers: for transforms that come after
   * normalization, which are the last of an augmentation.
   */
  readonly applyNormalized?: (image: Float32Array, size: Size, draw: Draw) => void;
}
