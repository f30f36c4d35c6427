import * as tf from "@tensorflow/tfjs-core";
import { rotationSources } from "../kernels/image.ts";
import type { Gradients } from "./gradient.ts";

/** Each pixel's gradient, added to the pixel that it shows. */
function rotationGradient(dy: tf.Tensor4D, attrs: tf.NamedAttrMap): tf.Tensor {
  const [batch, height, width, channels] = dy.shape;
  const pixels = height * width;
  const sources = tf.tensor1d(rotationSources(dy.shape, attrs as Readonly<Record<string, unknown>>), "int32");
  const rows = tf.transpose(tf.reshape(dy, [batch, pixels, channels]), [1, 0, 2]);
  const summed = tf.unsortedSegmentSum(rows, sources, pixels);
  return tf.reshape(tf.transpose(summed, [1, 0, 2]), dy.shape);
}

/** Gradients of image kernels, for which tfjs has none. Boxes are constants: only the image is differentiated. */
export const imageGradients: Gradients = {
  FlipLeftRight: {
    gradFunc: (dy) => ({ image: () => tf.image.flipLeftRight(dy as tf.Tensor4D) }),
  },
  RotateWithOffset: {
    gradFunc: (dy, _, attrs) => ({ image: () => rotationGradient(dy as tf.Tensor4D, attrs) }),
  },
  CropAndResize: {
    inputsToSave: ["image", "boxes", "boxInd"],
    gradFunc: (dy, [image, boxes, boxInd], attrs) => ({
      image: () =>
        tf
          .engine()
          .runKernel(
            "CropAndResizeGradImage",
            { dy: dy as tf.Tensor, image, boxes, boxInd },
            attrs,
          ) as tf.Tensor,
    }),
  },
  DepthToSpace: {
    gradFunc: (dy, _, attrs) => ({
      x: () => tf.engine().runKernel("DepthToSpaceGrad", { dy: dy as tf.Tensor }, attrs) as tf.Tensor,
    }),
  },
};
