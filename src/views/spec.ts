import type { Specification } from "./display.ts";
import { lessonTable, tableHeightOf } from "./lesson-table.ts";
import type { Caption } from "./marks.ts";
import { chipHalf, circleRadius } from "./measures.ts";
import type { FigureModel, FigureStep, PathTexts } from "./model.ts";
import { mathFont, nodeColours, palette, textFont } from "./palette.ts";
import { playParameters, stepSelection } from "./player.ts";
import { round } from "./round.ts";
import type { Scene } from "./scene.ts";
import type { DecompositionTable } from "./table.ts";
import { dotted } from "./tangents.ts";
import { fitText, textWidth } from "./text-width.ts";
import { type PlacedTokens, placeTokens, rowsHeight } from "./tokens.ts";

type Json = Readonly<Record<string, unknown>>;

export interface SpecificationOptions {
  readonly title: string | undefined;
  readonly description: string;
  /** The step it opens at. */
  readonly step: number;
  /** In place of the steps' captions; the figure then stands still. */
  readonly caption: Caption | undefined;
  /** Whether marks are drawn: the figure then stands at its last step. */
  readonly marked: boolean;
  /** The decomposition table to be drawn below, under the same slider. */
  readonly table: DecompositionTable | undefined;
  /** Whether the steps can be played. */
  readonly autoplay: boolean;
}

/** The tip is at the origin; the mark's angle turns it. */
export const arrow = "M0,0L-9,-4.2L-6.8,0L-9,4.2Z";
export const titleRow = 26;
const legendRow = 34;
const panelHead = 40;
const leastPanelHeight = 130;
const pathRow = 23;

/** The parts all figures share: sizes in pixels, no page colour of its own, no menu. */
export function frame(width: number, height: number, title: string, description: string, rest: Json): Specification {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    description,
    usermeta: { title, embedOptions: { actions: false, renderer: "svg" } },
    background: "transparent",
    padding: 4,
    width: round(width),
    height: round(height),
    ...rest,
    config: { view: { stroke: null }, font: textFont, mark: { aria: false } },
  };
}

/** Scales that make positions pixels, from the top left. */
export function pixelScales(width: number, height: number): { x: (field: string) => Json; y: (field: string) => Json } {
  const scale = (length: number, rest: Json): Json => ({
    type: "quantitative",
    scale: { domain: [0, round(length)], nice: false, zero: false, ...rest },
    axis: null,
  });
  const x = scale(width, {});
  const y = scale(height, { reverse: true });
  return { x: (field) => ({ field, ...x }), y: (field) => ({ field, ...y }) };
}

/** A nominal channel whose colours are looked up by the values of a field. */
export function lookup(field: string, colours: Readonly<Record<string, string>>): Json {
  return {
    field,
    type: "nominal",
    legend: null,
    scale: { domain: Object.keys(colours), range: Object.values(colours) },
  };
}

const toneColours = {
  plain: palette.ink,
  value: palette.value.ink,
  gradient: palette.gradient.ink,
  tangent: palette.tangent.ink,
  local: palette.local.ink,
  counted: palette.counted,
  missing: palette.wrong.ink,
  right: palette.right.ink,
  muted: palette.muted,
};
const phaseColours = {
  start: palette.muted,
  forward: palette.value.ink,
  backward: palette.gradient.ink,
  done: palette.right.ink,
  wrong: palette.wrong.ink,
  right: palette.right.ink,
  muted: palette.muted,
};
const chipFills = {
  v: palette.value.chip,
  g: palette.gradient.chip,
  t: palette.tangent.chip,
  l: palette.local.chip,
  n: "transparent",
  m: "transparent",
};
const chipInks = {
  v: palette.value.ink,
  g: palette.gradient.ink,
  t: palette.tangent.ink,
  l: palette.local.ink,
  n: palette.gradient.ink,
  m: palette.tangent.ink,
};

/** The row under the pointer, by its id. Marks without ids select too, so what counts is `over`: an id, or −1. */
export const hoverParameter: Json = {
  name: "hover",
  select: { type: "point", fields: ["id"], on: "mouseover", clear: "mouseout", toggle: false },
};
export const overParameter: Json = {
  name: "over",
  expr: "isValid(hover.id) && isValid(hover.id[0]) ? hover.id[0] : -1",
};

/** Assembles the teaching figure: the graph with a legend above and the panel of its steps below. */
export function specificationOf(model: FigureModel, scene: Scene, options: SpecificationOptions): Specification {
  const { width } = scene;
  const last = model.steps.length - 1;
  const top = (options.title === undefined ? 0 : titleRow) + legendRow;
  const panelTop = top + scene.height + 8;
  const captions = options.caption === undefined ? undefined : options.caption.rows.slice(0, 4);
  const tallest = Math.max(
    ...(captions === undefined ? model.steps.map((step) => rowsHeight(step.rows)) : [rowsHeight(captions)]),
  );
  const panelHeight = Math.max(leastPanelHeight, panelHead + tallest + 4);
  const panelEnd = panelTop + panelHeight + 2;
  const panel = { top: panelTop, height: panelHeight, width };
  // Of a table the height is known when it is set out, and positions in pixels need the height of all.
  const tableTop = panelEnd + 8;
  const tableHeight = options.table === undefined ? 0 : 8 + tableHeightOf(options.table) + 2;
  const height = panelEnd + tableHeight;
  const { x, y } = pixelScales(width, height);
  const lesson = options.table && lessonTable(options.table, model, { top: tableTop, width }, { x, y });
  const still = options.marked || options.caption !== undefined || last === 0;

  const shown = options.caption === undefined ? model.steps.length : 0;
  const dots = dotsOf(model.steps, panel);
  const titleWidth = (still ? width : dots[0]!.x - 12) - 34;
  const heads =
    options.caption === undefined
      ? model.steps.map((step, k) => ({ k, p: step.phase, t: fitText(step.title, titleWidth, 13, true) }))
      : [{ k: last, p: options.caption.tone, t: fitText(options.caption.title, titleWidth, 13, true) }];
  const placed =
    captions === undefined
      ? model.steps.map((step, k) => ({ k, tokens: placeRows(step.rows, panel) }))
      : [{ k: last, tokens: placeRows(captions, panel) }];
  const hovers = shown === 0 ? [] : pathTexts(model, panel, titleWidth);

  const datasets = {
    wires: lowered(scene.wires, ["ty", "sy"], top),
    boxes: lowered(scene.boxes, ["y1", "y2"], top),
    circles: lowered(scene.circles, ["y", "y1", "y2"], top),
    labels: lowered(scene.labels, ["y"], top),
    chips: lowered(scene.chips, ["y"], top),
    maps: lowered(scene.maps, ["y"], top),
    cells: lowered(scene.cells, ["y"], top),
    tags: lowered(scene.tags, ["y"], top),
    heads,
    words: placed.flatMap(({ k, tokens }) => tokens.words.map((word) => ({ k, ...word }))),
    rules: placed.flatMap(({ k, tokens }) => tokens.rules.map((rule) => ({ k, ...rule }))),
    dots: still ? [] : dots,
    paths: hovers,
    legend: legendOf(model, scene),
    ...lesson?.datasets,
  };
  const box = { x: x("x1"), x2: { field: "x2" }, y: y("y1"), y2: { field: "y2" } };

  // Bits of the node under the pointer against those of the nodes with a path through the datum.
  const idle = "over < 0";
  const onPath = "(over >= 0 && ((datum.a >> over) & 1))";
  const lit = `${idle} || ${onPath}`;
  // What is said about an answer stays: under the pointer are paths without texts then.
  const told = options.caption === undefined ? `datum.k == step && ${idle}` : "datum.k == step";
  const backwardNow = "datum.b == step";
  const forwardNow = "datum.f == step && step > 0";
  const atWork = `${backwardNow} || (${forwardNow})`;
  const faded = (low: number): Json => ({ condition: { test: lit, value: 1 }, value: low });
  const nodeFill = lookup(
    "ty",
    Object.fromEntries(Object.entries(nodeColours).map(([kind, { fill }]) => [kind, fill])),
  );
  const nodeEdge = lookup(
    "ty",
    Object.fromEntries(Object.entries(nodeColours).map(([kind, { edge }]) => [kind, edge])),
  );
  const angle = scene.down ? 90 : 0;
  const isMarked = 'datum.m != "none"';
  const markColours = options.marked
    ? [
        { test: 'datum.m == "missing" || datum.m == "wrong"', value: palette.wrong.line },
        { test: 'datum.m == "counted"', value: palette.value.line },
      ]
    : [];
  const thick = `${onPath} || ${options.marked ? isMarked : atWork}`;
  const passing = options.marked
    ? []
    : [
        { test: backwardNow, value: palette.gradient.line },
        { test: forwardNow, value: palette.value.line },
      ];

  const layers: (Json | false)[] = [
    {
      name: "legendPanel",
      data: { values: [{ x1: 0, x2: legendEnd(datasets.legend) + 6, y1: top - legendRow, y2: top - legendRow + 26 }] },
      mark: { type: "rect", cornerRadius: 13, fill: palette.panel.fill, stroke: palette.panel.edge },
      encoding: box,
    },
    {
      name: "wires",
      data: { name: "wires" },
      mark: { type: "point", filled: false, size: 4, strokeCap: "round" },
      encoding: {
        x: { value: 0 },
        y: { value: top },
        shape: { field: "d", type: "nominal", scale: null, legend: null },
        stroke: {
          condition: [{ test: onPath, value: palette.path }, ...markColours, ...passing],
          value: palette.wire,
        },
        strokeWidth: { condition: { test: thick, value: 3 }, value: 1.5 },
        ...(options.marked
          ? { strokeDash: { condition: { test: 'datum.m == "missing"', value: [7, 5] }, value: [1, 0] } }
          : {}),
        opacity: faded(0.13),
      },
    },
    {
      name: "heads",
      data: { name: "wires" },
      mark: { type: "point", filled: true, shape: arrow, angle },
      encoding: {
        x: x("tx"),
        y: y("ty"),
        size: { condition: { test: thick, value: 6 }, value: 4.5 },
        fill: {
          condition: [{ test: onPath, value: palette.path }, ...markColours, ...passing.slice(1)],
          value: palette.wire,
        },
        opacity: faded(0.13),
      },
    },
    {
      name: "backwardHeads",
      data: { name: "wires" },
      mark: { type: "point", filled: true, shape: arrow, angle: angle + 180, size: 6 },
      encoding: {
        x: x("sx"),
        y: y("sy"),
        fill: { value: palette.gradient.line },
        opacity: {
          condition: [
            { test: "datum.b > step", value: 0 },
            { test: lit, value: 1 },
          ],
          value: 0.13,
        },
      },
    },
    {
      name: "boxes",
      data: { name: "boxes" },
      mark: { type: "rect", cornerRadius: 9 },
      encoding: {
        ...box,
        fill: nodeFill,
        stroke: nodeEdge,
        strokeWidth: {
          condition: { test: options.marked ? "datum.id == over" : `datum.id == over || ${atWork}`, value: 3 },
          value: 1.6,
        },
        opacity: faded(0.25),
      },
    },
    {
      name: "circles",
      data: { name: "circles" },
      mark: {
        type: "rect",
        cornerRadius: circleRadius,
        fill: nodeColours.operation.fill,
        stroke: nodeColours.operation.edge,
      },
      encoding: {
        ...box,
        strokeWidth: options.marked ? { value: 1.6 } : { condition: { test: atWork, value: 3 }, value: 1.6 },
        opacity: faded(0.25),
      },
    },
    {
      name: "symbols",
      data: { name: "circles" },
      mark: { type: "text", font: mathFont, baseline: "middle", fill: palette.ink },
      encoding: {
        x: x("x"),
        y: y("y"),
        text: { field: "t" },
        size: { field: "z", type: "quantitative", scale: null, legend: null },
        opacity: faded(0.3),
      },
    },
    {
      name: "labels",
      data: { name: "labels" },
      mark: { type: "text", font: mathFont, baseline: "middle", fontSize: 15, fill: palette.ink },
      encoding: {
        x: x("x"),
        y: y("y"),
        text: { condition: { test: "datum.f <= step", field: "t" }, field: "n" },
        opacity: faded(0.3),
      },
    },
    {
      name: "chips",
      data: { name: "chips" },
      transform: [
        { filter: "datum.h > 0" },
        { calculate: "datum.y-datum.h", as: "y1" },
        { calculate: "datum.y+datum.h", as: "y2" },
      ],
      mark: { type: "rect", cornerRadius: chipHalf },
      encoding: {
        ...box,
        fill: lookup("c", chipFills),
        stroke: lookup("c", chipInks),
        strokeWidth: {
          condition: { test: options.marked ? "false" : "datum.n == step && step > 0", value: 2 },
          value: 0.8,
        },
        opacity: shownFrom(lit),
      },
    },
    scene.maps.length > 0 && {
      name: "maps",
      data: { name: "maps" },
      mark: { type: "point", filled: true, size: 4, strokeWidth: 0 },
      encoding: {
        x: x("x"),
        y: y("y"),
        shape: { field: "d", type: "nominal", scale: null, legend: null },
        fill: { field: "f", type: "nominal", scale: null, legend: null },
        opacity: shownFrom(lit),
      },
    },
    scene.cells.length > 0 && {
      name: "cells",
      data: { name: "cells" },
      mark: { type: "text", font: mathFont, baseline: "middle", fontSize: 10.5, fill: palette.ink },
      encoding: { x: x("x"), y: y("y"), text: { field: "t" }, opacity: shownFrom(lit) },
    },
    {
      name: "chipTexts",
      data: { name: "chips" },
      mark: { type: "text", font: mathFont, baseline: "middle" },
      encoding: {
        x: x("x"),
        y: y("y"),
        text: { field: "t" },
        size: { condition: { test: 'datum.c == "v"', value: 12.5 }, value: 12 },
        color: lookup("c", chipInks),
        opacity: shownFrom(lit),
      },
    },
    ...legendLayers(x, top - legendRow, chipFills, chipInks),
    {
      name: "panel",
      data: { values: [{ x1: 0, x2: round(width), y1: panelTop, y2: panelTop + panelHeight }] },
      mark: { type: "rect", cornerRadius: 10, fill: palette.panel.fill, stroke: palette.panel.edge },
      encoding: box,
    },
    {
      name: "panelTitle",
      data: { name: "heads" },
      transform: [{ filter: told }],
      mark: { type: "text", align: "left", baseline: "middle", fontWeight: 600, fontSize: 13 },
      encoding: {
        x: { value: 16 },
        y: { value: panelTop + 20 },
        text: { field: "t" },
        color: lookup("p", phaseColours),
      },
    },
    !still && {
      name: "dots",
      data: { name: "dots" },
      ...(options.autoplay ? {} : { params: [stepSelection(options.step, last)] }),
      mark: { type: "point", filled: true, shape: "circle", cursor: "pointer", strokeWidth: 1.4, opacity: 1 },
      encoding: {
        x: x("x"),
        y: { value: panelTop + 20 },
        size: { condition: { test: "datum.k == step", value: 170 }, value: 70 },
        fill: { condition: { test: "datum.k > step", value: "#FFFFFF" }, ...lookup("p", phaseColours) },
        stroke: lookup("p", phaseColours),
        tooltip: { field: "n" },
      },
    },
    {
      name: "words",
      data: { name: "words" },
      transform: [{ filter: told }],
      mark: { type: "text", font: mathFont, baseline: "middle" },
      encoding: {
        x: x("x"),
        y: y("y"),
        text: { field: "t" },
        size: { field: "z", type: "quantitative", scale: null, legend: null },
        color: lookup("c", toneColours),
      },
    },
    {
      name: "rules",
      data: { name: "rules" },
      transform: [{ filter: told }],
      mark: { type: "rule", strokeWidth: 1.1 },
      encoding: { x: x("x"), x2: { field: "x2" }, y: y("y"), color: lookup("c", toneColours) },
    },
    hovers.length > 0 && {
      name: "paths",
      data: { name: "paths" },
      transform: [{ filter: "datum.id == over" }],
      mark: { type: "text", font: mathFont, align: "left", baseline: "middle", fill: palette.pathInk },
      encoding: {
        x: { value: 16 },
        y: y("y"),
        text: { field: "t" },
        size: { condition: { test: "datum.i == 0", value: 15 }, value: 13.5 },
      },
    },
    scene.tags.length > 0 && {
      name: "tags",
      data: { name: "tags" },
      transform: [
        { calculate: "datum.y-10", as: "y1" },
        { calculate: "datum.y+10", as: "y2" },
      ],
      mark: { type: "rect", cornerRadius: 10, strokeWidth: 1.2, stroke: palette.wrong.ink },
      encoding: { ...box, fill: lookup("c", { answer: palette.wrong.ink, label: palette.wrong.chip }) },
    },
    scene.tags.length > 0 && {
      name: "tagTexts",
      data: { name: "tags" },
      mark: { type: "text", font: mathFont, baseline: "middle", fontSize: 12, fontWeight: 600 },
      encoding: {
        x: x("x"),
        y: y("y"),
        text: { field: "t" },
        color: lookup("c", { answer: "#FFFFFF", label: palette.wrong.ink }),
      },
    },
    {
      name: "circleTargets",
      data: { name: "circles" },
      mark: { type: "rect", cornerRadius: circleRadius, fill: "#000", opacity: 0 },
      encoding: { ...box, tooltip: { field: "tip" } },
    },
    {
      name: "boxTargets",
      data: { name: "boxes" },
      transform: [{ filter: 'datum.ty != "constant"' }],
      params: [hoverParameter],
      mark: { type: "rect", fill: "#000", opacity: 0, cursor: "pointer" },
      encoding: box,
    },
  ];
  const title = options.title === undefined ? [] : titleLayers(options.title, width);
  return frame(width, height, `Computational graph of ${model.output}`, options.description, {
    params: [
      ...(options.autoplay && !still ? playParameters(options.step, last) : []),
      still
        ? { name: "step", value: last }
        : {
            name: "step",
            expr: `isValid(at_k) ? clamp(toNumber(at_k), 0, ${last}) : ${options.step}`,
          },
      overParameter,
    ],
    datasets,
    resolve: { scale: { color: "independent", fill: "independent", stroke: "independent" } },
    layer: [...title, ...layers.filter((layer) => layer !== false), ...(lesson?.layers ?? [])],
  });
}

/** The rows moved down by `distance`. */
function lowered<Row extends object>(rows: readonly Row[], fields: readonly (keyof Row)[], distance: number): Row[] {
  return rows.map((row) => {
    const moved = fields.map((field) => [field, round(Number(row[field]) + distance)]);
    return { ...row, ...Object.fromEntries(moved) };
  });
}

function shownFrom(lit: string): Json {
  return {
    condition: [
      { test: "datum.k > step", value: 0 },
      { test: lit, value: 1 },
    ],
    value: 0.1,
  };
}

interface Panel {
  readonly top: number;
  readonly height: number;
  readonly width: number;
}

function placeRows(rows: FigureStep["rows"], panel: Panel): PlacedTokens {
  const free = panel.height - panelHead - rowsHeight(rows);
  return placeTokens(rows, panel.width / 2, panel.top + panelHead - 4 + free / 2, panel.width - 32);
}

function dotsOf(steps: readonly FigureStep[], panel: Panel): readonly { k: number; x: number; p: string; n: string }[] {
  const last = steps.length - 1;
  const gap = Math.min(18, (panel.width * 0.45) / Math.max(1, last));
  return steps.map((step, k) => ({
    k,
    x: round(panel.width - 24 - (last - k) * gap),
    p: step.phase,
    n: `Step ${k} of ${last}`,
  }));
}

function pathTexts(
  model: FigureModel,
  panel: Panel,
  titleWidth: number,
): readonly { id: number; i: number; y: number; t: string }[] {
  return model.nodes.flatMap(({ index, paths }) => {
    if (paths === undefined) return [];
    const title = textWidth(paths.title, 15) <= titleWidth ? paths.title : fitText(paths.shortTitle, titleWidth, 15);
    return [title, ...paths.lines.map((line) => pathText(line, panel.width - 32))].map((t, i) => ({
      id: index,
      i,
      y: round(panel.top + (i === 0 ? 20 : 22 + i * pathRow)),
      t,
    }));
  });
}

/** One path in a line; where it is too long its names are cut, never its numbers. */
function pathText({ route, product, result }: PathTexts["lines"][number], width: number): string {
  const size = 13.5;
  if (product === "") return fitText(route, width, size);
  const ending = [product, result].map((each) => ` :   ${each}`).find((each) => textWidth(each, size) <= width * 0.7);
  if (ending === undefined) return fitText(route, width, size);
  return `${fitText(route, width - textWidth(ending, size), size)}${ending}`;
}

interface LegendEntry {
  readonly c: "v" | "g" | "t" | "l";
  readonly t: string;
  readonly n: string;
  readonly x1: number;
  readonly x2: number;
  readonly x: number;
  readonly xn: number;
}

type LegendText = readonly [c: LegendEntry["c"], t: string, n: string];

/** What the chips mean, with the names of a wire of this graph where they are short. */
function legendOf(model: FigureModel, scene: Scene): readonly LegendEntry[] {
  const wire = model.wires.find((each) => each.local !== undefined) ?? model.wires[0];
  const source = wire === undefined ? "u" : model.nodes[wire.from]!.name;
  const target = wire === undefined ? "v" : model.nodes[wire.to]!.name;
  const short = [source, target, model.differential.slice(1)].every((name) => name.length <= 5);
  const [from, to, top] = short ? [source, target, model.differential] : ["u", "v", "∂z"];
  const flows: readonly LegendText[] =
    model.flow === "gradient"
      ? [["g", `${top}/∂${from}`, "gradient, backward"]]
      : [["t", dotted(from), "tangent, forward"]];
  const entries: readonly LegendText[] = [
    ["v", from, "value, forward"],
    ...(scene.chips.some(({ c }) => c !== "v" && c !== "l") ? flows : []),
    ...(scene.chips.some(({ c }) => c === "l") ? ([["l", `∂${to}/∂${from}`, "local derivative"]] as const) : []),
  ];
  let x = 8;
  return entries.map(([c, t, n]) => {
    const chip = Math.max(22, textWidth(t, 11) + 14);
    const x1 = x;
    const x2 = round(x1 + chip);
    const xn = round(x2 + 6);
    x = round(xn + textWidth(n, 11) + 18);
    return { c, t, n, x1, x2, x: round(x1 + chip / 2), xn };
  });
}

function legendEnd(legend: readonly LegendEntry[]): number {
  const final = legend.at(-1)!;
  return round(final.xn + textWidth(final.n, 11));
}

/** The words of a legend on the row that begins at `top`: chips as they are drawn below, and what they stand for. */
export function legendLayers(
  x: (field: string) => Json,
  top: number,
  fills: Readonly<Record<string, string>>,
  edges: Readonly<Record<string, string>>,
  inks: Readonly<Record<string, string>> = edges,
): readonly Json[] {
  const middle = { value: top + 13 };
  return [
    {
      name: "legendChips",
      data: { name: "legend" },
      mark: { type: "rect", cornerRadius: 8, strokeWidth: 0.8 },
      encoding: {
        x: x("x1"),
        x2: { field: "x2" },
        y: { value: top + 5 },
        y2: { value: top + 21 },
        fill: lookup("c", fills),
        stroke: lookup("c", edges),
      },
    },
    {
      name: "legendSymbols",
      data: { name: "legend" },
      mark: { type: "text", font: mathFont, baseline: "middle", fontSize: 11 },
      encoding: { x: x("x"), y: middle, text: { field: "t" }, color: lookup("c", inks) },
    },
    {
      name: "legendTexts",
      data: { name: "legend" },
      mark: { type: "text", baseline: "middle", align: "left", fontSize: 11, fill: palette.muted },
      encoding: { x: x("xn"), y: middle, text: { field: "n" } },
    },
  ];
}

/** The title above a drawing, on a chip of its own. */
export function titleLayers(title: string, width: number): readonly Json[] {
  const text = fitText(title, width - 24, 14, true);
  const wide = textWidth(text, 14, true) + 24;
  return [
    {
      name: "titlePanel",
      data: { values: [{}] },
      mark: { type: "rect", cornerRadius: 8, fill: palette.panel.fill },
      encoding: { x: { value: 0 }, x2: { value: round(wide) }, y: { value: 0 }, y2: { value: 22 } },
    },
    {
      name: "title",
      data: { values: [{ t: text }] },
      mark: { type: "text", align: "left", baseline: "middle", fontSize: 14, fontWeight: 600, fill: palette.ink },
      encoding: { x: { value: 10 }, y: { value: 11 }, text: { field: "t" } },
    },
  ];
}
