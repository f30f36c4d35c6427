import type { Mesh } from "../geometry/mesh.ts";
import { addArch, addMerlons } from "../geometry/orders.ts";
import { addDome, addSpire } from "../geometry/roofs.ts";
import { addBar, addBox, addPrism, regularOutline } from "../geometry/solids.ts";
import { createSurface } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import type { Style } from "./style.ts";

/** A masonry bridge or aqueduct: arches in one to three tiers, statues or towers above. */
export function buildArchBridge(mesh: Mesh, traits: Traits, style: Style): void {
  const arches = traits.integer("arches", 3, 8);
  const span = traits.range("span", 7, 13);
  const tiers = traits.pick("tiers", [1, 1, 1, 2, 3]);
  const depth = traits.range("depth", 5, 9);
  const curve = traits.pick("curve", ["round", "round", "segmental", "pointed"] as const);
  const hump = tiers === 1 ? traits.range("hump", 0, 3) : 0;
  const height = span * traits.range("height", 0.75, 1.1);
  const length = arches * span;
  for (let tier = 0; tier < tiers; tier++) {
    const count = tier === 2 ? arches * 2 : arches;
    const width = length / count;
    for (let i = 0; i < count; i++) {
      const middle = (i + 0.5) / count - 0.5;
      const rise = hump * (1 - 4 * middle * middle);
      mesh.place({ x: length * middle, y: tier * height }, () =>
        addArch(
          mesh,
          {
            width,
            height: (tier === 2 ? 0.6 : 1) * height + rise,
            depth,
            opening: width * traits.range("opening", 0.66, 0.84),
            spring: height * (tier === 2 ? 0.25 : 0.42) + rise * 0.8,
          },
          curve,
          tier % 2 === 0 ? style.wall : style.wall2,
        ),
      );
      if (tier === 0)
        mesh.place({ x: length * (middle - 0.5 / count) }, () =>
          addPrism(mesh, regularOutline(4, depth * 0.62, 0), height * 0.4, {
            walls: style.wall2,
            top: style.trim,
          }),
        );
    }
  }
  const deck = tiers * height - (tiers === 3 ? 0.4 * height : 0);
  addBridgeTop(mesh, traits, style, { deck, length, depth, hump, arches });
}

function addBridgeTop(
  mesh: Mesh,
  traits: Traits,
  style: Style,
  at: { deck: number; length: number; depth: number; hump: number; arches: number },
): void {
  const steps = 12;
  for (let i = 0; i < steps; i++) {
    const middle = (i + 0.5) / steps - 0.5;
    mesh.place({ x: at.length * middle, y: at.deck + at.hump * (1 - 4 * middle * middle) }, () => {
      addBox(mesh, { width: at.length / steps + 0.2, height: 0.5, depth: at.depth + 0.6 }, style.trim);
      for (const side of [1, -1])
        mesh.place({ y: 0.5, z: side * (at.depth / 2) }, () =>
          addMerlons(mesh, at.length / steps, { width: 0.5, height: 1, depth: 0.3 }, style.trim),
        );
    });
  }
  const kind = traits.pick("above", ["none", "towers", "lamps", "statues", "middle"] as const);
  if (kind === "towers" || kind === "middle") {
    const places = kind === "middle" ? [0] : [-0.5, 0.5];
    for (const place of places) {
      mesh.place({ x: place * at.length, y: at.deck }, () => {
        addArch(
          mesh,
          { width: 7, height: 13, depth: at.depth + 1, opening: 3.5, spring: 5 },
          "pointed",
          style.wall2,
          style.dark,
        );
        mesh.place({ y: 13 }, () =>
          traits.chance("domed", 0.4)
            ? addDome(mesh, "bell", { radius: 4, height: 5 }, style.crown)
            : addSpire(mesh, { radius: 5.2, height: traits.range("spire", 4, 9) }, 4, style.roof),
        );
      });
    }
  } else if (kind !== "none") {
    for (let i = 0; i <= at.arches; i++) {
      const middle = i / at.arches - 0.5;
      mesh.place(
        { x: at.length * middle, y: at.deck + at.hump * (1 - 4 * middle * middle) + 0.5, z: at.depth / 2 },
        () => {
          if (kind === "lamps") addBar(mesh, [0, 0, 0], [0, 4, 0], 0.25, style.metal);
          else addBox(mesh, { width: 1.1, height: 3.4, depth: 1.1 }, style.crown);
        },
      );
    }
  }
}

/** A bridge hung from towers (parabolic or straight cables), or carried by a steel arch or truss. */
export function buildCableBridge(mesh: Mesh, traits: Traits, style: Style): void {
  const length = traits.range("length", 90, 150);
  const deck = traits.range("deck", 8, 14);
  const depth = 7;
  const kind = traits.pick("kind", ["suspension", "suspension", "stayed", "stayed", "truss", "bow"] as const);
  mesh.place({ y: deck }, () =>
    addBox(
      mesh,
      { width: length, height: 1.6, depth },
      style.metal,
      createSurface("plain", [0.12, 0.12, 0.12]),
    ),
  );
  if (kind === "truss" || kind === "bow") {
    addTruss(mesh, traits, style, { length, deck, depth, bow: kind === "bow" });
    return;
  }
  const towers = kind === "stayed" ? traits.pick("pylons", [1, 2]) : 2;
  const height = length * traits.range("tower", 0.24, 0.4);
  const inset = towers === 1 ? traits.range("single", -0.15, 0.15) : traits.range("inset", 0.22, 0.32);
  const places = towers === 1 ? [inset] : [-inset, inset];
  for (const place of places)
    mesh.place({ x: place * length }, () => addPylon(mesh, traits, style, { height, depth, deck }));
  const cables = traits.integer("cables", 7, 14);
  const reach = towers === 1 ? 0.5 - Math.abs(inset) : Math.min(inset, 0.5 - inset + 0.04);
  for (const z of [depth / 2, -depth / 2]) {
    for (const place of places) {
      const x = place * length;
      if (kind === "stayed") {
        for (let i = 1; i <= cables; i++) {
          for (const side of [1, -1]) {
            const attach = traits.chance("harp", 0.4) ? deck + (height - deck) * (i / cables) : height * 0.97;
            addBar(
              mesh,
              [x, attach, z * 0.3],
              [x + side * reach * length * (i / cables), deck + 1.5, z],
              0.22,
              style.trim,
            );
          }
        }
      }
    }
    if (kind === "suspension")
      addMainCable(mesh, style, { inset, length, height, deck, z, hangers: cables * 2 });
  }
}

function addMainCable(
  mesh: Mesh,
  style: Style,
  at: { inset: number; length: number; height: number; deck: number; z: number; hangers: number },
): void {
  const y = (t: number): number => {
    const inner = Math.abs(t) / at.inset;
    if (inner <= 1) return at.deck + 3 + (at.height - at.deck - 3) * inner * inner;
    return (
      at.deck +
      1.5 +
      (at.height - at.deck - 1.5) * Math.max(0, 1 - (Math.abs(t) - at.inset) / (0.5 - at.inset)) ** 1.25
    );
  };
  for (let i = 0; i < at.hangers; i++) {
    const a = i / at.hangers - 0.5;
    const b = (i + 1) / at.hangers - 0.5;
    addBar(mesh, [a * at.length, y(a), at.z], [b * at.length, y(b), at.z], 0.55, style.metal);
    addBar(mesh, [b * at.length, at.deck, at.z], [b * at.length, y(b), at.z], 0.18, style.metal);
  }
}

function addPylon(
  mesh: Mesh,
  traits: Traits,
  style: Style,
  at: { height: number; depth: number; deck: number },
): void {
  const shape = traits.pick("pylon", ["portal", "portal", "masonry", "a-frame", "single"] as const);
  const w = traits.range("pylonWidth", 1.8, 3.4);
  if (shape === "masonry") {
    addBox(mesh, { width: w * 3, height: at.deck, depth: at.depth + 6 }, style.wall);
    mesh.place({ y: at.deck, turn: Math.PI / 2 }, () =>
      addArch(
        mesh,
        {
          width: at.depth + 5,
          height: at.height - at.deck,
          depth: w * 2.4,
          opening: at.depth - 1,
          spring: (at.height - at.deck) * 0.5,
        },
        "pointed",
        style.wall,
      ),
    );
    return;
  }
  if (shape === "single") {
    addBar(
      mesh,
      [0, 0, 0],
      [traits.range("rake", -0.15, 0.15) * at.height, at.height, 0],
      w * 1.3,
      style.trim,
    );
    return;
  }
  const lean = shape === "a-frame" ? 0.1 : 1;
  for (const side of [1, -1])
    addBar(
      mesh,
      [0, 0, side * (at.depth / 2 + 1.5)],
      [0, at.height, side * (at.depth / 2 + 0.6) * lean],
      w,
      style.metal,
    );
  const braces = traits.integer("braces", 1, 4);
  for (let i = 1; i <= braces; i++) {
    const y = at.deck + ((at.height - at.deck) * i) / braces;
    const half = (at.depth / 2 + 1) * (1 + (lean - 1) * (y / at.height));
    addBar(mesh, [0, y - 0.5, -half], [0, y - 0.5, half], w * 0.8, style.metal);
  }
}

function addTruss(
  mesh: Mesh,
  traits: Traits,
  style: Style,
  at: { length: number; deck: number; depth: number; bow: boolean },
): void {
  const panels = traits.integer("panels", 8, 14);
  const rise =
    at.length * (at.bow ? traits.range("rise", 0.16, 0.3) : traits.range("trussHeight", 0.07, 0.14));
  const humps = at.bow ? 1 : traits.integer("humps", 1, 3);
  const top = (i: number): number =>
    at.deck +
    1 +
    rise *
      (at.bow
        ? 1 - (2 * (i / panels) - 1) ** 2
        : 0.45 + 0.55 * Math.abs(Math.sin((Math.PI * humps * i) / panels)));
  for (const z of [at.depth / 2, -at.depth / 2]) {
    for (let i = 0; i < panels; i++) {
      const a = at.length * (i / panels - 0.5);
      const b = at.length * ((i + 1) / panels - 0.5);
      addBar(mesh, [a, top(i), z], [b, top(i + 1), z], 1.1, style.metal);
      addBar(mesh, [b, at.deck, z], [b, top(i + 1), z], 0.6, style.metal);
      if (!at.bow || traits.chance("diagonals", 0.5))
        addBar(
          mesh,
          i < panels / 2 ? [a, top(i), z] : [a, at.deck, z],
          i < panels / 2 ? [b, at.deck, z] : [b, top(i + 1), z],
          0.5,
          style.metal,
        );
    }
  }
  const piers = at.bow ? 2 : traits.integer("piers", 2, 4);
  for (let i = 0; i < piers; i++) {
    mesh.place({ x: at.length * (piers === 1 ? 0 : i / (piers - 1) - 0.5) * 0.98 }, () =>
      addBox(mesh, { width: 4, height: at.deck, depth: at.depth + 2 }, style.wall),
    );
  }
}
