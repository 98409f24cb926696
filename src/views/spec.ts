import type { Specification } from "./display.ts";
import {
  arrow,
  chipColoursOf,
  colours,
  computed,
  corners,
  field,
  frame,
  hoverParameter,
  type Json,
  layer,
  legendLayers,
  mathText,
  once,
  overParameter,
  panel,
  plainText,
  point,
  sides,
  titleLayers,
  titleRow,
} from "./layers.ts";
import { lessonTable, tableHeightOf } from "./lesson-table.ts";
import type { Caption } from "./marks.ts";
import { chipHalf, circleRadius } from "./measures.ts";
import type { FigureModel, FigureStep, PathTexts } from "./model.ts";
import { nodeColours, palette } from "./palette.ts";
import { playParameters, stepSelection } from "./player.ts";
import { round } from "./round.ts";
import type { Scene } from "./scene.ts";
import type { DecompositionTable } from "./table.ts";
import { dotted } from "./tangents.ts";
import { fitText, textWidth } from "./text-width.ts";
import { type PlacedTokens, placeTokens, rowsHeight } from "./tokens.ts";

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

const legendRow = 34;
const panelHead = 40;
const leastPanelHeight = 130;
const pathRow = 23;

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
/** Those of tangents and gradients inside boxes have no ground of their own. */
const none = "transparent";
const chipColours = {
  v: chipColoursOf(palette.value),
  g: chipColoursOf(palette.gradient),
  t: chipColoursOf(palette.tangent),
  l: chipColoursOf(palette.local),
  n: { fill: none, edge: none, ink: palette.gradient.ink },
  m: { fill: none, edge: none, ink: palette.tangent.ink },
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
  const place: Panel = { top: panelTop, height: panelHeight, width };
  // Of a table the height is known when it is set out, and positions in pixels need the height of all.
  const tableTop = panelEnd + 8;
  const tableHeight = options.table === undefined ? 0 : 8 + tableHeightOf(options.table) + 2;
  const height = panelEnd + tableHeight;
  const lesson = options.table && lessonTable(options.table, model, { top: tableTop, width });
  const still = options.marked || options.caption !== undefined || last === 0;

  const dots = dotsOf(model.steps, place);
  const titleWidth = (still ? width : dots[0]!.x - 12) - 34;
  const heads =
    options.caption === undefined
      ? model.steps.map((step, k) => ({ k, p: step.phase, t: fitText(step.title, titleWidth, 13, true) }))
      : [{ k: last, p: options.caption.tone, t: fitText(options.caption.title, titleWidth, 13, true) }];
  const placed =
    captions === undefined
      ? model.steps.map((step, k) => ({ k, tokens: placeRows(step.rows, place) }))
      : [{ k: last, tokens: placeRows(captions, place) }];
  const hovers = options.caption === undefined ? pathTexts(model, place, titleWidth) : [];

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
    // Of captions there is most: the names of fields stand once for each step.
    words: placed.map(({ k, tokens }) => ({ k, ...folded(tokens.words, wordFields) })),
    rules: placed.map(({ k, tokens }) => ({ k, ...folded(tokens.rules, ruleFields) })),
    dots: still ? [] : dots,
    paths: hovers,
    legend: legendOf(model, scene),
    ...lesson?.datasets,
  };

  // Bits of the node under the pointer against those of the nodes with a path through the datum.
  const idle = "over < 0";
  const onPath = "(over >= 0 && ((datum.a >> over) & 1))";
  const lit = `(${idle} || ${onPath})`;
  // What is said about an answer stays: under the pointer are paths without texts then.
  const now = { filter: options.caption === undefined ? `datum.k == step && ${idle}` : "datum.k == step" };
  const backwardNow = "datum.b == step";
  const forwardNow = "(datum.f == step && step > 0)";
  const atWork = options.marked ? "false" : `${backwardNow} || ${forwardNow}`;
  const faded = (low: number): Json => computed(`${lit} ? 1 : ${low}`);
  const shown = computed(`datum.k > step ? 0 : ${lit} ? 1 : 0.1`);
  const angle = scene.down ? 90 : 0;
  const marked = `datum.m == "missing" || datum.m == "wrong" ? "${palette.wrong.line}" : datum.m == "counted" ? "${palette.value.line}" : `;
  const passing = (backward: boolean): string =>
    options.marked
      ? marked
      : `${backward ? `${backwardNow} ? "${palette.gradient.line}" : ` : ""}${forwardNow} ? "${palette.value.line}" : `;
  const wireColour = (backward: boolean): Json =>
    computed(`${onPath} ? "${palette.path}" : ${passing(backward)}"${palette.wire}"`);
  const thick = `${onPath} || ${options.marked ? 'datum.m != "none"' : atWork}`;
  const inkOf = (table: string): Json => computed(`${table}[datum.c].ink`);

  const layers: (Json | false)[] = [
    once("legendPanel", {
      ...panel,
      cornerRadius: 13,
      ...sides(0, top - legendRow, legendEnd(datasets.legend) + 6, top - legendRow + 26),
    }),
    layer("wires", {
      type: "point",
      filled: false,
      size: 4,
      strokeCap: "round",
      x: 0,
      y: top,
      shape: field("d"),
      stroke: wireColour(true),
      strokeWidth: computed(`${thick} ? 3 : 1.5`),
      ...(options.marked ? { strokeDash: computed('datum.m == "missing" ? [7, 5] : [1, 0]') } : {}),
      opacity: faded(0.13),
    }),
    layer(
      "heads",
      {
        type: "point",
        filled: true,
        shape: arrow,
        angle,
        x: field("tx"),
        y: field("ty"),
        size: computed(`${thick} ? 6 : 4.5`),
        fill: wireColour(false),
        opacity: faded(0.13),
      },
      { dataset: "wires" },
    ),
    layer(
      "backwardHeads",
      {
        type: "point",
        filled: true,
        shape: arrow,
        angle: angle + 180,
        size: 6,
        x: field("sx"),
        y: field("sy"),
        fill: palette.gradient.line,
        opacity: computed(`datum.b > step ? 0 : ${lit} ? 1 : 0.13`),
      },
      { dataset: "wires" },
    ),
    layer(
      "boxes",
      {
        type: "rect",
        cornerRadius: 9,
        ...corners,
        fill: computed("nodes[datum.ty].fill"),
        stroke: computed("nodes[datum.ty].edge"),
        strokeWidth: computed(`datum.id == over || ${atWork} ? 3 : 1.6`),
        opacity: faded(0.25),
        cursor: computed('isValid(datum.id) ? "pointer" : ""'),
      },
      { params: [hoverParameter] },
    ),
    layer("circles", {
      type: "rect",
      cornerRadius: circleRadius,
      ...corners,
      fill: nodeColours.operation.fill,
      stroke: nodeColours.operation.edge,
      strokeWidth: computed(`${atWork} ? 3 : 1.6`),
      opacity: faded(0.25),
      tooltip: field("tip"),
    }),
    layer(
      "symbols",
      { ...mathText, fill: palette.ink, ...point, text: field("t"), fontSize: field("z"), opacity: faded(0.3) },
      { dataset: "circles" },
    ),
    layer("labels", {
      ...mathText,
      fontSize: 15,
      fill: palette.ink,
      ...point,
      text: computed("datum.f <= step ? datum.t : datum.n"),
      opacity: faded(0.3),
    }),
    layer("chips", {
      type: "rect",
      cornerRadius: chipHalf,
      ...corners,
      y: computed("datum.y - datum.h"),
      y2: computed("datum.y + datum.h"),
      fill: computed("chips[datum.c].fill"),
      stroke: computed("chips[datum.c].edge"),
      strokeWidth: options.marked ? 0.8 : computed("datum.n == step && step > 0 ? 2 : 0.8"),
      opacity: shown,
    }),
    scene.maps.length > 0 &&
      layer("maps", {
        type: "point",
        filled: true,
        size: 4,
        strokeWidth: 0,
        ...point,
        shape: field("d"),
        fill: field("f"),
        opacity: shown,
      }),
    scene.cells.length > 0 &&
      layer("cells", { ...mathText, fontSize: 10.5, fill: palette.ink, ...point, text: field("t"), opacity: shown }),
    layer(
      "chipTexts",
      {
        ...mathText,
        ...point,
        text: field("t"),
        fontSize: computed('datum.c == "v" ? 12.5 : 12'),
        fill: inkOf("chips"),
        opacity: shown,
      },
      { dataset: "chips" },
    ),
    ...legendLayers(top - legendRow, computed("chips[datum.c].fill"), inkOf("chips")),
    once("panel", { ...panel, cornerRadius: 10, ...sides(0, panelTop, width, panelTop + panelHeight) }),
    layer(
      "panelTitle",
      {
        ...plainText,
        align: "left",
        fontWeight: 600,
        fontSize: 13,
        x: 16,
        y: panelTop + 20,
        text: field("t"),
        fill: computed("phases[datum.p]"),
      },
      { dataset: "heads", transform: [now] },
    ),
    !still &&
      layer(
        "dots",
        {
          type: "point",
          filled: true,
          shape: "circle",
          cursor: "pointer",
          strokeWidth: 1.4,
          x: field("x"),
          y: panelTop + 20,
          size: computed("datum.k == step ? 170 : 70"),
          fill: computed('datum.k > step ? "#FFFFFF" : phases[datum.p]'),
          stroke: computed("phases[datum.p]"),
          opacity: 1,
          tooltip: field("n"),
        },
        options.autoplay ? {} : { params: [stepSelection(options.step, last)] },
      ),
    layer(
      "words",
      { ...mathText, ...point, text: field("t"), fontSize: field("z"), fill: computed("tones[datum.c]") },
      { transform: [now, { flatten: wordFields }] },
    ),
    layer(
      "rules",
      {
        type: "rect",
        x: field("x"),
        x2: field("x2"),
        y: computed("datum.y - 0.55"),
        y2: computed("datum.y + 0.55"),
        fill: computed("tones[datum.c]"),
      },
      { transform: [now, { flatten: ruleFields }] },
    ),
    hovers.length > 0 &&
      layer(
        "paths",
        {
          ...mathText,
          align: "left",
          fill: palette.pathInk,
          x: 16,
          y: field("y"),
          text: field("t"),
          fontSize: computed("datum.i == 0 ? 15 : 13.5"),
        },
        { transform: [{ filter: "datum.id == over" }] },
      ),
    scene.tags.length > 0 &&
      layer("tags", {
        type: "rect",
        cornerRadius: 10,
        ...corners,
        y: computed("datum.y - 10"),
        y2: computed("datum.y + 10"),
        strokeWidth: 1.2,
        stroke: palette.wrong.ink,
        fill: computed(`datum.c == "answer" ? "${palette.wrong.ink}" : "${palette.wrong.chip}"`),
      }),
    scene.tags.length > 0 &&
      layer(
        "tagTexts",
        {
          ...mathText,
          fontSize: 12,
          fontWeight: 600,
          ...point,
          text: field("t"),
          fill: computed(`datum.c == "answer" ? "#FFFFFF" : "${palette.wrong.ink}"`),
        },
        { dataset: "tags" },
      ),
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
      colours("nodes", nodeColours),
      colours("chips", chipColours),
      colours("tones", toneColours),
      colours("phases", phaseColours),
    ],
    datasets,
    layer: [...title, ...layers.filter((each) => each !== false), ...(lesson?.layers ?? [])],
  });
}

const wordFields = ["x", "y", "t", "c", "z"] as const;
const ruleFields = ["x", "x2", "y", "c"] as const;

/** Rows as one, with a list for each field. */
function folded<Field extends string>(
  rows: readonly Readonly<Record<Field, unknown>>[],
  fields: readonly Field[],
): Json {
  return Object.fromEntries(fields.map((name) => [name, rows.map((row) => row[name])]));
}

/** The rows moved down by `distance`. */
function lowered<Row extends object>(rows: readonly Row[], fields: readonly (keyof Row)[], distance: number): Row[] {
  return rows.map((row) => {
    const moved = fields.map((field) => [field, round(Number(row[field]) + distance)]);
    return { ...row, ...Object.fromEntries(moved) };
  });
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
