import { ShapeError } from "../../graph/errors.ts";
import { formatNumber } from "../../graph/number-text.ts";
import { shapeText } from "../../graph/shape.ts";
import { constant, Value } from "../../graph/value.ts";
import type { Figure } from "../display.ts";
import { palette } from "../palette.ts";
import { round } from "../round.ts";
import { axisOf } from "./axes.ts";
import { belowAxes, boardOf, own, path, sideRoom } from "./board.ts";
import { classStyle } from "./classes.ts";
import { type Grid, levelPath, regionPath } from "./contours.ts";
import { counted, type Extent, extentOf, numbersOf, oddNumbers, type Plottable, rowsOf } from "./numbers.ts";

export interface DecisionBoundaryOptions {
  /** The points, [n, 2]. */
  readonly inputs: Plottable;
  /** Their classes, [n]: 0, 1, 2, … */
  readonly targets: Plottable;
  /** From which score on a point is of class 1, where there is one score for each: 0 by default, as of a logit. */
  readonly threshold?: number;
  /** At how many places along each axis the model is asked. */
  readonly resolution?: number;
  /** What the two inputs are called. */
  readonly names?: readonly [string, string];
  readonly title?: string;
}

const height = 360;
/** How far the deciding score must be ahead for the next darker shade. */
const shades = [0, 1, 3];
const rings = 0.16;

/**
 * What a classifier makes of the plane, with the points that it learns from: each class has a colour and a shape, darker
 * where its score is further ahead. A point on the wrong side has a dark rim.
 *
 * @param predict maps points, [n, 2], to one score each, [n] or [n, 1] (class 1 from `threshold` on), or to one for each
 * class, [n, classes] (the largest wins).
 * @throws {ShapeError} where inputs, targets or scores have other shapes.
 *
 * @example
 * ```ts
 * import { datasets, decisionBoundary, slice, sub } from "gradbook";
 * const { inputs, targets } = datasets.xor();
 * const right = decisionBoundary((x) => sub(slice(x, [[0, 2 ** 30], [0, 1]]), 0.5), { inputs, targets });
 * right.words.split("\n").at(-1) // 2 of 4 points lie in the region of their class.
 * ```
 */
export function decisionBoundary(predict: (inputs: Value) => Value, options: DecisionBoundaryOptions): Figure {
  const { threshold = 0, resolution = 61, names = ["x₁", "x₂"], title } = options;
  if (!Number.isInteger(resolution) || resolution < 2 || resolution > 400) {
    throw new RangeError(`decisionBoundary: resolution is a whole number from 2 to 400; it is ${resolution}.`);
  }
  const points = rowsOf("decisionBoundary", "inputs", options.inputs, 2);
  const targets = numbersOf(options.targets);
  checkTargets(targets, points.length);
  const visible = points.filter((point) => point.every(Number.isFinite));
  const extents = [0, 1].map((axis) => roomAround(extentOf(visible.map((point) => point[axis]!)))) as [Extent, Extent];

  const lines = extents.map(({ low, high }) =>
    Array.from({ length: resolution }, (_, i) => low * (1 - i / (resolution - 1)) + high * (i / (resolution - 1))),
  ) as [number[], number[]];
  const asked = [...lines[1]].reverse().flatMap((second) => lines[0].map((first) => [first, second]));
  const scores = scoresOf(predict, asked);
  const classes = Math.max(scores[0]!.length === 1 ? 2 : scores[0]!.length, ...targets.map((target) => target + 1));
  const decided = points.length === 0 ? [] : scoresOf(predict, points).map((row) => classOf(row, threshold));
  const wrong = decided.map((found, index) => found !== targets[index]);
  const correct = wrong.filter((each) => !each).length;
  const odd = oddNumbers(scores.flat());
  const hidden = points.length - visible.length;
  const notes = [
    ...(odd === undefined ? [] : [`Of the scores asked for, ${odd}: such places stay white.`]),
    ...(hidden === 0 ? [] : [`${counted(hidden, "point")} cannot be drawn: not finite.`]),
    ...(points.length === 0
      ? []
      : [
          `${correct} of ${counted(points.length, "point")} ${correct === 1 ? "lies" : "lie"} in the region of ${correct === 1 ? "its" : "their"} class.`,
        ]),
  ];
  const present = Array.from({ length: classes }, (_, index) => index);
  const yOptions = { count: 6 };
  const board = boardOf({
    name: "Decision boundary",
    title,
    height,
    left: sideRoom(axisOf(extents[1], 1, 0, yOptions), true),
    right: 16,
    below: belowAxes,
    notes,
    legend: present.map((index) => ({ text: `class ${index}`, ...classStyle(index) })),
    words: [
      `Decision boundary of ${counted(classes, "class", "classes")} over ${names.join(" and ")}`,
      ...present.map((index) => shareInWords(index, targets, scores, threshold)),
      ...notes,
    ],
  });
  const { area } = board;
  const x = axisOf(extents[0], area.left, area.right);
  const y = axisOf(extents[1], area.bottom, area.top, yOptions);
  const grid = (values: readonly number[]): Grid => ({ ...area, columns: resolution, rows: resolution, values });
  const layers = present.flatMap((index) => {
    const ahead = grid(scores.map((row) => leadOf(row, index, threshold)));
    const { colour } = classStyle(index);
    return [
      ...shades.map((level) =>
        path(regionPath(ahead, level), { filled: true, fill: colour, fillOpacity: rings, strokeOpacity: 0 }),
      ),
      path(levelPath(ahead, 0), { filled: false, stroke: palette.ink, strokeWidth: 1.4 }),
    ];
  });
  const rows = points
    .map((point, index) => ({
      x: round(x.place(point[0]!)),
      y: round(y.place(point[1]!)),
      c: classStyle(targets[index]!).colour,
      d: classStyle(targets[index]!).shape,
      r: wrong[index] ? palette.ink : "#FFFFFF",
      t:
        `class ${targets[index]} at (${formatNumber(point[0]!)}, ${formatNumber(point[1]!)})` +
        (wrong[index] ? `, taken for ${decided[index]! < 0 ? "none" : `class ${decided[index]}`}` : ""),
    }))
    .filter((_, index) => points[index]!.every(Number.isFinite));
  return board.figure([
    board.rects([{ x1: area.left, x2: area.right, y1: area.top, y2: area.bottom }], { fill: "#FFFFFF", stroke: null }),
    ...layers,
    ...board.axes(x, y, { x: names[0], y: names[1] }, false),
    board.points(
      rows,
      { filled: true, size: 4, opacity: 1, strokeWidth: 1.3 },
      { fill: own("c"), shape: own("d"), stroke: own("r"), tooltip: { field: "t" } },
    ),
  ]);
}

function checkTargets(targets: readonly number[], points: number): void {
  if (targets.length !== points) {
    throw new ShapeError(`decisionBoundary: ${points} inputs need as many targets; there are ${targets.length}.`);
  }
  const odd = targets.find((target) => !Number.isInteger(target) || target < 0 || target > 100);
  if (odd !== undefined) {
    throw new RangeError(`decisionBoundary: targets are classes, whole numbers from 0; one is ${formatNumber(odd)}.`);
  }
}

/** A tenth of free space on each side; without points the square around zero. */
function roomAround(extent: Extent | undefined): Extent {
  if (extent === undefined) return { low: -1, high: 1 };
  const { low, high } = extent;
  const room = high > low ? high * 0.1 - low * 0.1 : Math.abs(low) || 1;
  return { low: Math.max(-Number.MAX_VALUE, low - room), high: Math.min(Number.MAX_VALUE, high + room) };
}

/** The scores of each point, one or one for each class. */
function scoresOf(
  predict: (inputs: Value) => Value,
  points: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const given: unknown = predict(constant(points, "inputs"));
  if (!(given instanceof Value)) throw new TypeError("decisionBoundary: predict must return a Value of scores.");
  const { shape } = given;
  if (shape[0] !== points.length || shape.length > 2 || shape[1] === 0) {
    throw new ShapeError(
      `decisionBoundary: predict was given ${points.length} points, [${points.length}, 2], and must return as many ` +
        `scores, [${points.length}] or [${points.length}, classes]; it returned ${shapeText(shape)}.`,
    );
  }
  const width = shape[1] ?? 1;
  const numbers = Array.from(given.data);
  return points.map((_, index) => numbers.slice(index * width, (index + 1) * width));
}

/** By how much a class is ahead of all others: positive in its region. */
function leadOf(scores: readonly number[], index: number, threshold: number): number {
  const [first] = scores;
  if (scores.length === 1) return index === 1 ? first! - threshold : index === 0 ? threshold - first! : Number.NaN;
  return index >= scores.length
    ? Number.NaN
    : scores[index]! -
        scores.reduce(
          (most, score, other) => (other === index ? most : Math.max(most, score)),
          Number.NEGATIVE_INFINITY,
        );
}

function classOf(scores: readonly number[], threshold: number): number {
  if (scores.some(Number.isNaN)) return -1;
  if (scores.length === 1) return scores[0]! >= threshold ? 1 : 0;
  return scores.reduce((best, score, index) => (score > scores[best]! ? index : best), 0);
}

function shareInWords(
  index: number,
  targets: readonly number[],
  scores: readonly (readonly number[])[],
  threshold: number,
): string {
  const own = targets.filter((target) => target === index).length;
  const places = scores.filter((row) => classOf(row, threshold) === index).length;
  return `class ${index}: ${counted(own, "point")}, ${Math.round((100 * places) / scores.length)} % of the plane`;
}
