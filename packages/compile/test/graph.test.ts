import { describe, expect, it } from "vitest";
import { SizeNodes } from "../src/dynamic/size-nodes.ts";
import { GraphBuilder } from "../src/graph.ts";

describe("equal nodes and constants are made once", () => {
  it("but not with another number of outputs, or attributes that JSON writes alike", () => {
    const graph = new GraphBuilder();
    const node = (value: number) => graph.node("Elu", ["x"], { alpha: { float: value } });
    const names = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0, -0].map(node);
    expect(new Set(names).size).toBe(names.length);
    expect(node(Number.NaN)).toBe(names[2]);
    expect(graph.nodes("Split", ["x"], { axis: 0 }, 2)).toHaveLength(2);
    expect(graph.nodes("Split", ["x"], { axis: 0 }, 3)).toHaveLength(3);
    expect(graph.allNodes).toHaveLength(names.length + 2);
  });

  it("where all bits are equal, -0 and 0 apart", () => {
    const sizes = new SizeNodes([]);
    const constant = (value: number) => sizes.constant(Float32Array.of(value), [1], "float32");
    expect(constant(-0)).not.toBe(constant(0));
    expect(constant(2)).toBe(constant(2));
    expect(sizes.initializers).toHaveLength(3);
  });
});
