import { createState } from "@lmk/compile";
import { InferenceSession } from "onnxruntime-node";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createCompiled } from "../src/compiled.ts";
import { deviceRunner } from "../src/run-on-device.ts";
import { type StateStorage, storageOf } from "../src/state.ts";
import type { Trace } from "../src/trace.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const traced: Trace = {
  graph: { nodes: [], initializers: [], inputs: [], outputs: [] },
  outputs: new Map(),
  updates: [],
};
const storageOfOne = () =>
  storageOf(createState({ w: { shape: [2], data: Float32Array.of(1, 2) } })) as StateStorage;

describe("a state that goes to a device", () => {
  it("gets there in a later run when the way was shut in the first", async () => {
    const released: string[] = [];
    const ferry = (name: string) =>
      ({
        run: async () => ({ y: { gpuBuffer: {}, dispose: () => undefined } }),
        release: async () => released.push(name),
      }) as unknown as InferenceSession;
    const lost = new Error("the device is lost");
    vi.spyOn(InferenceSession, "create")
      .mockResolvedValueOnce(ferry("first"))
      .mockRejectedValueOnce(lost)
      .mockResolvedValueOnce(ferry("there"))
      .mockResolvedValueOnce(ferry("back"));
    const run = vi.fn(async () => ({}));
    const { slots } = storageOfOne();
    const runner = deviceRunner({ run } as never, traced, slots, new Set(["state/w"]));
    await expect(runner.execute({}, new Map())).rejects.toBe(lost);
    expect(released).toEqual(["first"]);
    expect(run).not.toHaveBeenCalled();
    await runner.execute({}, new Map());
    expect(run).toHaveBeenCalledOnce();
    expect(slots.get("w")?.onDevice).toBeDefined();
  });
});

describe("dispose", () => {
  it("ends the profile and frees the session also when the state does not come back", async () => {
    const storage = storageOfOne();
    const lost = new Error("the device is lost");
    const slot = storage.slots.get("w");
    if (slot === undefined) throw lost;
    slot.onDevice = { tensor: {} as never, download: () => Promise.reject(lost), release: () => undefined };
    const session = { endProfiling: vi.fn(), release: vi.fn(async () => undefined) };
    const facts = { report: {} as never, profiled: true, provider: "webgpu" } as const;
    const compiled = createCompiled(session as never, traced, new Map(), storage, facts);
    await expect(compiled.dispose()).rejects.toBe(lost);
    expect(session.endProfiling).toHaveBeenCalledOnce();
    expect(session.release).toHaveBeenCalledOnce();
    expect(storage.pending).toBe(0);
  });
});
