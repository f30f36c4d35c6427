import sharp from "sharp";
import { Photographer, type PhotoOrder } from "../render-photo.ts";
import { type Crop, pixelsOf } from "./crop.ts";
import { writeAtomically } from "./write-atomically.ts";

/** One image file to be made. */
export interface ImageJob extends PhotoOrder {
  readonly path: string;
  readonly jpegQuality: number;
  /** What a copy shows of the photo; null for the photo itself. */
  readonly crop: Crop | null;
}

/** Renders, encodes and writes images one after the other. */
export class ImageWriter {
  #photographer = new Photographer();

  /** Makes one file; the folder it goes to must exist. */
  async write(job: ImageJob): Promise<void> {
    const { data, width, height } = this.#photographer.take(job);
    const image = sharp(data, { raw: { width, height, channels: 3 } });
    if (job.crop !== null) {
      const { longSide } = job;
      image.extract(pixelsOf(job.crop, width, height)).resize(longSide, longSide, { fit: "inside" });
    }
    await writeAtomically(job.path, await image.jpeg({ quality: job.jpegQuality }).toBuffer());
  }
}
