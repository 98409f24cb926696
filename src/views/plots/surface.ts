import { formatNumber } from "../../graph/number-text.ts";
import { constant, type Operand, type Value } from "../../graph/value.ts";
import type { Figure } from "../display.ts";
import { palette, ramps } from "../palette.ts";
import { round } from "../round.ts";
import { textWidth } from "../text-width.ts";
import { axisOf } from "./axes.ts";
import { belowAxes, boardOf, linePath, linesWithin, path, sideRoom, small } from "./board.ts";
import { regionPath } from "./contours.ts";
import { checkRange, counted, numberFrom, oddNumbers, type Plottable, rowsOf } from "./numbers.ts";

export interface LossSurfaceOptions {
  /** From where to where the first number goes. */
  readonly a: readonly [low: number, high: number];
  /** From where to where the second goes. */
  readonly b: readonly [low: number, high: number];
  /** Where a descent went: points [a, b] in their order. */
  readonly path?: Plottable;
  /** What the two numbers are called. */
  readonly names?: readonly [string, string];
  /** At how many places along each axis the loss is computed. */
  readonly resolution?: number;
  readonly title?: string;
}

const height = 380;
const bands = 10;
const mostArrows = 40;

/**
 * A loss as a landscape over two numbers, with the path of a descent in it. As much of the landscape lies in one band as
 * in any other, so that the bands are close where it is flat.
 *
 * @throws {RangeError} where a range is none.
 * @throws {TypeError} where the loss gives no number.
 *
 * @example
 * ```ts
 * import { add, lossSurface, square } from "gradbook";
 * const bowl = lossSurface((a, b) => add(square(a), square(b)), { a: [-1, 1], b: [-1, 1], path: [[1, 1], [0, 0]] });
 * bowl.words.includes("least 0 at a = 0, b = 0") // true
 * bowl.words.includes("The path of 2 points goes from a = 1, b = 1 (2) to a = 0, b = 0 (0)") // true
 * ```
 */
export function lossSurface(loss: (a: Value, b: Value) => Operand, options: LossSurfaceOptions): Figure {
  const { names = ["a", "b"], resolution = 41, title } = options;
  checkRange("lossSurface", names[0], ...options.a);
  checkRange("lossSurface", names[1], ...options.b);
  if (!Number.isInteger(resolution) || resolution < 2 || resolution > 400) {
    throw new RangeError(`lossSurface: resolution is a whole number from 2 to 400; it is ${resolution}.`);
  }
  const at = (first: number, second: number): number =>
    numberFrom("lossSurface", loss(constant(first, names[0]), constant(second, names[1])));
  const along = ([low, high]: readonly [number, number], share: number): number => low + share * (high - low);
  const shares = Array.from({ length: resolution }, (_, index) => index / (resolution - 1));
  const places = shares.flatMap((down) =>
    shares.map((right) => [along(options.a, right), along(options.b, 1 - down)] as const),
  );
  const values = places.map(([first, second]) => at(first, second));
  const levels = levelsOf(values);
  const points = options.path === undefined ? [] : pathOf(options.path);
  const walked = points.filter((point) => point.every(Number.isFinite));
  const inside = walked.filter(
    ([a, b]) => a >= options.a[0] && a <= options.a[1] && b >= options.b[0] && b <= options.b[1],
  );
  const odd = oddNumbers(values);
  const oddPoints = oddNumbers(points.flat());
  const notes = [
    ...(odd === undefined
      ? []
      : [`Of ${formatNumber(values.length)} losses, ${odd}: such places stay white, or dark where the loss is ∞.`]),
    ...(oddPoints === undefined ? [] : [`The path holds ${oddPoints}: these points are left out.`]),
    ...(inside.length === walked.length
      ? []
      : [
          `${counted(walked.length - inside.length, "point")} of the path ${walked.length - inside.length === 1 ? "lies" : "lie"} outside.`,
        ]),
  ];
  const said = ([first, second]: readonly [number, number]): string =>
    `${names[0]} = ${formatNumber(first)}, ${names[1]} = ${formatNumber(second)}`;
  const extents = [
    { low: options.a[0], high: options.a[1] },
    { low: options.b[0], high: options.b[1] },
  ] as const;
  const keys = levels.map((level) => formatNumber(level));
  const board = boardOf({
    name: "Loss surface",
    title,
    height,
    left: sideRoom(axisOf(extents[1], 1, 0), true),
    right: 44 + Math.ceil(Math.max(0, ...keys.map((key) => textWidth(key, small)))),
    below: belowAxes,
    notes,
    words: [
      `Loss over ${names[0]} from ${formatNumber(options.a[0])} to ${formatNumber(options.a[1])} and ` +
        `${names[1]} from ${formatNumber(options.b[0])} to ${formatNumber(options.b[1])}`,
      ...extremesInWords(values, places, said),
      ...pathInWords(walked, said, at),
      ...notes,
    ],
  });
  const { area } = board;
  const x = axisOf(extents[0], area.left, area.right);
  const y = axisOf(extents[1], area.bottom, area.top);
  // Numbers beyond all levels count as the largest, so that outlines are drawn straight.
  const top = values.reduce(
    (most, value) => (Number.isFinite(value) && value > most ? value : most),
    Number.NEGATIVE_INFINITY,
  );
  const grid = {
    ...area,
    columns: resolution,
    rows: resolution,
    values: values.map((value) => (value === Number.POSITIVE_INFINITY ? top : value)),
  };
  const shade = {
    field: "i",
    type: "quantitative",
    legend: null,
    scale: { domain: [0, bands - 1], range: ramps.sequential, interpolate: "lab" },
  };
  const swatch = (area.bottom - area.top) / bands;
  const barLeft = area.right + 14;
  const steps = walked.map(([a, b]) => [x.place(a), y.place(b)] as const);
  const lines = linesWithin(area, steps);
  const within = steps.filter(
    ([left, down]) => left >= area.left && left <= area.right && down >= area.top && down <= area.bottom,
  );
  const ends = [walked[0], walked.at(-1)].flatMap((point, index) => {
    const place = point === undefined ? undefined : ([x.place(point[0]), y.place(point[1])] as const);
    return place !== undefined && within.some(([left, down]) => left === place[0] && down === place[1])
      ? [
          {
            x: round(place[0]),
            y: round(place[1]),
            c: index === 0 ? "#FFFFFF" : palette.gradient.line,
            t: `${index === 0 ? "start" : "end"}: ${said(point!)}`,
          },
        ]
      : [];
  });
  return board.figure([
    board.rects([{ x1: area.left, x2: area.right, y1: area.top, y2: area.bottom }], { fill: "#FFFFFF" }),
    ...[Number.NEGATIVE_INFINITY, ...levels].map((level, i) => {
      const d = regionPath(grid, level);
      const region = path(d, {
        filled: true,
        strokeWidth: i === 0 ? 0 : 0.7,
        stroke: palette.panel.edge,
      });
      return region === undefined
        ? undefined
        : {
            ...region,
            data: { values: [{ d, i }] },
            encoding: { ...(region["encoding"] as object), fill: shade },
          };
    }),
    ...board.axes(x, y, { x: names[0], y: names[1] }, false),
    levels.length === 0
      ? undefined
      : board.rects(
          Array.from({ length: levels.length + 1 }, (_, i) => ({
            i,
            x1: barLeft,
            x2: barLeft + 14,
            y1: round(area.bottom - (i + 1) * swatch),
            y2: round(area.bottom - i * swatch),
          })),
          { stroke: palette.panel.edge },
          { fill: shade },
        ),
    board.text(
      keys.map((t, i) => ({ x: barLeft + 20, y: round(area.bottom - (i + 1) * swatch), t })),
      { color: palette.muted },
    ),
    lines.length === 0
      ? undefined
      : path(lines.map(linePath).join(""), { filled: false, stroke: "#FFFFFF", strokeWidth: 4.5, strokeJoin: "round" }),
    lines.length === 0
      ? undefined
      : path(lines.map(linePath).join("") + arrowsAlong(lines), {
          filled: false,
          stroke: palette.gradient.ink,
          strokeWidth: 1.8,
          strokeJoin: "round",
        }),
    board.points(
      within.slice(0, 400).map(([left, down]) => ({ x: round(left), y: round(down) })),
      { filled: true, size: 16, opacity: 1, fill: palette.gradient.ink },
    ),
    board.points(
      ends,
      { filled: true, size: 110, opacity: 1, stroke: palette.gradient.ink, strokeWidth: 2 },
      { fill: { field: "c", type: "nominal", scale: null, legend: null }, tooltip: { field: "t" } },
    ),
  ]);
}

function pathOf(given: Plottable): readonly (readonly [number, number])[] {
  if (Array.isArray(given) && given.length === 0) return [];
  return rowsOf("lossSurface", "path", given, 2) as readonly (readonly [number, number])[];
}

/** The levels between bands: as many of the numbers lie between two of them as between any others. */
function levelsOf(values: readonly number[]): readonly number[] {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return [];
  const levels = Array.from(
    { length: bands - 1 },
    (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / bands)]!,
  );
  return [...new Set(levels.map((level) => Number(level.toPrecision(3))))].filter(
    (level) => level > sorted[0]! && level <= sorted.at(-1)!,
  );
}

/** Heads in the middle of the longer pieces, as open angles. */
function arrowsAlong(lines: readonly (readonly (readonly [number, number])[])[]): string {
  const pieces = lines.flatMap((line) => line.slice(1).map((to, index) => [line[index]!, to] as const));
  const long = pieces.filter(([[x1, y1], [x2, y2]]) => Math.hypot(x2 - x1, y2 - y1) > 16);
  return long
    .slice(0, mostArrows)
    .map(([[x1, y1], [x2, y2]]) => {
      const length = Math.hypot(x2 - x1, y2 - y1);
      const [u, v] = [(x2 - x1) / length, (y2 - y1) / length];
      const [tipX, tipY] = [(x1 + x2) / 2 + 4 * u, (y1 + y2) / 2 + 4 * v];
      const side = (way: 1 | -1): readonly [number, number] => [tipX - 7 * u - way * 4 * v, tipY - 7 * v + way * 4 * u];
      return linePath([side(1), [tipX, tipY], side(-1)]);
    })
    .join("");
}

type Said = (place: readonly [number, number]) => string;

function extremesInWords(
  values: readonly number[],
  places: readonly (readonly [number, number])[],
  said: Said,
): readonly string[] {
  let [least, most] = [-1, -1];
  values.forEach((value, index) => {
    if (!Number.isFinite(value)) return;
    if (least < 0 || value < values[least]!) least = index;
    if (most < 0 || value > values[most]!) most = index;
  });
  if (least < 0) return ["No loss is a finite number"];
  return [
    `Of ${formatNumber(values.length)} places, least ${formatNumber(values[least]!)} at ${said(places[least]!)}; ` +
      `largest ${formatNumber(values[most]!)} at ${said(places[most]!)}`,
  ];
}

function pathInWords(
  path: readonly (readonly [number, number])[],
  said: Said,
  at: (a: number, b: number) => number,
): readonly string[] {
  const [first, last] = [path[0], path.at(-1)];
  if (first === undefined || last === undefined) return [];
  const loss = (point: readonly [number, number]): string => `${said(point)} (${formatNumber(at(...point))})`;
  return [`The path of ${counted(path.length, "point")} goes from ${loss(first)} to ${loss(last)}`];
}
