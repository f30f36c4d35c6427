import sharp from "sharp";

/** A photo's thumbnail as base64 JPEG, turned as its EXIF orientation says. */
export async function thumbnail(path: string, side = 180): Promise<string> {
  const options = { fit: "inside", withoutEnlargement: true } as const;
  const jpeg = await sharp(path).rotate().resize(side, side, options).jpeg({ quality: 78 }).toBuffer();
  return jpeg.toString("base64");
}
