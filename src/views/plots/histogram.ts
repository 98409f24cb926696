import { formatNumber } from "../../graph/number-text.ts";
import type { Figure } from "../display.ts";
import { palette } from "../palette.ts";
import { round } from "../round.ts";
import { fitText, textWidth } from "../text-width.ts";
import { type Axis, axisOf } from "./axes.ts";
import { belowAxes, boardOf, linePath, path, small } from "./board.ts";
import { counted, type Extent, extentOf, isNamed, numbersOf, oddNumbers, type Plottable } from "./numbers.ts";

export interface HistogramOptions {
  readonly title?: string;
  /** What is counted: "value" where nothing is said. */
  readonly x?: string;
  /** By powers of ten of the sizes: shows gradients that vanish from layer to layer. Zeros are counted apart. */
  readonly logarithmic?: boolean;
  /** How many bars. */
  readonly bins?: number;
}

const rowHeight = 70;
const gap = 14;
const mostRows = 24;
const labelSize = 12;

/**
 * How numbers are spread, one row for each name over one axis: the gradients of each layer. Zeros, NaN and infinities are
 * counted in words beside the row.
 *
 * @throws {TypeError} where there are no numbers to count.
 *
 * @example
 * ```ts
 * import { histogram } from "gradbook";
 * const figure = histogram({ first: [0, 0, 0.5, 1], second: [2, NaN] });
 * figure.words.split("\n")[1] // first: 4 numbers from 0 to 1, mean 0.375, deviation 0.415; 2 zero
 * figure.words.split("\n")[2] // second: 1 number from 2 to 2, mean 2, deviation 0; 1 NaN
 * ```
 */
export function histogram(
  values: Plottable | Readonly<Record<string, Plottable>>,
  options: HistogramOptions = {},
): Figure {
  const { title, logarithmic = false, bins = 40 } = options;
  if (!Number.isInteger(bins) || bins < 1 || bins > 400) {
    throw new RangeError(`histogram: bins is a whole number from 1 to 400; it is ${bins}.`);
  }
  const all = isNamed(values) ? Object.entries(values) : [["", values] as const];
  if (all.length === 0) throw new TypeError("histogram: there are no numbers; give numbers, or { name: numbers, … }.");
  const rows = all.slice(0, mostRows).map(([name, given]) => countedRow(name, numbersOf(given), logarithmic));
  const extent = extentOf(rows.flatMap(({ counted: numbers }) => numbers)) ?? { low: 0, high: 1 };
  const edges = logarithmic ? bent(extent) : extent;
  const what = options.x ?? "value";
  const named = rows.some(({ name }) => name !== "");
  const labels = rows.map(({ name }) => fitText(name, 150, labelSize, true));
  const left = named ? Math.ceil(Math.max(...labels.map((label) => textWidth(label, labelSize, true)))) + 12 : 4;
  const right = 176;
  const omitted = all.length - rows.length;
  const notes = omitted > 0 ? [`${formatNumber(omitted)} more are not shown.`] : [];
  const board = boardOf({
    name: "Histogram",
    title,
    height: rows.length * (rowHeight + gap) - gap,
    left,
    right,
    below: belowAxes,
    notes,
    words: [
      `Histogram of ${logarithmic ? `the size of each ${what}` : what}`,
      ...rows.map((row) => `${row.name === "" ? "" : `${row.name}: `}${row.inWords}`),
      ...notes,
    ],
  });
  const { area } = board;
  const x = axisOf(extent, area.left, area.right, { logarithmic, slack: 0.01 });
  const tops = rows.map((_, index) => area.top + index * (rowHeight + gap));
  const bars = rows.map(({ counted: numbers }, index) => {
    const counts = countsOf(logarithmic ? numbers.map(Math.log10) : numbers, edges, bins);
    return { counts, top: tops[index]!, bottom: tops[index]! + rowHeight, most: Math.max(...counts) };
  });
  const [binLeft, binRight] = [x.place(extent.low), x.place(extent.high)];
  const edgeAt = (bin: number): number =>
    extent.high > extent.low
      ? binLeft + (bin / bins) * (binRight - binLeft)
      : area.left + ((bin - 0.5) / bins) * (area.right - area.left);
  const outlines = bars.map(({ counts, bottom, most }) =>
    counts
      .map((count, bin) => {
        if (count === 0) return "";
        const top = bottom - Math.max(1, (count / most) * (rowHeight - 4));
        const [from, to] = [edgeAt(bin), edgeAt(bin + 1)];
        return `${linePath([
          [from, bottom],
          [from, top],
          [to, top],
          [to, bottom],
        ])}Z`;
      })
      .join(""),
  );
  const flat: Axis = { place: (y) => y, ticks: [] };
  return board.figure([
    ...board.axes(x, flat, { x: logarithmic ? `size of ${what}` : what, y: "" }),
    board.rules(
      bars.map(({ bottom }) => ({ x1: area.left, x2: area.right, y1: bottom, y2: bottom })),
      { stroke: palette.wire, strokeWidth: 1 },
    ),
    outlines.every((outline) => outline === "")
      ? undefined
      : path(outlines.join(""), {
          filled: true,
          fill: palette.value.line,
          stroke: palette.panel.fill,
          strokeWidth: 0.8,
        }),
    board.text(
      labels.map((t, index) => ({ x: area.left - left, y: tops[index]! + rowHeight / 2, t })),
      { size: labelSize, fontWeight: 600 },
    ),
    board.text(
      rows.flatMap(({ lines }, index) =>
        lines.map((t, line) => ({
          x: area.right + 12,
          y: tops[index]! + rowHeight / 2 + (line - (lines.length - 1) / 2) * 14,
          t: fitText(t, right - 14, small),
        })),
      ),
      { color: palette.muted },
    ),
    board.rects(
      bars.flatMap(({ counts, top, bottom }) =>
        counts.flatMap((count, bin) =>
          count === 0
            ? []
            : [{ x1: round(edgeAt(bin)), x2: round(edgeAt(bin + 1)), y1: top, y2: bottom, t: spoken(count, bin) }],
        ),
      ),
      { fill: "#000", opacity: 0 },
      { tooltip: { field: "t" } },
    ),
  ]);

  function spoken(count: number, bin: number): string {
    const at = (edge: number): string => {
      const number = edges.low + (edge / bins) * (edges.high - edges.low);
      return formatNumber(logarithmic ? 10 ** number : number);
    };
    return `${counted(count, "number")} from ${at(bin)} to ${at(bin + 1)}`;
  }
}

interface Row {
  readonly name: string;
  /** The numbers that have a place on the axis. */
  readonly counted: readonly number[];
  readonly lines: readonly string[];
  readonly inWords: string;
}

function countedRow(name: string, numbers: readonly number[], logarithmic: boolean): Row {
  const finite = numbers.filter(Number.isFinite);
  const zeros = finite.filter((x) => x === 0).length;
  const odd = oddNumbers(numbers);
  const extent = extentOf(finite);
  // Halved, so that the largest numbers have a mean too.
  const mean = finite.reduce((sum, x) => sum + x / finite.length, 0);
  const size = Math.max(...finite.map((x) => Math.abs(x - mean)), 0) || 1;
  const deviation = size * Math.sqrt(finite.reduce((sum, x) => sum + ((x - mean) / size) ** 2 / finite.length, 0));
  const apart = [...(zeros > 0 ? [`${formatNumber(zeros)} zero`] : []), ...(odd === undefined ? [] : [odd])];
  const count = counted(finite.length, "number");
  const statistics = `mean ${formatNumber(mean)}, deviation ${formatNumber(deviation)}`;
  return {
    name,
    counted: logarithmic ? finite.filter((x) => x !== 0).map(Math.abs) : finite,
    lines: [
      count,
      ...(extent === undefined ? [] : [`mean ${formatNumber(mean)}`, `deviation ${formatNumber(deviation)}`]),
      ...apart,
    ],
    inWords:
      (extent === undefined
        ? count
        : `${count} from ${formatNumber(extent.low)} to ${formatNumber(extent.high)}, ${statistics}`) +
      (apart.length === 0 ? "" : `; ${apart.join(", ")}`),
  };
}

function bent({ low, high }: Extent): Extent {
  return low > 0 ? { low: Math.log10(low), high: Math.log10(high) } : { low: 0, high: 1 };
}

function countsOf(numbers: readonly number[], { low, high }: Extent, bins: number): readonly number[] {
  const counts = Array.from({ length: bins }, () => 0);
  const scale = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const span = high / scale - low / scale;
  for (const x of numbers) {
    const share = span > 0 ? (x / scale - low / scale) / span : 0.5;
    counts[Math.min(bins - 1, Math.max(0, Math.floor(share * bins)))]!++;
  }
  return counts;
}
