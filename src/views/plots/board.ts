import { Figure } from "../display.ts";
import { frame, pixels } from "../layers.ts";
import { palette } from "../palette.ts";
import { round } from "../round.ts";
import { fitText, textWidth } from "../text-width.ts";
import type { Axis } from "./axes.ts";

// A board is a panel of its own colour, on which one palette serves light and dark pages. All positions are pixels from its
// top left, worked out here: the same in every renderer and version, and small.

export type Json = Readonly<Record<string, unknown>>;

/** Where the numbers are drawn. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What a colour, dash or shape stands for. */
export interface LegendEntry {
  readonly text: string;
  readonly colour: string;
  /** A path around the origin, some 12 pixels wide; a line where there is none. */
  readonly shape?: string;
  readonly dash?: readonly number[];
}

export interface BoardOptions {
  /** What it shows, for those who read it: also its name where it has no title. */
  readonly name: string;
  readonly title: string | undefined;
  readonly width?: number;
  /** Height of the area. */
  readonly height: number;
  /** Room for what stands around the area. */
  readonly left: number;
  readonly right?: number;
  readonly above?: number;
  readonly below: number;
  readonly legend?: readonly LegendEntry[];
  /** Sentences under it. */
  readonly notes?: readonly string[];
  readonly words: readonly string[];
}

export interface Board {
  readonly area: Area;
  readonly width: number;
  readonly height: number;
  readonly text: (rows: readonly TextRow[], style?: TextStyle, encoding?: Json) => Json;
  readonly points: (rows: readonly Json[], mark: Json, encoding?: Json) => Json;
  /** One line through the points in their order. */
  readonly lines: (rows: readonly Json[], mark: Json) => Json;
  readonly rects: (rows: readonly Json[], mark: Json, encoding?: Json) => Json;
  readonly rules: (rows: readonly Json[], mark: Json, encoding?: Json) => Json;
  /** Ticks of both axes with their titles, and lines across the area at them. */
  readonly axes: (
    x: Axis,
    y: Axis,
    titles: { readonly x: string; readonly y: string },
    lined?: boolean,
  ) => readonly Json[];
  /** The figure: what is drawn on the panel, in this order. */
  readonly figure: (layers: readonly (Json | undefined)[], params?: readonly Json[]) => Figure;
}

interface TextRow {
  readonly x: number;
  readonly y: number;
  readonly t: string;
  readonly [field: string]: unknown;
}

interface TextStyle extends Json {
  readonly size?: number;
}

export const usualWidth = 620;
const margin = 14;
const titleHeight = 26;
const lineHeight = 19;
export const small = 11.5;

/** A line, curve or region as one datum: a path in pixels, as the shape of a point at the origin. Nothing for an empty one. */
export function path(d: string, mark: Json): Json | undefined {
  if (d === "") return undefined;
  return {
    data: { values: [{ d }] },
    mark: { type: "point", size: 4, opacity: 1, ...mark },
    encoding: {
      x: { value: 0 },
      y: { value: 0 },
      shape: { field: "d", type: "nominal", scale: null, legend: null },
    },
  };
}

/** A channel that reads colours, dashes or sizes from the rows themselves. */
export function own(field: string, type: "nominal" | "quantitative" = "nominal"): Json {
  return { field, type, scale: null, legend: null };
}

/** Points in order as a path. */
export function linePath(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${round(x)},${round(y)}`).join("");
}

export function boardOf(options: BoardOptions): Board {
  const { name, title, width = usualWidth, legend = [], notes = [], words } = options;
  const room = width - 2 * margin;
  const entries = placeLegend(legend, room);
  const legendTop = margin + (title === undefined ? 0 : titleHeight);
  const legendRows = entries.reduce((rows, entry) => Math.max(rows, entry.row + 1), 0);
  const top = legendTop + legendRows * lineHeight + (legendRows > 0 ? 6 : 0) + (options.above ?? 0);
  const area = {
    left: margin + options.left,
    right: width - margin - (options.right ?? 6),
    top,
    bottom: top + options.height,
  };
  const notesTop = area.bottom + options.below;
  const lines = notes.flatMap((note) => wrapped(note, room));
  const height = notesTop + lines.length * lineHeight + (lines.length > 0 ? 4 : 0) + margin - 4;
  const data = (rows: readonly Json[]): Json => ({ data: { values: rows } });
  const box = { x: pixels("x1"), x2: { field: "x2" }, y: pixels("y1"), y2: { field: "y2" } };

  const text = (rows: readonly TextRow[], { size = small, ...style }: TextStyle = {}, encoding: Json = {}): Json => ({
    ...data(rows),
    mark: { type: "text", baseline: "middle", align: "left", fontSize: size, color: palette.ink, ...style },
    encoding: { x: pixels("x"), y: pixels("y"), text: { field: "t" }, ...encoding },
  });
  const marks =
    (type: string, position: Json) =>
    (rows: readonly Json[], mark: Json, encoding: Json = {}): Json => ({
      ...data(rows),
      mark: { type, ...mark },
      encoding: { ...position, ...encoding },
    });
  const points = marks("point", { x: pixels("x"), y: pixels("y") });
  const rects = marks("rect", box);
  const rules = marks("rule", box);

  const symbols = entries.filter((entry) => entry.shape !== undefined);
  const strokes = entries.filter((entry) => entry.shape === undefined);
  const legendY = (row: number): number => legendTop + row * lineHeight + 8;
  const frameLayers = [
    rects([{ x1: 0, x2: width, y1: 0, y2: height }], {
      cornerRadius: 10,
      fill: palette.panel.fill,
      stroke: palette.panel.edge,
    }),
    title !== undefined &&
      text([{ x: margin, y: margin + 8, t: fitText(title, room, 14, true) }], { size: 14, fontWeight: 600 }),
    strokes.length > 0 &&
      rules(
        strokes.map(({ x: left, row, colour, dash }) => ({
          x1: left,
          x2: left + 20,
          y1: legendY(row),
          y2: legendY(row),
          c: colour,
          h: dash ?? [],
        })),
        { strokeWidth: 2.5 },
        { stroke: own("c"), strokeDash: own("h") },
      ),
    symbols.length > 0 &&
      points(
        symbols.map(({ x: left, row, colour, shape }) => ({ x: left + 10, y: legendY(row), c: colour, d: shape })),
        { filled: true, size: 4, opacity: 1, stroke: "#FFFFFF", strokeWidth: 1 },
        { fill: own("c"), shape: own("d") },
      ),
    entries.length > 0 &&
      text(
        entries.map(({ x: left, row, text: t }) => ({ x: left + 26, y: legendY(row), t })),
        { size: 12 },
      ),
    lines.length > 0 &&
      text(
        lines.map((t, index) => ({ x: margin, y: notesTop + index * lineHeight + 9, t })),
        { size: 12, color: palette.muted },
      ),
  ];

  return {
    area,
    width,
    height,
    text,
    points,
    lines: (rows, mark) => points(rows, { ...mark, type: "line" }, { order: { value: null } }),
    rects,
    rules,
    axes: (horizontal, vertical, titles, lined = true) => {
      const middle = { x: (area.left + area.right) / 2, y: (area.top + area.bottom) / 2 };
      return [
        rules(
          [
            ...horizontal.ticks.map(({ at }) => ({
              x1: round(at),
              x2: round(at),
              y1: lined ? area.top : area.bottom,
              y2: area.bottom + 4,
            })),
            ...vertical.ticks.map(({ at }) => ({
              x1: area.left - 4,
              x2: lined ? area.right : area.left,
              y1: round(at),
              y2: round(at),
            })),
          ],
          { stroke: palette.panel.edge, strokeWidth: 1 },
        ),
        text(apart(horizontal.ticks.map(({ at, text: t }) => ({ x: round(at), y: area.bottom + 12, t }))), {
          align: "center",
          color: palette.muted,
        }),
        text(
          vertical.ticks.map(({ at, text: t }) => ({ x: area.left - 8, y: round(at), t })),
          { align: "right", color: palette.muted },
        ),
        text([{ x: middle.x, y: area.bottom + 31, t: fitText(titles.x, area.right - area.left, 12.5) }], {
          align: "center",
          size: 12.5,
        }),
        text([{ x: margin + 6, y: middle.y, t: fitText(titles.y, options.height, 12.5) }], {
          align: "center",
          size: 12.5,
          angle: 270,
        }),
      ];
    },
    figure: (layers, params = []) => {
      const said = [...(title === undefined ? [] : [title]), ...words];
      const drawn = [...frameLayers, ...layers].filter((layer) => layer !== false && layer !== undefined);
      const specification = frame(width, height, title ?? name, sentences(said), {
        params,
        layer: drawn,
        resolve: { scale: { color: "independent", fill: "independent", stroke: "independent" } },
      });
      return new Figure(specification, said.join("\n"));
    },
  };
}

/** How wide the labels of an axis at the side are, with its title. */
export function sideRoom(axis: Axis, titled: boolean): number {
  return Math.ceil(Math.max(0, ...axis.ticks.map(({ text }) => textWidth(text, small)))) + 8 + (titled ? 18 : 0);
}

/** Room for tick labels and a title below. */
export const belowAxes = 44;

interface PlacedEntry extends LegendEntry {
  readonly x: number;
  readonly row: number;
}

function placeLegend(legend: readonly LegendEntry[], room: number): readonly PlacedEntry[] {
  let x = 0;
  let row = 0;
  return legend.map((entry) => {
    const text = fitText(entry.text, room - 40, 12);
    const width = 26 + textWidth(text, 12) + 18;
    if (x > 0 && x + width > room) {
      x = 0;
      row++;
    }
    const placed = { ...entry, text, x: margin + round(x), row };
    x += width;
    return placed;
  });
}

/** Texts side by side without those that would run into their neighbour. */
function apart<Row extends TextRow>(rows: readonly Row[]): readonly Row[] {
  let end = Number.NEGATIVE_INFINITY;
  return rows.filter(({ x, t }) => {
    const half = textWidth(t, small) / 2;
    if (x - half < end) return false;
    end = x + half + 6;
    return true;
  });
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer, 12) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, fitText(line, width, 12)];
}

/** Lines as one text for an attribute. */
function sentences(lines: readonly string[]): string {
  return lines.map((line) => (/[.:?!]$/.test(line) ? line : `${line}.`)).join(" ");
}

/** The pieces of a line that lie in the area, each cut off where it leaves it. */
export function linesWithin(
  area: Area,
  points: readonly (readonly [number, number])[],
): readonly (readonly (readonly [number, number])[])[] {
  const pieces: (readonly [number, number])[][] = [];
  let open = false;
  for (let index = 1; index < points.length; index++) {
    const cut = segmentWithin(area, points[index - 1]!, points[index]!);
    if (cut === undefined) open = false;
    else {
      if (open) pieces.at(-1)!.push(cut[1]);
      else pieces.push([cut[0], cut[1]]);
      open = cut[1][0] === points[index]![0] && cut[1][1] === points[index]![1];
    }
  }
  return pieces;
}

/** The part of a straight line between two points that lies in the area. */
export function segmentWithin(
  { left, right, top, bottom }: Area,
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
): readonly [readonly [number, number], readonly [number, number]] | undefined {
  let [enters, leaves] = [0, 1];
  for (const [start, length, least, most] of [
    [x1, x2 - x1, left, right],
    [y1, y2 - y1, top, bottom],
  ] as const) {
    if (length === 0) {
      if (start < least || start > most) return undefined;
      continue;
    }
    const [a, b] = [(least - start) / length, (most - start) / length];
    enters = Math.max(enters, Math.min(a, b));
    leaves = Math.min(leaves, Math.max(a, b));
  }
  if (!(enters <= leaves)) return undefined;
  const at = (share: number): readonly [number, number] =>
    share === 0 ? [x1, y1] : share === 1 ? [x2, y2] : [x1 + share * (x2 - x1), y1 + share * (y2 - y1)];
  return [at(enters), at(leaves)];
}
