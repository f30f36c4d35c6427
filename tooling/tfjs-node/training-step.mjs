// A training step written once, with the ops of whichever tfjs it is given: a convolutional network with batch
// normalization, softmax cross-entropy, and SGD with momentum over gradients from tf.valueAndGrads.

export const batch = 8;
const side = 12;
const classes = 4;

const shapes = {
  stem: [3, 3, 3, 8],
  scale: [8],
  shift: [8],
  block: [3, 3, 8, 8],
  head: [8, classes],
};

/** Seeded numbers in [0, 1), enough for a check. */
function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const filled = (shape, draw) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, draw),
});

export function initialState() {
  const random = createRandom(1);
  const draws = { scale: () => 1, shift: () => 0 };
  const parameters = Object.entries(shapes).map(([name, shape]) => {
    return [name, filled(shape, draws[name] ?? (() => random() - 0.5))];
  });
  const velocities = Object.entries(shapes).map(([name, shape]) => {
    return [`velocity/${name}`, filled(shape, () => 0)];
  });
  return Object.fromEntries([...parameters, ...velocities]);
}

export function drawBatch(seed) {
  const random = createRandom(seed + 100);
  const labels = Int32Array.from({ length: batch }, () => Math.floor(random() * classes));
  return {
    images: filled([batch, side, side, 3], () => random() * 2 - 1),
    labels: { shape: [batch], data: labels },
    learningRate: { shape: [], data: Float32Array.of(0.05) },
  };
}

/** The step; `tf` is any tfjs: tfjs-core, tfjs-node or tfjs-node-gpu. */
export function createStep(tf) {
  const names = Object.keys(shapes);
  const network = (parameters, images) => {
    const stem = tf.conv2d(images, parameters.stem, 1, "same");
    const { mean, variance } = tf.moments(stem, [0, 1, 2]);
    const unit = tf.mul(tf.sub(stem, mean), tf.rsqrt(tf.add(variance, 1e-5)));
    const normal = tf.relu(tf.add(tf.mul(unit, parameters.scale), parameters.shift));
    const pooled = tf.maxPool(normal, 2, 2, "valid");
    const block = tf.relu(tf.add(tf.conv2d(pooled, parameters.block, 1, "same"), pooled));
    return tf.matMul(tf.mean(block, [1, 2]), parameters.head);
  };
  return ({ images, labels, learningRate }, state) => {
    const loss = (...arrays) => {
      const parameters = Object.fromEntries(names.map((name, i) => [name, arrays[i]]));
      const logits = network(parameters, images);
      return tf.neg(tf.mean(tf.sum(tf.mul(tf.oneHot(labels, classes), tf.logSoftmax(logits)), 1)));
    };
    const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => state[name]));
    const next = {};
    names.forEach((name, i) => {
      const velocity = tf.add(tf.mul(state[`velocity/${name}`], 0.9), grads[i]);
      next[`velocity/${name}`] = velocity;
      next[name] = tf.sub(state[name], tf.mul(velocity, learningRate));
    });
    return { outputs: { loss: value }, state: next };
  };
}
