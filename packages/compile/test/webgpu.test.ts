import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterAll, describe, it } from "vitest";
import { expectSame, uniform, withGradients } from "./against-tfjs.ts";
import { groups } from "./conformance/all-cases.ts";
import { checkExample } from "./conformance/check-example.ts";
import { releaseWebgpu, webgpuObstacle } from "./conformance/software-gpu.ts";
import { readWebgpuRecord, webgpuTolerance } from "./conformance/webgpu-record.ts";

const obstacle = await webgpuObstacle();
const record = readWebgpuRecord();
const options = { provider: "webgpu", tolerance: webgpuTolerance } as const;

const small = withGradients(
  ({ x, filter }) =>
    tf.maxPool(
      tf.relu(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same")) as tf.Tensor4D,
      3,
      2,
      1,
    ),
  ["x", "filter"],
);

afterAll(releaseWebgpu);

describe("the webgpu provider", () => {
  it("agrees with tfjs on a convolution, a pooling and their gradients", async ({ skip }) => {
    skip(obstacle !== undefined, obstacle ?? "");
    const inputs = { x: uniform(1, [2, 8, 8, 3]), filter: uniform(2, [3, 3, 3, 4]) };
    await expectSame(small, inputs, webgpuTolerance, { provider: "webgpu" });
  });
});

describe.each(Object.entries(groups))("the webgpu provider on %s", (_, cases) => {
  for (const checked of cases) {
    it(checked.name, async ({ skip }) => {
      skip(obstacle !== undefined, obstacle ?? "");
      const { forward, gradient } = record.cases[checked.name] ?? {};
      const known = forward?.failure ?? forward?.deviation;
      skip(known !== undefined, `known of ${record.driver}: ${known}`);
      const { differentiable: __, ...valuesOnly } = checked;
      const onlyForward = (gradient?.failure ?? gradient?.deviation) !== undefined;
      const [example] = fc.sample(checked.arbitrary, { numRuns: 1, seed: 20200817 });
      await checkExample(example, onlyForward ? valuesOnly : checked, options);
    });
  }
});
