// The process that conformance.mjs starts, with tsx, to run cases: tfjs-node ends it where TensorFlow aborts.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { loadTfjsNode } from "./load.mjs";
import { acceptPaddings } from "./paddings.mjs";
import { createStep, drawBatch, initialState } from "./training-step.mjs";

const [folder, runs, seed, paddings] = process.argv.slice(2);
const compilePackage = new URL("../../packages/compile/", import.meta.url);
const requireThere = createRequire(new URL("package.json", compilePackage));
const tfjsNode = loadTfjsNode(folder, fileURLToPath(new URL("package.json", compilePackage)));
if (paddings === "true") acceptPaddings(tfjsNode);

const load = (path) => import(new URL(path, compilePackage).href);
const fastCheck = requireThere("fast-check");
const { runEagerly } = await load("test/against-tfjs.ts");
const { groups } = await load("test/conformance/all-cases.ts");
const { compileExample, expectedOf } = await load("test/conformance/check-example.ts");
const { compile, createState } = await load("src/index.ts");

const cases = Object.entries(groups).flatMap(([group, members]) =>
  members.map((member) => ({ group, member })),
);

/** The largest error, relative to the largest expected element; infinite where shapes, types or NaNs differ. */
function errorOf(actual, expected) {
  const sameType = actual?.data.constructor === expected.data.constructor;
  if (!sameType || actual.shape.join() !== expected.shape.join()) return Number.POSITIVE_INFINITY;
  const finite = expected.data.filter(Number.isFinite);
  const scale = finite.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-3);
  let worst = 0;
  expected.data.forEach((value, i) => {
    const other = actual.data[i];
    if (other === value || (Number.isNaN(other) && Number.isNaN(value))) return;
    const error = Math.abs(other - value) / scale;
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  });
  return worst;
}

/** The array of `expected` in which `actual` is worst. */
function compare(actual, expected) {
  const errors = Object.entries(expected).map(([name, array]) => [errorOf(actual[name], array), name]);
  const [error, name] = errors.reduce((worst, entry) => (entry[0] > worst[0] ? entry : worst));
  return { error, name };
}

const shapesOf = (inputs) =>
  Object.entries(inputs)
    .map(([name, { shape }]) => `${name} [${shape.join(", ")}]`)
    .join(", ");

function describeDifference({ error, name }, { inputs }) {
  const how = Number.isFinite(error)
    ? `by ${error.toExponential(1)}`
    : "in shape, type or an element not finite";
  return `${name} ${how} at ${shapesOf(inputs)}`;
}

/** What was thrown, on one line; a kernel that is not registered is called lacking. */
function describeThrown(error) {
  const message = String(error instanceof Error ? error.message : error);
  const lacking = /Kernel '(\w+)' not registered for backend 'tensorflow'/.exec(message);
  return { lacks: lacking?.[1], message: message.replaceAll(/\s+/g, " ").slice(0, 200) };
}

async function runExample(example, member) {
  const tolerance = member.tolerance ?? 1e-5;
  const plain = expectedOf(example, member, "cpu");
  const { compiled, feeds } = await compileExample(example, member);
  const outputs = await compiled.run(feeds);
  await compiled.dispose();
  const ours = compare(outputs, plain);
  const result = { ours: { ...ours, agrees: ours.error <= tolerance } };
  try {
    const native = expectedOf(example, member, "tensorflow");
    const theirs = compare(native, plain);
    const between = compare(outputs, native);
    return { ...result, theirs: { ...theirs, agrees: theirs.error <= tolerance }, between: between.error };
  } catch (error) {
    return { ...result, thrown: describeThrown(error) };
  }
}

/** Runs the drawn examples of a case; of what disagrees or throws, the first. */
async function runCase({ member }) {
  const examples = fastCheck.sample(member.arbitrary, { numRuns: Number(runs), seed: Number(seed) });
  const summary = { examples: examples.length, agreed: 0, oursAgreed: 0, error: 0, between: 0, lacks: [] };
  for (const example of examples) {
    const { ours, theirs, between, thrown } = await runExample(example, member);
    if (ours.agrees) summary.oursAgreed += 1;
    else summary.oursFirst ??= describeDifference(ours, example);
    if (thrown?.lacks) {
      if (!summary.lacks.includes(thrown.lacks)) summary.lacks.push(thrown.lacks);
    } else if (thrown) {
      summary.threw = (summary.threw ?? 0) + 1;
      summary.threwFirst ??= `${thrown.message} at ${shapesOf(example.inputs)}`;
    } else if (theirs.agrees) {
      summary.agreed += 1;
      summary.error = Math.max(summary.error, theirs.error);
      summary.between = Math.max(summary.between, between);
    } else {
      summary.differed = (summary.differed ?? 0) + 1;
      summary.differedFirst ??= describeDifference(theirs, example);
    }
  }
  return summary;
}

/** The training step on all three, each from its own state, for some steps. */
async function runTrainingStep(steps) {
  const step = createStep(tfjsNode);
  const specs = Object.entries(drawBatch(0)).map(([name, { shape, data }]) => {
    return [name, { shape, dtype: data instanceof Int32Array ? "int32" : "float32" }];
  });
  const kept = createState(initialState());
  const compiled = await compile(step, { inputs: Object.fromEntries(specs), state: kept }, { threads: 1 });
  const states = { cpu: initialState(), tensorflow: initialState() };
  const losses = [];
  for (let i = 0; i < steps; i++) {
    const arrays = drawBatch(i);
    const row = {};
    for (const backend of Object.keys(states)) {
      const { outputs, state } = runEagerly(step, arrays, states[backend], backend);
      states[backend] = state;
      row[backend] = outputs.loss.data[0];
    }
    const feeds = Object.entries(arrays).map(([name, { data }]) => [name, data]);
    row.compiled = (await compiled.run(Object.fromEntries(feeds))).loss.data[0];
    losses.push(row);
  }
  const after = kept.read();
  await compiled.dispose();
  return {
    losses,
    native: compare(states.tensorflow, states.cpu).error,
    compiled: compare(after, states.cpu).error,
    between: compare(after, states.tensorflow).error,
  };
}

const proven = cases.flatMap(({ member }) => [...member.kernels, ...(member.gradientKernels ?? [])]);
const lacking = (name) => tfjsNode.getKernel(name, "cpu") && !tfjsNode.getKernel(name, "tensorflow");
process.send({
  ready: cases.map(({ group, member }) => ({ group, name: member.name, kernels: member.kernels })),
  unregistered: [...new Set(proven)].filter(lacking).sort(),
  versions: {
    node: process.versions.node,
    tfjs: tfjsNode.version["tfjs-core"],
    "tfjs-node": tfjsNode.version["tfjs-node"],
    TensorFlow: tfjsNode.engine().findBackend("tensorflow").binding.TF_Version,
  },
});
process.on("message", async ({ run, training }) => {
  try {
    process.send(
      training ? { training: await runTrainingStep(training) } : { case: await runCase(cases[run]) },
    );
  } catch (error) {
    process.send({ failed: describeThrown(error).message });
  }
});
