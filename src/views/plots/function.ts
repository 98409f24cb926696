import { backward } from "../../autodiff/backward.ts";
import { formatNumber } from "../../graph/number-text.ts";
import { type Operand, Value, variable } from "../../graph/value.ts";
import type { Figure } from "../display.ts";
import { palette, seriesColours } from "../palette.ts";
import { round } from "../round.ts";
import { axisOf, niceStep } from "./axes.ts";
import {
  type Board,
  belowAxes,
  boardOf,
  type Json,
  type LegendEntry,
  linePath,
  linesWithin,
  path,
  segmentWithin,
  sideRoom,
} from "./board.ts";
import { type Jump, jumpsOf, type Sample } from "./kinks.ts";
import { checkRange, type Extent, extentOf, numberFrom } from "./numbers.ts";

/** A function of one number, written with operators or methods. */
export type Curve = (x: Value) => Operand;

export interface PlotFunctionOptions {
  readonly from: number;
  readonly to: number;
  /** A tangent to the first function that a slider moves; a number says where it stands at first. */
  readonly tangent?: boolean | number;
  /** Whether the derivatives are drawn too. */
  readonly derivative?: boolean;
  readonly title?: string;
}

interface Plotted {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly jumps: readonly Jump[];
  readonly sample: (x: number) => Sample;
}

/** Where the tangent can stand. */
interface Stop {
  readonly x: number;
  /** Its value, and its slope. */
  readonly texts: readonly [string, string];
  /** The lines through the point: one, or one on either side of a kink, as slopes. */
  readonly slopes: readonly { readonly slope: number; readonly side: -1 | 0 | 1 }[];
  readonly y: number;
}

const height = 300;
const samplesDrawn = 400;
const stops = 200;
const sentenceHeight = 46;

/**
 * Draws a function of one number, with its derivative or a tangent that a slider moves. Slopes are computed by automatic
 * differentiation of the function's graph at each point. Where the slope jumps, nothing is drawn across.
 *
 * @param functions a function, or several by name.
 * @throws {RangeError} where `from` is not below `to`.
 * @throws {TypeError} where a function gives no number.
 *
 * @example
 * ```ts
 * import { plotFunction, relu } from "gradbook";
 * const { words } = plotFunction({ relu }, { from: -2, to: 2, tangent: 1 });
 * words.includes("relu has a kink at x = 0: slope 0 from the left, 1 from the right") // true
 * words.endsWith("At x = 1: relu(x) = 1, slope 1") // true
 * ```
 */
export function plotFunction(
  functions: Curve | Readonly<Record<string, Curve>>,
  { from, to, tangent = false, derivative = false, title }: PlotFunctionOptions,
): Figure {
  checkRange("plotFunction", "the function", from, to);
  if (typeof tangent === "number" && !Number.isFinite(tangent)) {
    throw new RangeError(`plotFunction: the tangent stands at a number; it is ${tangent}.`);
  }
  const named = typeof functions === "function" ? { [functions.name || "f"]: functions } : functions;
  const grid = gridOf(from, to);
  const plotted = Object.entries(named).map(([name, f]) => plottedOf(name, f, from, to, grid));
  const [first] = plotted;
  if (first === undefined) throw new TypeError("plotFunction: there is no function; give f, or { name: f, … }.");
  const moving = tangent === false ? [] : grid.map((x) => stopAt(first, x));
  const start = typeof tangent === "number" ? tangent : from + 0.7 * (to - from);
  const step = stepOf(moving);
  const opening = Math.min(moving.length - 1, Math.max(0, Math.round((start - (moving[0]?.x ?? 0)) / step)));

  // Slopes have the colour of gradients.
  const colours = seriesColours.filter((colour) => colour !== palette.gradient.line);
  const lines = plotted.flatMap((each, index): readonly Line[] => {
    const colour = colours[index % colours.length]!;
    const slopeColour = plotted.length === 1 ? palette.gradient.line : colour;
    return [
      { plotted: each, colour, text: `${each.name}(x)`, read: ({ y }) => y, dash: [] },
      ...(derivative
        ? [
            {
              plotted: each,
              colour: slopeColour,
              text: `${each.name}′(x)`,
              read: ({ slope }: Sample) => slope,
              dash: [7, 4],
            },
          ]
        : []),
    ];
  });
  const upwards = extentToShow(lines);
  const yOptions = { slack: 0.06 };
  const notes = plotted.flatMap(holesOf);
  const titles = { x: "x", y: lines.length === 1 ? lines[0]!.text : "" };
  const board = boardOf({
    name: `Graph of ${plotted.map(({ name }) => name).join(", ")}`,
    title,
    height,
    left: sideRoom(axisOf(upwards, 1, 0, yOptions), titles.y !== ""),
    right: 16,
    below: belowAxes + (moving.length > 0 ? sentenceHeight : 0),
    notes,
    legend: lines.length < 2 ? [] : lines.map(({ text, colour, dash }): LegendEntry => ({ text, colour, dash })),
    words: [
      ...plotted.flatMap((each) => inWords(each, from, to)),
      ...notes,
      ...(moving.length > 0 ? [moving[opening]!.texts.join(", ")] : []),
    ],
  });
  const { area } = board;
  const x = axisOf({ low: from, high: to }, area.left, area.right);
  const y = axisOf(upwards, area.bottom, area.top, yOptions);
  const zero = y.place(0);
  const layers: (Json | undefined)[] = [
    ...board.axes(x, y, titles),
    zero > area.top && zero < area.bottom
      ? board.rules([{ x1: area.left, x2: area.right, y1: round(zero), y2: round(zero) }], { stroke: palette.wire })
      : undefined,
    ...lines.flatMap(({ plotted: each, colour, read, dash }) => {
      const slopes = dash.length > 0;
      const pieces = piecesOf(each, slopes).flatMap((piece) =>
        linesWithin(
          area,
          piece.map((sample) => [x.place(sample.x), y.place(read(sample))] as const),
        ),
      );
      const ends = slopes ? each.jumps.flatMap(({ before, after }) => [before, after]) : [];
      return [
        path(pieces.map(linePath).join(""), {
          filled: false,
          stroke: colour,
          strokeWidth: slopes ? 1.8 : 2.4,
          strokeDash: dash,
          strokeJoin: "round",
        }),
        board.points(
          ends
            .map((sample) => ({ x: round(x.place(sample.x)), y: round(y.place(read(sample))) }))
            .filter((place) => place.y >= area.top && place.y <= area.bottom),
          { filled: true, fill: palette.panel.fill, stroke: colour, strokeWidth: 1.6, size: 40, opacity: 1 },
        ),
      ];
    }),
  ];
  if (moving.length === 0) return board.figure(layers);
  return board.figure(
    [...layers, ...tangentLayers(board, moving, opening, x.place, y.place)],
    [
      {
        name: "stop",
        expr: `isValid(at_v) ? clamp(round((toNumber(at_v) - (${moving[0]!.x})) / ${step}), 0, ${moving.length - 1}) : ${opening}`,
      },
    ],
  );
}

interface Line {
  readonly plotted: Plotted;
  readonly colour: string;
  readonly text: string;
  readonly read: (sample: Sample) => number;
  readonly dash: readonly number[];
}

/** Rounded as the stops are: front ends count with it in decimals. */
function stepOf(moving: readonly Stop[]): number {
  return moving.length < 2 ? 1 : Number((moving[1]!.x - moving[0]!.x).toPrecision(9));
}

/** Round numbers, evenly spaced, that the tangent stops at. */
function gridOf(from: number, to: number): readonly number[] {
  const step = niceStep((to - from) / stops);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  const digits = Math.min(100, Math.max(0, 1 - Math.floor(Math.log10(step))));
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toFixed(digits)));
}

function plottedOf(name: string, f: Curve, from: number, to: number, grid: readonly number[]): Plotted {
  const sample = (x: number): Sample => {
    const input = variable(x, "x");
    const result: unknown = f(input);
    const y = numberFrom("plotFunction", result);
    const slope = result instanceof Value && result.needsGradient ? backward(result).of(input).item() : 0;
    return { x, y, slope };
  };
  const even = Array.from({ length: samplesDrawn + 1 }, (_, i) => from + (i / samplesDrawn) * (to - from));
  const samples = [...new Set([...even, ...grid])].sort((a, b) => a - b).map(sample);
  const jumps = jumpsOf(samples, sample);
  // A kink at an end of the range cannot be seen: there the slope is the one from inside.
  const atStart = jumps[0]?.kind === "kink" && jumps[0].before.x <= from ? jumps[0] : undefined;
  const final = jumps.at(-1);
  const atEnd = final?.kind === "kink" && final.after.x >= to ? final : undefined;
  if (atStart !== undefined) samples[0] = { ...samples[0]!, slope: atStart.after.slope };
  if (atEnd !== undefined) samples[samples.length - 1] = { ...samples.at(-1)!, slope: atEnd.before.slope };
  return { name, samples, jumps: jumps.filter((jump) => jump !== atStart && jump !== atEnd), sample };
}

/** The stretches of a curve with nothing missing in between; its slopes also end at kinks. */
function piecesOf({ samples, jumps }: Plotted, slopes: boolean): readonly (readonly Sample[])[] {
  const pieces: Sample[][] = [[]];
  const finish = (): void => {
    if (pieces.at(-1)!.length > 0) pieces.push([]);
  };
  const add = (sample: Sample): void => {
    if (Number.isFinite(sample.y) && (!slopes || Number.isFinite(sample.slope))) pieces.at(-1)!.push(sample);
    else finish();
  };
  const beside = jumps.flatMap(({ before, after }) => [before, after]);
  const within = ({ x }: Sample): boolean => jumps.some(({ before, after }) => x >= before.x && x <= after.x);
  const breaks = new Set(jumps.filter(({ kind }) => slopes || kind === "break").map(({ before }) => before));
  for (const sample of [...samples.filter((each) => !within(each)), ...beside].sort((a, b) => a.x - b.x)) {
    add(sample);
    if (breaks.has(sample)) finish();
  }
  return pieces.filter((piece) => piece.length > 0);
}

/** All of the curves; next to a pole, what most of them need. */
function extentToShow(lines: readonly Line[]): Extent {
  const numbers = lines.flatMap(({ plotted, read }) => plotted.samples.map(read)).filter(Number.isFinite);
  const whole = extentOf(numbers) ?? { low: 0, high: 1 };
  const broken = lines.some(({ plotted }) => holesOf(plotted).length > 0 || plotted.jumps.length > 0);
  if (!broken) return whole;
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  const [low, high] = [at(0.06), at(0.94)];
  const span = high - low;
  if (whole.high - whole.low <= 6 * span || span === 0) return whole;
  return { low: Math.max(whole.low, low - span / 2), high: Math.min(whole.high, high + span / 2) };
}

function stopAt({ name, jumps, sample }: Plotted, x: number): Stop {
  const here = sample(x);
  const value = `At x = ${formatNumber(x)}: ${name}(x) = ${formatNumber(here.y)}`;
  if (!Number.isFinite(here.y)) return { x, y: here.y, slopes: [], texts: [value, "no number, so no slope"] };
  const close = 1e-9 * Math.max(1, Math.abs(x));
  const jump = jumps.find(({ before, after }) => x >= before.x - close && x <= after.x + close);
  if (jump === undefined) {
    const texts = [value, `slope ${formatNumber(here.slope)}`] as const;
    return { x, y: here.y, slopes: [{ slope: here.slope, side: 0 }], texts };
  }
  if (jump.kind === "break") return { x, y: here.y, slopes: [], texts: [value, "it jumps here, so it has no slope"] };
  const [left, right] = [jump.before.slope, jump.after.slope];
  return {
    x,
    y: here.y,
    slopes: [
      { slope: left, side: -1 },
      { slope: right, side: 1 },
    ],
    texts: [value, `a kink: ${bothSlopes(jump)}; differentiation takes ${formatNumber(here.slope)}`],
  };
}

function bothSlopes({ before, after }: Jump): string {
  return `slope ${formatNumber(before.slope)} from the left, ${formatNumber(after.slope)} from the right`;
}

function tangentLayers(
  board: Board,
  moving: readonly Stop[],
  opening: number,
  placeX: (x: number) => number,
  placeY: (y: number) => number,
): readonly Json[] {
  const { area } = board;
  const step = stepOf(moving);
  const half = moving.length < 2 ? 1 : (placeX(moving[1]!.x) - placeX(moving[0]!.x)) / 2;
  const tangents = moving.flatMap(({ x, y, slopes }, k) =>
    slopes.flatMap(({ slope, side }) => {
      const end = (way: number): readonly [number, number] => [
        placeX(x + way * step * stops),
        placeY(y + way * step * stops * slope),
      ];
      const here = [placeX(x), placeY(y)] as const;
      const cut = Number.isFinite(slope)
        ? segmentWithin(area, side === 1 ? here : end(-1), side === -1 ? here : end(1))
        : undefined;
      if (cut === undefined) return [];
      const [[x1, y1], [x2, y2]] = cut;
      return [{ k, x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2) }];
    }),
  );
  const points = moving.flatMap(({ x, y }, k) => {
    const place = { x: round(placeX(x)), y: round(placeY(y)) };
    return place.y >= area.top && place.y <= area.bottom ? [{ k, ...place }] : [];
  });
  const now = { transform: [{ filter: "datum.k == stop" }] };
  return [
    { ...board.rules(tangents, { stroke: palette.gradient.line, strokeWidth: 2 }), ...now },
    {
      ...board.points(points, {
        filled: true,
        fill: palette.gradient.ink,
        stroke: "#FFFFFF",
        strokeWidth: 1.5,
        size: 90,
        opacity: 1,
      }),
      ...now,
    },
    ...[0, 1].map((line) => ({
      ...board.text(
        moving.map(({ texts }, k) => ({
          k,
          x: (area.left + area.right) / 2,
          y: area.bottom + belowAxes + 12 + 20 * line,
          t: texts[line]!,
        })),
        { align: "center", size: 13, fontWeight: line === 0 ? 400 : 600, color: palette.gradient.ink },
      ),
      ...now,
    })),
    {
      ...board.rects(
        // All of the panel: a click beside them would leave no point chosen.
        moving.map(({ x }, k) => ({
          v: x,
          x1: k === 0 ? 0 : round(placeX(x) - half),
          x2: k === moving.length - 1 ? board.width : round(placeX(x) + half),
          y1: 0,
          y2: board.height,
        })),
        { fill: "#000", opacity: 0, cursor: "pointer" },
      ),
      params: [
        {
          name: "at",
          value: [{ v: moving[opening]!.x }],
          select: {
            type: "point",
            fields: ["v"],
            on: "click, mousemove[event.buttons]",
            clear: false,
            toggle: false,
          },
          bind: { v: { input: "range", min: moving[0]!.x, max: moving.at(-1)!.x, step, name: "x " } },
        },
      ],
    },
  ];
}

/** Where the function has no number to draw. */
function holesOf({ name, samples }: Plotted): readonly string[] {
  const odd = samples.filter(({ y }) => !Number.isFinite(y));
  if (odd.length === 0) return [];
  const [first, last] = [odd[0]!, odd.at(-1)!];
  const where =
    first === last
      ? `at x = ${formatNumber(first.x)}`
      : `between x = ${formatNumber(first.x)} and ${formatNumber(last.x)}`;
  return [`${name} is not a finite number at ${odd.length} of ${samples.length} points, ${where}.`];
}

function inWords({ name, samples, jumps }: Plotted, from: number, to: number): readonly string[] {
  const range = `from x = ${formatNumber(from)} to ${formatNumber(to)}`;
  const finite = samples.filter(({ y }) => Number.isFinite(y));
  const [first, last] = [finite[0], finite.at(-1)];
  if (first === undefined || last === undefined) return [`${name} ${range} has no finite value`];
  const at = ({ x, y }: Sample): string => `${formatNumber(y)} at x = ${formatNumber(x)}`;
  const least = finite.reduce((a, b) => (b.y < a.y ? b : a));
  const largest = finite.reduce((a, b) => (b.y > a.y ? b : a));
  return [
    `${name} ${range}: ${at(first)}, ${at(last)}; least ${at(least)}, largest ${at(largest)}`,
    ...jumps.slice(0, 6).map((jump) => {
      const { before, after, kind } = jump;
      // Of two numbers next to each other the rounder one is meant.
      const x = Number(((before.x + after.x) / 2).toPrecision(9));
      const place = `at x = ${formatNumber(Math.abs(x) < 1e-12 * (to - from) ? 0 : x)}`;
      return kind === "kink" ? `${name} has a kink ${place}: ${bothSlopes(jump)}` : `${name} jumps ${place}`;
    }),
    ...(jumps.length > 6 ? [`${name} has ${jumps.length - 6} more kinks and jumps`] : []),
  ];
}
