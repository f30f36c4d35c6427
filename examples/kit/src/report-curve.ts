import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type JsonLinesLog, readJsonLinesLog } from "@lmk/train";
import { escapeHtml } from "./report-style.ts";

/** One line of a chart. */
export interface ReportSeries {
  readonly label: string;
  /** A value for each position; `null` leaves a gap. */
  readonly values: readonly (number | null)[];
  /**
   * The axis it is drawn against. Lines of the right axis are dashed.
   *
   * @defaultValue "left"
   */
  readonly axis?: "left" | "right";
}

/** A chart of lines. Without positions it is left out of the report. */
export interface ReportCurve {
  readonly title: string;
  /** Positions, ascending. */
  readonly x: { readonly label: string; readonly values: readonly number[] };
  /**
   * What the left axis is called.
   *
   * @defaultValue the names of its lines
   */
  readonly y?: string;
  readonly series: readonly ReportSeries[];
}

/** The curve of a training by its steps: the loss, and the learning rate on the right axis. */
export function trainingCurve(
  title: string,
  steps: readonly Pick<JsonLinesLog["steps"][number], "step" | "loss" | "learningRate">[],
): ReportCurve {
  return {
    title,
    x: { label: "step", values: steps.map(({ step }) => step) },
    series: [
      { label: "loss", values: steps.map(({ loss }) => loss) },
      { label: "learning rate", values: steps.map(({ learningRate }) => learningRate), axis: "right" },
    ],
  };
}

/** The curve of the training whose history a folder holds, as `trainEmbedding` writes it; `undefined` where there is none. */
export async function historyCurve(title: string, folder: string): Promise<ReportCurve | undefined> {
  const file = join(folder, "history.jsonl");
  return existsSync(file) ? trainingCurve(title, (await readJsonLinesLog(file)).steps) : undefined;
}

/** Blue, orange, green and purple: told apart by the color-blind, and dark enough on white. */
const colors = ["#1f6feb", "#b35900", "#0a7d55", "#8250df"];

/** The charts' part of the page, and the style and script that they need; empty without charts. */
export function renderCurves(
  curves: readonly ReportCurve[],
  heading: string,
): {
  section: string;
  style: string;
  script: string;
} {
  const drawn = curves.filter(({ x }) => x.values.length > 0);
  if (drawn.length === 0) return { section: "", style: "", script: "" };
  const folder = dirname(createRequire(import.meta.url).resolve("uplot/package.json"));
  const asset = (name: string): string => readFileSync(join(folder, "dist", name), "utf8");
  const figures = drawn.map(
    (curve, i) =>
      `<figure class="chart"><figcaption>${escapeHtml(curve.title)}</figcaption><div id="curve-${i}" role="img" aria-label="${escapeHtml(inWords(curve))}"></div></figure>`,
  );
  return {
    section: `<section><h2>${escapeHtml(heading)}</h2><div class="charts">${figures.join("\n")}</div></section>`,
    style: asset("uPlot.min.css"),
    script: `<script>${asset("uPlot.iife.min.js")}</script>\n<script>${drawScript(drawn)}</script>`,
  };
}

/** What a chart shows, for those who do not see it. */
function inWords({ title, x, series }: ReportCurve): string {
  const lines = series.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    return `${label} from ${short(known[0])} to ${short(known.at(-1))}`;
  });
  return `${title}: ${lines.join(", ")}; ${x.values.length} values of ${x.label}`;
}

function short(value: number | undefined): string {
  return value === undefined ? "nothing" : String(Number(value.toPrecision(3)));
}

function drawScript(curves: readonly ReportCurve[]): string {
  const charts = curves.map(({ x, y, series }) => {
    const right = series.find(({ axis }) => axis === "right");
    const left = series.filter(({ axis }) => axis !== "right").map(({ label }) => label);
    return {
      data: [x.values, ...series.map(({ values }) => values)],
      series: [
        { label: x.label },
        ...series.map(({ label, axis }, i) => ({
          label,
          stroke: colors[i % colors.length],
          width: 1.5,
          ...(axis === "right" ? { scale: "right", dash: [4, 3] } : {}),
        })),
      ],
      axes: [
        { label: x.label },
        { label: y ?? left.join(", "), size: 60 },
        ...(right === undefined
          ? []
          : [{ label: right.label, scale: "right", side: 1, size: 70, grid: { show: false } }]),
      ],
    };
  });
  // uPlot rounds to three decimals by itself, which is too few for learning rates. "<" is escaped so that no text can
  // end the script.
  return `
const charts = ${JSON.stringify(charts).replaceAll("<", "\\u003c")};
const short = (value) => value == null ? "–" : String(Number(value.toPrecision(4)));
charts.forEach(({ data, series, axes }, i) => {
  const element = document.getElementById("curve-" + i);
  const size = () => ({ width: Math.min(element.clientWidth, 900), height: 260 });
  const chart = new uPlot({
    ...size(),
    scales: { x: { time: false } },
    series: series.map((one) => ({ ...one, value: (_, value) => short(value) })),
    axes: axes.map((one) => ({ ...one, values: (_, ticks) => ticks.map(short) })),
  }, data, element);
  addEventListener("resize", () => chart.setSize(size()));
});
`;
}
