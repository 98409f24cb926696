import type { CardScene } from "./card-scene.ts";
import type { CardModel } from "./cards.ts";
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
  noteLayer,
  once,
  overParameter,
  panel,
  plainText,
  point,
  sides,
  titleLayers,
  titleRow,
} from "./layers.ts";
import { nodeColours, palette } from "./palette.ts";
import { round } from "./round.ts";
import { fitText, textWidth } from "./text-width.ts";

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
const chipColours = {
  v: chipColoursOf(palette.value),
  g: chipColoursOf(palette.gradient),
  s: { fill: shadowFill, edge: nodeColours.intermediate.edge, ink: palette.muted },
};

export interface CardSpecificationOptions {
  readonly title: string | undefined;
  readonly description: string;
  /** Lines under the drawing. */
  readonly notes: readonly string[];
  /** What draws a card open, by its unit's key: said under the drawing while one points at it. */
  readonly openings: ReadonlyMap<number, string>;
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
  const lower = <Row extends object>(of: readonly Row[], ...fields: readonly (keyof Row)[]): readonly Row[] =>
    of.map((row) => ({
      ...row,
      ...Object.fromEntries(fields.map((field) => [field, round(Number(row[field]) + top)])),
    }));
  const toldOf = ({ key, tells }: CardModel["units"][number]): string => {
    const opening = options.openings.get(key);
    return opening === undefined ? tells : `${tells}; ${opening} opens it`;
  };
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
        wrapped(toldOf(unit), width - 28, 12.5, rows).map((t, index) => ({ id: unit.key, y: noteY(index), t })),
      ),
    ],
    legend,
  };
  const onPath = "(over >= 0 && ((datum.a[floor(over / 31)] >> (over % 31)) & 1))";
  const faded = (low: number): Json => computed(`over < 0 || ${onPath} ? 1 : ${low}`);
  const wireColour = computed(`${onPath} ? "${palette.path}" : "${palette.wire}"`);
  const loops = { dataset: "loops" };
  const layers: (Json | false)[] = [
    once("legendPanel", {
      ...panel,
      cornerRadius: 13,
      ...sides(0, top - legendRow, legend.at(-1)!.end, top - legendRow + 26),
    }),
    scene.frames.length > 0 &&
      layer("frames", { ...panel, cornerRadius: 12, stroke: palette.wire, strokeDash: [5, 4], ...corners }),
    layer("wires", {
      type: "point",
      filled: false,
      size: 4,
      strokeCap: "butt",
      x: 0,
      y: top,
      shape: field("d"),
      stroke: wireColour,
      strokeWidth: field("w"),
      opacity: faded(0.15),
    }),
    layer("heads", {
      type: "point",
      filled: true,
      shape: arrow,
      angle: scene.down ? 90 : 0,
      ...point,
      size: field("w"),
      fill: wireColour,
      opacity: faded(0.15),
    }),
    scene.frames.length > 0 &&
      layer(
        "frameTitlePanels",
        {
          type: "rect",
          cornerRadius: 6,
          fill: palette.panel.fill,
          x: computed("datum.x1 + 6"),
          x2: computed("datum.x1 + datum.w"),
          y: computed("datum.y1 + 4"),
          y2: computed("datum.y1 + 23"),
        },
        { dataset: "frames" },
      ),
    scene.frames.length > 0 &&
      layer(
        "frameTitles",
        {
          ...plainText,
          align: "left",
          fontSize: 12.5,
          fontWeight: 600,
          fill: palette.muted,
          x: computed("datum.x1 + 12"),
          y: computed("datum.y1 + 14"),
          text: field("t"),
        },
        { dataset: "frames" },
      ),
    scene.loops.length > 0 &&
      layer("loops", {
        type: "point",
        filled: false,
        size: 4,
        strokeWidth: 2.5,
        x: 0,
        y: top,
        shape: field("d"),
        stroke: palette.wire,
        opacity: faded(0.15),
      }),
    scene.loops.length > 0 &&
      layer(
        "loopHeads",
        {
          type: "point",
          filled: true,
          shape: arrow,
          angle: scene.down ? 0 : 270,
          size: 6,
          x: field("hx"),
          y: field("hy"),
          fill: palette.wire,
          opacity: faded(0.15),
        },
        loops,
      ),
    layer("shadows", {
      type: "rect",
      cornerRadius: 9,
      fill: shadowFill,
      stroke: nodeColours.intermediate.edge,
      strokeWidth: 1,
      ...corners,
      opacity: faded(0.25),
    }),
    layer(
      "boxes",
      {
        type: "rect",
        cornerRadius: 9,
        ...corners,
        fill: computed("nodes[datum.ty].fill"),
        stroke: computed("nodes[datum.ty].edge"),
        strokeWidth: computed("datum.id == over ? 3 : 1.6"),
        opacity: faded(0.3),
        cursor: "pointer",
      },
      { params: [hoverParameter] },
    ),
    layer("titles", {
      ...mathText,
      fill: palette.ink,
      ...point,
      text: field("t"),
      fontSize: field("z"),
      opacity: faded(0.35),
    }),
    layer("lines", {
      ...plainText,
      fontSize: 11.5,
      ...point,
      text: field("t"),
      fill: computed("lines[datum.c]"),
      opacity: faded(0.35),
    }),
    layer("chips", {
      type: "rect",
      cornerRadius: 9,
      strokeWidth: 0.8,
      ...corners,
      fill: computed("chips[datum.c].fill"),
      stroke: computed("chips[datum.c].edge"),
      opacity: faded(0.12),
    }),
    layer(
      "chipTexts",
      {
        ...mathText,
        fontSize: 12,
        ...point,
        text: field("t"),
        fill: computed("chips[datum.c].ink"),
        opacity: faded(0.12),
      },
      { dataset: "chips" },
    ),
    scene.loops.length > 0 &&
      layer(
        "loopChips",
        {
          type: "rect",
          cornerRadius: 9,
          fill: palette.local.chip,
          stroke: palette.local.ink,
          strokeWidth: 0.8,
          ...corners,
          opacity: faded(0.2),
        },
        loops,
      ),
    scene.loops.length > 0 &&
      layer(
        "loopTexts",
        { ...mathText, fontSize: 12, fill: palette.local.ink, ...point, text: field("t"), opacity: faded(0.2) },
        loops,
      ),
    ...legendLayers(
      top - legendRow,
      computed("chips[datum.c].fill"),
      computed("chips[datum.c].edge"),
      computed("chips[datum.c].ink"),
    ),
    once("panel", { ...panel, cornerRadius: 10, ...sides(0, panelTop, width, height - 2) }),
    noteLayer("notes", { transform: [{ filter: "datum.id == over" }] }),
  ];
  const drawn = layers.filter((each) => each !== false);
  const heading = options.title === undefined ? [] : titleLayers(options.title, width);
  return frame(width, height, `Computational graph of ${model.output} by layers`, options.description, {
    params: [
      overParameter,
      colours("nodes", nodeColours),
      colours("chips", chipColours),
      colours("lines", lineColours),
    ],
    datasets,
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
