import { expect, it } from "vitest";
import { embedEach } from "../src/embedded-system.ts";
import { firstNeighbors } from "../src/first-neighbors.ts";
import { stageOfEach } from "../src/method-stages.ts";
import { sameSize } from "../src/same-size.ts";

it("embeds every part with one network after the other", async () => {
  const begun: string[] = [];
  const embeddings = await embedEach(["a", "b"], ["test", "index"], async (name, part) => {
    begun.push(`${name}/${part}`);
    return { folder: `${name}/${part}`, key: "", seconds: 0 };
  });
  expect(begun).toEqual(["a/test", "a/index", "b/test", "b/index"]);
  expect([...embeddings.keys()]).toEqual(["a", "b"]);
  expect(embeddings.get("b")?.index.folder).toBe("b/index");
});

it("gives rows of a table one size and leaves the others out", () => {
  const { groups, template } = sameSize(Int32Array.of(1, 3), 5, { width: 64, height: 32 });
  expect([...groups]).toEqual([-1, 0, -1, 0, -1]);
  expect(template.sizes).toEqual([{ width: 64, height: 32 }]);
});

it("cuts lists, and leaves shorter ones as they are", () => {
  const lists = { ids: Int32Array.of(5, 4, 3, 2, 1, 0), scores: new Float32Array(6).fill(1), rows: 2, k: 3 };
  const first = firstNeighbors(lists, 2);
  expect({ ...first, ids: [...first.ids], scores: [...first.scores] }).toEqual({
    ids: [5, 4, 2, 1],
    scores: [1, 1, 1, 1],
    rows: 2,
    k: 2,
  });
  expect(firstNeighbors(lists, 9)).toEqual(lists);
});

it("runs the stage of each method, one after another", async () => {
  const stages = await stageOfEach([{ name: "a" }, { name: "b" }], async ({ name }) => ({
    folder: name,
    key: "",
    seconds: 0,
  }));
  expect([...stages].map(([name, { folder }]) => [name, folder])).toEqual([
    ["a", "a"],
    ["b", "b"],
  ]);
});
