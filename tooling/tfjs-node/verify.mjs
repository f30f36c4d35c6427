// Checks a folder that build.mjs made: `node tooling/tfjs-node/verify.mjs FOLDER`. A few ops and a gradient on the
// backend "tensorflow" against tfjs's CPU backend, then the time of one convolution.
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const folder = process.argv[2];
if (folder === undefined) {
  console.error("usage: node tooling/tfjs-node/verify.mjs FOLDER");
  process.exit(2);
}
const tf = createRequire(join(resolve(folder), "package.json"))("@tensorflow/tfjs-node");

const checks = {
  "matMul [64, 96] x [96, 32]": () =>
    tf.matMul(tf.randomNormal([64, 96], 0, 1, "float32", 1), tf.randomNormal([96, 32], 0, 1, "float32", 2)),
  "conv2d 3x3 over [2, 17, 17, 8], stride 2": () =>
    tf.conv2d(
      tf.randomNormal([2, 17, 17, 8], 0, 1, "float32", 3),
      tf.randomNormal([3, 3, 8, 12], 0, 1, "float32", 4),
      2,
      "same",
    ),
  "gradient of conv2d by its filter": () => {
    const images = tf.randomNormal([2, 9, 9, 4], 0, 1, "float32", 5);
    const loss = (filter) => tf.mean(tf.square(tf.conv2d(images, filter, 1, "same")));
    return tf.grad(loss)(tf.randomNormal([3, 3, 4, 4], 0, 1, "float32", 6));
  },
};

/** Values must not be what a tidied function returns: tf.tidy would look for tensors in every element. */
function valuesOn(backend, check) {
  tf.setBackend(backend);
  const result = tf.tidy(check);
  const values = result.dataSync();
  result.dispose();
  return values;
}

console.log(`node ${process.versions.node}, tfjs ${tf.version["tfjs-core"]}, backend ${tf.getBackend()}`);
console.log(`tfjs-node ${tf.version["tfjs-node"]}, TensorFlow ${tf.backend().binding.TF_Version}`);

let failed = false;
for (const [name, check] of Object.entries(checks)) {
  const native = valuesOn("tensorflow", check);
  const plain = valuesOn("cpu", check);
  const scale = Math.max(...plain.map(Math.abs));
  const error = Math.max(...plain.map((value, i) => Math.abs(value - native[i]))) / scale;
  const agrees = native.length === plain.length && error < 1e-5;
  failed ||= !agrees;
  console.log(
    `${agrees ? "agrees " : "DIFFERS"} ${name}: largest error ${error.toExponential(1)} of the largest value`,
  );
}

function medianMilliseconds(backend, runs) {
  tf.setBackend(backend);
  const images = tf.randomNormal([8, 32, 32, 64], 0, 1, "float32", 7);
  const filter = tf.randomNormal([3, 3, 64, 64], 0, 1, "float32", 8);
  const times = Array.from({ length: runs + 1 }, () => {
    const started = performance.now();
    const result = tf.conv2d(images, filter, 1, "same");
    result.dataSync();
    const elapsed = performance.now() - started;
    result.dispose();
    return elapsed;
  });
  tf.dispose([images, filter]);
  return times.slice(1).sort((a, b) => a - b)[Math.floor(runs / 2)];
}

const native = medianMilliseconds("tensorflow", 21);
const plain = medianMilliseconds("cpu", 3);
console.log(
  `conv2d 3x3, 64 to 64 channels, 32 x 32, batch 8: ${native.toFixed(1)} ms on "tensorflow", ${plain.toFixed(0)} ms on "cpu"`,
);
if (failed) process.exit(1);
