import { formatNumber } from "../../graph/number-text.ts";
import type { Figure } from "../display.ts";
import { palette, seriesColours } from "../palette.ts";
import { round } from "../round.ts";
import { axisOf } from "./axes.ts";
import { belowAxes, boardOf, sideRoom } from "./board.ts";
import { counted, extentOf, isNamed, oddNumbers, type Plottable, plottedValue, rowsOf } from "./numbers.ts";

export interface CurveOptions {
  readonly title?: string;
  /** What runs along: "step" where only numbers are given. */
  readonly x?: string;
  /** What goes up and down: the name of the only series by default. */
  readonly y?: string;
  /** Which axes are logarithmic: numbers that are not positive have no place there, and are counted. */
  readonly logarithmic?: "x" | "y" | "both";
}

interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

type Point = readonly [x: number, y: number];

/** Stretches that a long series is cut into; of each, its ends and extremes are drawn. */
const stretches = 150;
/** As many of it tell their numbers to the pointer. */
const spokenStretches = 30;
const height = 260;
const nothing = { low: 1, high: 2 };
const noNumbers = "There are no numbers to draw yet.";
const dashes: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [12, 3, 2, 3]];

/**
 * Numbers as curves: a loss while training goes on, or several. `display(curve({ loss }), { id: "loss" })` in a loop
 * draws it anew in the same place.
 *
 * @param series numbers, each at its index from 0 on as in a loop over steps, or points `[x, y]`; or several such by name.
 * @throws {TypeError} where there are no numbers.
 *
 * @example
 * ```ts
 * import { curve } from "gradbook";
 * const loss = [4, 2, 1, 0.5];
 * curve({ loss }).words.split("\n")[0] // Curve of loss by step
 * curve({ loss }, { logarithmic: "y", title: "Training" }).words.split("\n")[0] // Training
 * ```
 */
export function curve(series: Plottable | Readonly<Record<string, Plottable>>, options: CurveOptions = {}): Figure {
  const list = seriesOf(series);
  const logarithmic = {
    x: options.logarithmic === "x" || options.logarithmic === "both",
    y: options.logarithmic === "y" || options.logarithmic === "both",
  };
  const shown = ([x, y]: Point): boolean =>
    Number.isFinite(x) && Number.isFinite(y) && (!logarithmic.x || x > 0) && (!logarithmic.y || y > 0);
  const visible = list.flatMap(({ points }) => points.filter(shown));
  const only = list.length === 1 ? list[0]!.name : "";
  const titles = { x: options.x ?? "step", y: options.y ?? (only === "" ? "value" : only) };
  const across = extentOf(visible.map(([x]) => x)) ?? nothing;
  const upwards = extentOf(visible.map(([, y]) => y)) ?? nothing;
  const xOptions = { logarithmic: logarithmic.x, whole: visible.every(([x]) => Number.isInteger(x)) };
  const yOptions = { logarithmic: logarithmic.y, slack: 0.05 };
  const notes = list.flatMap((each) => leftOut(each, shown));
  const names = list.map(({ name }) => name).filter((name) => name !== "");
  const empty = visible.length === 0;
  const board = boardOf({
    name: "Curve",
    title: options.title,
    height,
    left: sideRoom(axisOf(upwards, 1, 0, yOptions), true),
    right: 16,
    below: belowAxes,
    notes,
    legend: list.length < 2 ? [] : list.map(({ name }, index) => ({ text: name, ...styleOf(index) })),
    words: [
      `Curve${names.length === 0 ? "" : ` of ${names.join(", ")}`} by ${titles.x}`,
      ...list.flatMap((each) => inWords(each, titles.x, shown)),
      ...notes,
      ...(empty ? [noNumbers] : []),
    ],
  });
  const { area } = board;
  const x = axisOf(across, area.left, area.right, xOptions);
  const y = axisOf(upwards, area.bottom, area.top, yOptions);
  const at = ([first, second]: Point): { x: number; y: number } => ({
    x: round(x.place(first)),
    y: round(y.place(second)),
  });
  if (empty) {
    const middle = { x: (area.left + area.right) / 2, y: (area.top + area.bottom) / 2 };
    return board.figure([
      board.text([{ ...middle, t: noNumbers }], { size: 14, align: "center", color: palette.muted }),
    ]);
  }
  const layers = list.flatMap(({ name, points }, index) => {
    const runs = runsOf(points, shown);
    const { colour, dash } = styleOf(index);
    const spoken = (point: Point): string =>
      `${name === "" ? titles.y : name} = ${formatNumber(point[1])} at ${titles.x} ${formatNumber(point[0])}`;
    const alone = runs.filter((run) => run.length === 1).map((run) => at(run[0]!));
    const lines = runs.filter((run) => run.length > 1).map((run) => thinned(run, stretches).map(at));
    return [
      ...lines.map((line) =>
        board.lines(line, { stroke: colour, strokeDash: dash, strokeWidth: 2.2, strokeJoin: "round" }),
      ),
      alone.length === 0 ? undefined : board.points(alone, { filled: true, size: 40, opacity: 1, fill: colour }),
      board.points(
        runs.flatMap((run) => thinned(run, spokenStretches).map((point) => ({ ...at(point), t: spoken(point) }))),
        { filled: true, size: 120, opacity: 0 },
        { tooltip: { field: "t" } },
      ),
    ];
  });
  return board.figure([...board.axes(x, y, titles), ...layers]);
}

/** Colours and dashes come round at different times, so that twelve series differ. */
function styleOf(index: number): { readonly colour: string; readonly dash: readonly number[] } {
  return { colour: seriesColours[index % seriesColours.length]!, dash: dashes[index % dashes.length]! };
}

function seriesOf(series: Plottable | Readonly<Record<string, Plottable>>): readonly Series[] {
  const named = isNamed(series) ? Object.entries(series) : [["", series] as const];
  if (named.length === 0) throw new TypeError("curve: there is no series; give numbers, or { loss: numbers }.");
  return named.map(([name, given]) => ({ name, points: pointsOf(name, given) }));
}

function pointsOf(name: string, given: Plottable): readonly Point[] {
  const value = plottedValue(given);
  const [length] = value.shape;
  if (length === 0) return [];
  if (value.shape.length === 1) return Array.from(value.data, (y, index) => [index, y] as const);
  const what = name === "" ? "the series" : `the series ${name}`;
  return rowsOf("curve", `${what}, where it is not a list of numbers,`, value, 2) as readonly Point[];
}

/** The stretches between numbers that cannot be shown. */
function runsOf(points: readonly Point[], shown: (point: Point) => boolean): readonly (readonly Point[])[] {
  const runs: Point[][] = [[]];
  for (const point of points) {
    if (shown(point)) runs.at(-1)!.push(point);
    else if (runs.at(-1)!.length > 0) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

/** A long run with fewer points, its first, last, least and largest of each stretch among them. */
function thinned(run: readonly Point[], stretches: number): readonly Point[] {
  if (run.length <= 4 * stretches) return run;
  const kept: Point[] = [];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = Math.floor((stretch * run.length) / stretches);
    const end = Math.floor(((stretch + 1) * run.length) / stretches);
    let [least, largest] = [start, start];
    for (let index = start; index < end; index++) {
      if (run[index]![1] < run[least]![1]) least = index;
      if (run[index]![1] > run[largest]![1]) largest = index;
    }
    const chosen = [...new Set([start, least, largest, end - 1])].sort((a, b) => a - b);
    kept.push(...chosen.map((index) => run[index]!));
  }
  return kept;
}

function inWords({ name, points }: Series, x: string, shown: (point: Point) => boolean): readonly string[] {
  const drawn = points.filter(shown);
  const [first, last] = [drawn[0], drawn.at(-1)];
  if (first === undefined || last === undefined) return [];
  const at = (point: Point): string => `${formatNumber(point[1])} at ${x} ${formatNumber(point[0])}`;
  const least = drawn.reduce((a, b) => (b[1] < a[1] ? b : a));
  const largest = drawn.reduce((a, b) => (b[1] > a[1] ? b : a));
  const who = name === "" ? "" : `${name}: `;
  if (drawn.length === 1) return [`${who}${at(first)}`];
  return [
    `${who}${counted(drawn.length, "point")}, from ${at(first)} to ${at(last)}; ` +
      `least ${at(least)}, largest ${at(largest)}`,
  ];
}

function leftOut({ name, points }: Series, shown: (point: Point) => boolean): readonly string[] {
  const who = name === "" ? "" : `${name}: `;
  const odd = oddNumbers(points.flat());
  const missing = points.find((point) => !point.every(Number.isFinite));
  const low = points.filter((point) => point.every(Number.isFinite) && !shown(point)).length;
  return [
    ...(odd === undefined ? [] : [`${who}${odd} left out, the first at ${formatNumber(missing![0])}.`]),
    ...(low === 0 ? [] : [`${who}${counted(low, "point")} left out: a logarithmic axis has no place for 0 and below.`]),
  ];
}
