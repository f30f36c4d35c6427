import type { Mesh } from "../geometry/mesh.ts";
import { addArcade, addArch, addColonnade, addPediment, addSteps } from "../geometry/orders.ts";
import { addDome, addSpire, type DomeShape } from "../geometry/roofs.ts";
import { addBox, addCylinder, addLathe, addPrism, regularOutline } from "../geometry/solids.ts";
import { withWindows } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import { createWindows, type Style } from "./style.ts";

/** A domed church or parliament: a block with a portico under a drum and dome. */
export function buildBasilica(mesh: Mesh, traits: Traits, style: Style): void {
  const width = traits.range("width", 26, 48);
  const depth = width * traits.range("depth", 0.5, 0.9);
  const height = traits.range("height", 11, 19);
  const windows = createWindows(traits.within("body"), style, { bay: [3.2, 5.5], floor: [4.5, 8] });
  addBox(mesh, { width, height, depth }, withWindows(style.wall, windows), style.roof);
  mesh.place({ y: height }, () =>
    addBox(mesh, { width: width + 1, height: 1.2, depth: depth + 1 }, style.trim),
  );
  addPortico(mesh, traits, style, {
    width: width * traits.range("porticoWidth", 0.3, 0.6),
    height,
    z: depth / 2,
  });
  const radius = Math.min(width, depth) * traits.range("domeRadius", 0.2, 0.42);
  mesh.place({ y: height + 1, z: -depth * 0.05 }, () =>
    addDrumAndDome(mesh, traits.within("main"), style, radius),
  );
  const small = traits.pick("smallDomes", [0, 0, 2, 4]);
  for (let i = 0; i < small; i++) {
    mesh.place(
      { x: (i % 2 === 0 ? 1 : -1) * width * 0.38, z: (i < 2 ? 1 : -1) * depth * 0.32, y: height + 1 },
      () => addDrumAndDome(mesh, traits.within("small"), style, radius * 0.38),
    );
  }
}

function addPortico(
  mesh: Mesh,
  traits: Traits,
  style: Style,
  at: { width: number; height: number; z: number },
): void {
  const reach = 5;
  mesh.place({ z: at.z + reach / 2 }, () => {
    addSteps(mesh, { width: at.width, height: 1.6, depth: reach }, 4, 0.7, style.trim);
    mesh.place({ y: 1.6, z: reach / 2 - 0.8 }, () =>
      addColonnade(
        mesh,
        {
          count: traits.integer("columns", 4, 8),
          length: at.width - 1.6,
          radius: 0.62,
          height: at.height * 0.86 - 1.6,
        },
        style.trim,
      ),
    );
    mesh.place({ y: at.height * 0.86 }, () => {
      addBox(mesh, { width: at.width, height: at.height * 0.12, depth: reach }, style.trim);
      mesh.place({ y: at.height * 0.12 }, () =>
        addPediment(
          mesh,
          { width: at.width, height: at.width * traits.range("pediment", 0.13, 0.26), depth: reach },
          style.trim,
          style.wall2,
        ),
      );
    });
  });
}

function addDrumAndDome(mesh: Mesh, traits: Traits, style: Style, radius: number): void {
  const drum = radius * traits.range("drum", 0.35, 1);
  const windows = createWindows(traits.within("drum"), style, {
    bay: [2.2, 3.6],
    floor: [4, 7],
    heads: ["round", "flat"],
  });
  addCylinder(
    mesh,
    { radius: radius * 0.98, height: drum },
    withWindows(style.wall, { ...windows, floor: Math.max(2, drum) }),
    { segments: 20 },
  );
  mesh.place({ y: drum }, () => {
    addCylinder(mesh, { radius: radius * 1.07, height: radius * 0.08 }, style.trim, { segments: 20 });
    const shape = traits.pick<DomeShape>("shape", ["half", "pointed", "low", "onion", "half"]);
    const height = radius * (shape === "low" ? 0.55 : shape === "half" ? 1 : traits.range("tall", 1.15, 1.7));
    addDome(mesh, shape, { radius, height }, style.crown, 20);
    if (traits.chance("lantern", 0.7)) {
      mesh.place({ y: height * 0.97 }, () => {
        addCylinder(mesh, { radius: radius * 0.16, height: radius * 0.35 }, style.trim, { segments: 8 });
        mesh.place({ y: radius * 0.35 }, () =>
          addSpire(mesh, { radius: radius * 0.2, height: radius * 0.4 }, 8, style.crown),
        );
      });
    }
  });
}

/** A domed prayer hall with slender towers and a tall portal. */
export function buildMosque(mesh: Mesh, traits: Traits, style: Style): void {
  const width = traits.range("width", 24, 42);
  const depth = width * traits.range("depth", 0.7, 1);
  const height = traits.range("height", 8, 14);
  const windows = createWindows(traits.within("body"), style, {
    bay: [3, 5],
    floor: [4, 7],
    heads: ["round", "pointed"],
  });
  addBox(mesh, { width, height, depth }, withWindows(style.wall, windows), style.trim);
  const portal = {
    width: width * traits.range("portal", 0.24, 0.42),
    height: height * traits.range("portalHeight", 1.15, 1.7),
  };
  mesh.place({ z: depth / 2 + 1 }, () =>
    addArch(
      mesh,
      { ...portal, depth: 3, opening: portal.width * 0.6, spring: portal.height * 0.5 },
      "pointed",
      style.wall2,
      style.crown,
    ),
  );
  mesh.place({ z: depth / 2 + 0.4 }, () =>
    addArcade(
      mesh,
      traits.integer("arcade", 5, 11),
      { width: width / 11, height: height * 0.55, depth: 1, opening: width / 15, spring: height * 0.3 },
      "pointed",
      style.trim,
    ),
  );
  const radius = Math.min(width, depth) * traits.range("dome", 0.22, 0.4);
  mesh.place({ y: height }, () => addDrumAndDome(mesh, traits.within("main"), style, radius));
  const minarets = traits.pick("minarets", [1, 2, 2, 4]);
  for (let i = 0; i < minarets; i++) {
    const x = (i % 2 === 0 ? 1 : -1) * (width / 2 + traits.range("gap", 0, 4));
    mesh.place({ x, z: (i < 2 ? 1 : -1) * depth * 0.45 }, () =>
      addMinaret(mesh, traits.within("minaret"), style, height),
    );
  }
  const half = traits.pick("halfDomes", [0, 2, 4]);
  for (let i = 0; i < half; i++) {
    mesh.place(
      { x: (i % 2 === 0 ? 1 : -1) * width * 0.34, z: (i < 2 ? 1 : -1) * depth * 0.3, y: height },
      () => addDome(mesh, "half", { radius: radius * 0.4, height: radius * 0.4 }, style.crown, 12),
    );
  }
}

function addMinaret(mesh: Mesh, traits: Traits, style: Style, eaves: number): void {
  const height = eaves * traits.range("height", 2, 3.6);
  const radius = traits.range("radius", 1, 1.9);
  const balconies = traits.integer("balconies", 1, 3);
  addPrism(mesh, regularOutline(4, radius * 1.7), height * 0.2, { walls: style.wall, top: style.trim });
  addCylinder(mesh, { radius, height, topRadius: radius * 0.8 }, style.wall, { segments: 10 });
  for (let i = 1; i <= balconies; i++) {
    mesh.place({ y: height * (0.35 + (0.5 * i) / balconies) }, () =>
      addLathe(
        mesh,
        [
          [radius * 0.9, -radius * 0.8],
          [radius * 1.6, 0],
          [radius * 1.6, radius * 0.5],
          [radius * 0.8, radius * 0.5],
        ],
        style.trim,
        { segments: 10 },
      ),
    );
  }
  mesh.place({ y: height }, () => {
    if (traits.chance("bulb", 0.4))
      addDome(mesh, "onion", { radius: radius * 1.1, height: radius * 2.6 }, style.crown, 10);
    else
      addSpire(mesh, { radius: radius * 1.1, height: radius * traits.range("tip", 3, 6) }, 10, style.crown);
  });
}
