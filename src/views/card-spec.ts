import type { CardScene } from "./card-scene.ts";
import type { CardModel } from "./cards.ts";
import type { Specification } from "./display.ts";
import { mathFont, nodeColours, palette } from "./palette.ts";
import { round } from "./round.ts";
import {
  arrow,
  frame,
  hoverParameter,
  legendLayers,
  lookup,
  overParameter,
  pixelScales,
  titleLayers,
  titleRow,
} from "./spec.ts";
import { fitText, textWidth } from "./text-width.ts";

type Json = Readonly<Record<string, unknown>>;

const shadowFill = "#E1E7EF";
const legendRow = 38;
const noteRow = 19;

const lineColours = {
  muted: palette.muted,
  operation: "#7A5600",
  parameter: palette.pathInk,
  value: palette.value.ink,
  gradient: palette.gradient.ink,
};
const chipFills = { v: palette.value.chip, g: palette.gradient.chip };
const chipInks = { v: palette.value.ink, g: palette.gradient.ink };

export interface CardSpecificationOptions {
  readonly title: string | undefined;
  readonly description: string;
  /** Lines under the drawing. */
  readonly notes: readonly string[];
}

/** Assembles the drawing by layers: a legend above it, and below what it leaves out or, of the unit pointed at, what it is. */
export function cardSpecificationOf(
  model: CardModel,
  scene: CardScene,
  options: CardSpecificationOptions,
): Specification {
  const { width } = scene;
  const top = (options.title === undefined ? 0 : titleRow) + legendRow;
  const panelTop = top + scene.height + 6;
  const rows = Math.max(2, options.notes.length);
  const height = panelTop + 16 + rows * noteRow;
  const { x, y } = pixelScales(width, height);
  const lower = <Row extends object>(of: readonly Row[], ...fields: readonly (keyof Row)[]): readonly Row[] =>
    of.map((row) => ({
      ...row,
      ...Object.fromEntries(fields.map((field) => [field, round(Number(row[field]) + top)])),
    }));
  const noteY = (index: number): number => round(panelTop + 8 + noteRow * (index + 0.5));
  const legend = legendOf(model, scene);
  const datasets = {
    frames: lower(scene.frames, "y1", "y2"),
    wires: scene.wires,
    heads: lower(scene.heads, "y"),
    shadows: lower(scene.shadows, "y1", "y2"),
    boxes: lower(scene.boxes, "y1", "y2"),
    titles: lower(scene.titles, "y"),
    lines: lower(scene.lines, "y"),
    chips: lower(scene.chips, "y", "y1", "y2"),
    loops: lower(scene.loops, "y", "y1", "y2", "hy"),
    notes: [
      ...options.notes.map((t, index) => ({ id: -1, y: noteY(index), t: fitText(t, width - 28, 12.5) })),
      ...model.units.flatMap((unit) =>
        wrapped(unit.tells, width - 28, 12.5, rows).map((t, index) => ({ id: unit.key, y: noteY(index), t })),
      ),
    ],
    legend,
  };
  const box = { x: x("x1"), x2: { field: "x2" }, y: y("y1"), y2: { field: "y2" } };
  const onPath = "(over >= 0 && ((datum.a[floor(over / 31)] >> (over % 31)) & 1))";
  const lit = `over < 0 || ${onPath}`;
  const faded = (low: number): Json => ({ condition: { test: lit, value: 1 }, value: low });
  const curve = { field: "d", type: "nominal", scale: null, legend: null };
  const sized = (field: string): Json => ({ field, type: "quantitative", scale: null, legend: null });
  const colours = (side: "fill" | "edge"): Json =>
    lookup("ty", Object.fromEntries(Object.entries(nodeColours).map(([kind, each]) => [kind, each[side]])));
  const wireColour = { condition: { test: onPath, value: palette.path }, value: palette.wire };
  const layers: (Json | false)[] = [
    {
      name: "legendPanel",
      data: { values: [{ x1: 0, x2: legend.at(-1)!.end, y1: top - legendRow, y2: top - legendRow + 26 }] },
      mark: { type: "rect", cornerRadius: 13, fill: palette.panel.fill, stroke: palette.panel.edge },
      encoding: box,
    },
    scene.frames.length > 0 && {
      name: "frames",
      data: { name: "frames" },
      mark: { type: "rect", cornerRadius: 12, fill: palette.panel.fill, stroke: palette.wire, strokeDash: [5, 4] },
      encoding: box,
    },
    {
      name: "wires",
      data: { name: "wires" },
      mark: { type: "point", filled: false, size: 4, strokeCap: "butt" },
      encoding: {
        x: { value: 0 },
        y: { value: top },
        shape: curve,
        stroke: wireColour,
        strokeWidth: sized("w"),
        opacity: faded(0.15),
      },
    },
    {
      name: "heads",
      data: { name: "heads" },
      mark: { type: "point", filled: true, shape: arrow, angle: scene.down ? 90 : 0 },
      encoding: { x: x("x"), y: y("y"), size: sized("w"), fill: wireColour, opacity: faded(0.15) },
    },
    scene.frames.length > 0 && {
      name: "frameTitlePanels",
      data: { name: "frames" },
      transform: [
        { calculate: "datum.x1 + 6", as: "left" },
        { calculate: "datum.x1 + datum.w", as: "right" },
        { calculate: "datum.y1 + 4", as: "low" },
        { calculate: "datum.y1 + 23", as: "high" },
      ],
      mark: { type: "rect", cornerRadius: 6, fill: palette.panel.fill },
      encoding: { x: x("left"), x2: { field: "right" }, y: y("low"), y2: { field: "high" } },
    },
    scene.frames.length > 0 && {
      name: "frameTitles",
      data: { name: "frames" },
      transform: [
        { calculate: "datum.x1 + 12", as: "x" },
        { calculate: "datum.y1 + 14", as: "y" },
      ],
      mark: { type: "text", align: "left", baseline: "middle", fontSize: 12.5, fontWeight: 600, fill: palette.muted },
      encoding: { x: x("x"), y: y("y"), text: { field: "t" } },
    },
    scene.loops.length > 0 && {
      name: "loops",
      data: { name: "loops" },
      mark: { type: "point", filled: false, size: 4, strokeWidth: 2.5 },
      encoding: {
        x: { value: 0 },
        y: { value: top },
        shape: curve,
        stroke: { value: palette.wire },
        opacity: faded(0.15),
      },
    },
    scene.loops.length > 0 && {
      name: "loopHeads",
      data: { name: "loops" },
      mark: { type: "point", filled: true, shape: arrow, angle: scene.down ? 0 : 270, size: 6 },
      encoding: { x: x("hx"), y: y("hy"), fill: { value: palette.wire }, opacity: faded(0.15) },
    },
    {
      name: "shadows",
      data: { name: "shadows" },
      mark: { type: "rect", cornerRadius: 9, fill: shadowFill, stroke: nodeColours.intermediate.edge, strokeWidth: 1 },
      encoding: { ...box, opacity: faded(0.25) },
    },
    {
      name: "boxes",
      data: { name: "boxes" },
      mark: { type: "rect", cornerRadius: 9 },
      encoding: {
        ...box,
        fill: colours("fill"),
        stroke: colours("edge"),
        strokeWidth: { condition: { test: "datum.id == over", value: 3 }, value: 1.6 },
        opacity: faded(0.3),
      },
    },
    {
      name: "titles",
      data: { name: "titles" },
      mark: { type: "text", font: mathFont, baseline: "middle", fill: palette.ink },
      encoding: { x: x("x"), y: y("y"), text: { field: "t" }, size: sized("z"), opacity: faded(0.35) },
    },
    {
      name: "lines",
      data: { name: "lines" },
      mark: { type: "text", baseline: "middle", fontSize: 11.5 },
      encoding: { x: x("x"), y: y("y"), text: { field: "t" }, color: lookup("c", lineColours), opacity: faded(0.35) },
    },
    {
      name: "chips",
      data: { name: "chips" },
      mark: { type: "rect", cornerRadius: 9, strokeWidth: 0.8 },
      encoding: { ...box, fill: lookup("c", chipFills), stroke: lookup("c", chipInks), opacity: faded(0.12) },
    },
    {
      name: "chipTexts",
      data: { name: "chips" },
      mark: { type: "text", font: mathFont, baseline: "middle", fontSize: 12 },
      encoding: { x: x("x"), y: y("y"), text: { field: "t" }, color: lookup("c", chipInks), opacity: faded(0.12) },
    },
    scene.loops.length > 0 && {
      name: "loopChips",
      data: { name: "loops" },
      mark: { type: "rect", cornerRadius: 9, fill: palette.local.chip, stroke: palette.local.ink, strokeWidth: 0.8 },
      encoding: { ...box, opacity: faded(0.2) },
    },
    scene.loops.length > 0 && {
      name: "loopTexts",
      data: { name: "loops" },
      mark: { type: "text", font: mathFont, baseline: "middle", fontSize: 12, fill: palette.local.ink },
      encoding: { x: x("x"), y: y("y"), text: { field: "t" }, opacity: faded(0.2) },
    },
    ...legendLayers(
      x,
      top - legendRow,
      { ...chipFills, s: shadowFill },
      { ...chipInks, s: nodeColours.intermediate.edge },
      { ...chipInks, s: palette.muted },
    ),
    {
      name: "panel",
      data: { values: [{ x1: 0, x2: width, y1: panelTop, y2: round(height - 2) }] },
      mark: { type: "rect", cornerRadius: 10, fill: palette.panel.fill, stroke: palette.panel.edge },
      encoding: box,
    },
    {
      name: "notes",
      data: { name: "notes" },
      transform: [{ filter: "datum.id == over" }],
      mark: { type: "text", align: "left", baseline: "middle", fontSize: 12.5, fill: palette.ink },
      encoding: { x: { value: 14 }, y: y("y"), text: { field: "t" } },
    },
    {
      name: "targets",
      data: { name: "boxes" },
      params: [hoverParameter],
      mark: { type: "rect", fill: "#000", opacity: 0, cursor: "pointer" },
      encoding: box,
    },
  ];
  const drawn = layers.filter((layer) => layer !== false);
  const heading = options.title === undefined ? [] : titleLayers(options.title, width);
  return frame(width, height, `Computational graph of ${model.output} by layers`, options.description, {
    params: [overParameter],
    datasets,
    resolve: { scale: { color: "independent", fill: "independent", stroke: "independent" } },
    layer: [...heading, ...drawn],
  });
}

interface LegendEntry {
  readonly c: "v" | "g" | "s";
  readonly t: string;
  readonly n: string;
  readonly x1: number;
  readonly x2: number;
  readonly x: number;
  readonly xn: number;
  readonly end: number;
}

function legendOf(model: CardModel, scene: CardScene): readonly LegendEntry[] {
  const entries: readonly (readonly [LegendEntry["c"], string, string])[] = [
    ["v", "16×2", "value or shape, forward"],
    ...(model.without === undefined ? [["g", "‖∇‖", `size of ∂${model.output}/∂ it, backward`] as const] : []),
    ...(scene.shadows.length > 0 ? [["s", "", "stacked: collapsed"] as const] : []),
  ];
  let x = 8;
  return entries.map(([c, t, n]) => {
    const x1 = x;
    const x2 = round(x1 + Math.max(22, textWidth(t, 11) + 14));
    const xn = round(x2 + 6);
    const end = round(xn + textWidth(n, 11) + 6);
    x = end + 12;
    return { c, t, n, x1, x2, x: round((x1 + x2) / 2), xn, end };
  });
}

/** The text in lines of at most `width`, no more than `most` of them. */
function wrapped(text: string, width: number, size: number, most: number): readonly string[] {
  const lines: string[] = [];
  let rest = text.split(" ");
  while (rest.length > 0 && lines.length < most - 1) {
    let count = 1;
    while (count < rest.length && textWidth(rest.slice(0, count + 1).join(" "), size) <= width) count++;
    lines.push(rest.slice(0, count).join(" "));
    rest = rest.slice(count);
  }
  return rest.length === 0 ? lines : [...lines, fitText(rest.join(" "), width, size)];
}
