import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Compiled,
  compile,
  createState,
  type ExportOptions,
  type NamedArrays,
  type TracedFunction,
} from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, it } from "vitest";
import { expectClose, uniform } from "./against-tfjs.ts";

const network: TracedFunction = ({ images }, { filter, bias }) => {
  const y = tf.relu(tf.add(tf.conv2d(images as tf.Tensor4D, filter as tf.Tensor4D, 1, "same"), bias));
  return { outputs: { pooled: tf.mean(y, [1, 2]) }, state: { bias: tf.add(bias, 1) } };
};
const arrays = { filter: uniform(1, [3, 3, 2, 4]), bias: uniform(2, [4]) } as NamedArrays;
const images = uniform(3, [2, 5, 6, 2]);
const signature = { images: { shape: [2, 5, 6, 2] } };

const folder = mkdtempSync(join(tmpdir(), "lmk-export-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, compiled: Compiled, options: ExportOptions = {}): string {
  const { model, externalData } = compiled.toOnnx({ externalDataLocation: `${name}.data`, ...options });
  writeFileSync(join(folder, name), model);
  if (externalData.length > 0) writeFileSync(join(folder, `${name}.data`), Buffer.concat(externalData));
  return join(folder, name);
}

/** Outputs of a file, by onnxruntime-node. */
async function runFile(path: string, feeds: Record<string, readonly [Float32Array, readonly number[]]>) {
  const session = await InferenceSession.create(path);
  const given = Object.entries(feeds).map(([name, [data, shape]]) => [
    name,
    new Tensor("float32", data, shape),
  ]);
  const outputs = await session.run(Object.fromEntries(given));
  const names = { inputs: session.inputNames, outputs: session.outputNames };
  await session.release();
  return { names, outputs };
}

describe("toOnnx", () => {
  it("writes the outputs of the inputs, with the state as it is now inside", async () => {
    const state = createState(arrays);
    const compiled = await compile(network, { inputs: signature, state });
    for (let i = 0; i < 2; i++) {
      const path = write(`baked-${i}.onnx`, compiled);
      const { names, outputs } = await runFile(path, {
        images: [images.data as Float32Array, images.shape],
      });
      expect(names).toEqual({ inputs: ["images"], outputs: ["pooled"] });
      const { pooled } = await compiled.run({ images: images.data });
      // onnxruntime may choose other kernels for filters that are constants.
      const data = outputs.pooled.data as Float32Array;
      expectClose({ data, shape: outputs.pooled.dims }, pooled, 1e-6, `pooled after ${i} runs`);
    }
    await compiled.dispose();
  });

  it("writes the state as inputs and new values, filters out first", async () => {
    const state = createState(arrays);
    const compiled = await compile(network, { inputs: signature, state });
    const path = write("ports.onnx", compiled, { state: "inputs" });
    const filter = tf.tidy(() =>
      tf.transpose(tf.tensor(arrays.filter.data, [3, 3, 2, 4]), [3, 2, 0, 1]).dataSync(),
    );
    const { names, outputs } = await runFile(path, {
      images: [images.data as Float32Array, images.shape],
      filter: [filter as Float32Array, [4, 2, 3, 3]],
      bias: [arrays.bias.data, [4]],
    });
    expect(names).toEqual({ inputs: ["images", "filter", "bias"], outputs: ["pooled", "next/bias"] });
    const { pooled } = await compiled.run({ images: images.data });
    expect(outputs.pooled.data).toEqual(pooled.data);
    expect(outputs["next/bias"].data).toEqual(state.read().bias.data);
    await compiled.dispose();
  });

  it("keeps the kind in a name that two ports share, or that the graph uses itself", async () => {
    const compiled = await compile(
      ({ x, t1, "output/z": z }) => ({ outputs: { x: tf.sub(tf.mul(tf.exp(x), t1), z), z: tf.sin(z) } }),
      { inputs: { x: { shape: [1] }, t1: { shape: [1] }, "output/z": { shape: [1] } } },
    );
    const { names } = await runFile(write("names.onnx", compiled), {
      "input/x": [Float32Array.of(1), [1]],
      "input/t1": [Float32Array.of(1), [1]],
      "input/output/z": [Float32Array.of(1), [1]],
    });
    expect(names).toEqual({ inputs: ["input/x", "input/t1", "input/output/z"], outputs: ["output/x", "z"] });
    await compiled.dispose();
  });

  it("gives large constants apart, at offsets that memory can be mapped from", async () => {
    const table = tf.tensor2d(uniform(5, [200, 101]).data as Float32Array, [200, 101]);
    const other = tf.tensor2d(uniform(6, [101, 170]).data as Float32Array, [101, 170]);
    const compiled = await compile(
      ({ x }) => ({ outputs: { y: tf.matMul(tf.matMul(x as tf.Tensor2D, table), other) } }),
      { inputs: { x: { shape: [3, 200] } } },
    );
    tf.dispose([table, other]);
    const x = uniform(7, [3, 200]);
    expect(compiled.toOnnx().externalData).toEqual([]);
    const path = write("external.onnx", compiled, { externalDataLimit: 1000 });
    expect(readFileSync(path).length).toBeLessThan(1000);
    expect(readFileSync(`${path}.data`).length).toBe(2 * 65_536 + 101 * 170 * 4);
    const { outputs } = await runFile(path, { x: [x.data as Float32Array, [3, 200]] });
    expect(outputs.y.data).toEqual((await compiled.run({ x: x.data })).y.data);
    await compiled.dispose();
  });

  it("says which package and version made the file, and gives equal bytes for equal functions", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    const made = [];
    for (let i = 0; i < 2; i++) {
      const compiled = await compile(network, { inputs: signature, state: createState(arrays) });
      made.push(compiled.toOnnx({ metadata: { author: "me" }, documentation: "a network" }).model);
      await compiled.dispose();
    }
    expect(made[0]).toEqual(made[1]);
    const text = Buffer.from(made[0]).toString("latin1");
    for (const part of ["@lmk/compile", version, "author", "me", "a network"]) expect(text).toContain(part);
  });

  it("refuses options out of range", async () => {
    const compiled = await compile(network, { inputs: signature, state: createState(arrays) });
    expect(() => compiled.toOnnx({ state: "none" as never })).toThrow(
      new RangeError('Compiled.toOnnx: expected `options.state` to be "constants" or "inputs", got "none"'),
    );
    expect(() => compiled.toOnnx({ externalDataLimit: -1 })).toThrow(
      new RangeError(
        "Compiled.toOnnx: expected `options.externalDataLimit` to be an integer from 0 to 2080374784, got -1",
      ),
    );
    expect(() => compiled.toOnnx({ externalDataLocation: "../x" })).toThrow(
      new RangeError(
        'Compiled.toOnnx: expected `options.externalDataLocation` to be the name of a file, got "../x"',
      ),
    );
    await compiled.dispose();
  });
});

describe("Python's onnx and onnxruntime", () => {
  it("check and run the files, and see names, metadata and operator set", { timeout: 120_000 }, async ({
    skip,
  }) => {
    const python = process.env.LMK_PYTHON ?? "";
    skip(python === "", "set LMK_PYTHON to a Python with onnx, onnxruntime and numpy");
    const given = { data: [...images.data], shape: images.shape, dtype: "float32" };
    const constant = tf.tensor1d(uniform(9, [20_000]).data as Float32Array);
    const compiled = await compile(network, { inputs: signature, state: createState(arrays) });
    const large = await compile(({ x }) => ({ outputs: { y: tf.sum(tf.mul(x, constant)) } }), {
      inputs: { x: { shape: [] } },
    });
    const about = { metadata: { author: "me" }, documentation: "a network" };
    write("plain.onnx", compiled, { state: "inputs" });
    write("baked.onnx", compiled, about);
    write("large.onnx", large, { externalDataLimit: 0 });
    const filter = tf.tidy(() =>
      tf.transpose(tf.tensor(arrays.filter.data, [3, 3, 2, 4]), [3, 2, 0, 1]).arraySync(),
    );
    const cases = [
      {
        model: "plain.onnx",
        inputs: {
          images: given,
          filter: { data: filter, shape: [4, 2, 3, 3], dtype: "float32" },
          bias: { data: [...arrays.bias.data], shape: [4], dtype: "float32" },
        },
      },
      { model: "baked.onnx", inputs: { images: given } },
      { model: "large.onnx", inputs: { x: { data: [2], shape: [], dtype: "float32" } } },
    ];
    writeFileSync(join(folder, "cases.json"), JSON.stringify(cases));
    const script = fileURLToPath(new URL("python/run_models.py", import.meta.url));
    const [plain, baked, external] = JSON.parse(
      execFileSync(python, [script, folder], { encoding: "utf8", maxBuffer: 1e8 }),
    );
    const { pooled } = await compiled.run({ images: images.data });
    const { y } = await large.run({ x: Float32Array.of(2) });
    const difference = (a: readonly number[], b: ArrayLike<number>) =>
      Math.max(...a.map((value, i) => Math.abs(value - b[i])));
    expect(difference(plain.outputs.pooled.data, pooled.data)).toBeLessThan(1e-6);
    expect(difference(baked.outputs.pooled.data, pooled.data)).toBeLessThan(1e-6);
    expect(Math.abs(external.outputs.y.data[0] / y.data[0] - 1)).toBeLessThan(1e-5);
    expect(plain.inputs).toEqual(["images", "filter", "bias"]);
    expect(Object.keys(plain.outputs)).toEqual(["pooled", "next/bias"]);
    expect(baked).toMatchObject({ ...about, inputs: ["images"], operators: [["", 18]] });
    expect(baked.producer[0]).toBe("@lmk/compile");
    expect(external.external).toEqual([{ location: "large.onnx.data", offset: "0", length: "80000" }]);
    await compiled.dispose();
    await large.dispose();
  });
});
