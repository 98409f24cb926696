import { ShapeError } from "../../graph/errors.ts";
import { formatNumber } from "../../graph/number-text.ts";
import { shapeText } from "../../graph/shape.ts";
import type { Figure } from "../display.ts";
import { hoverParameter, overParameter } from "../layers.ts";
import { mathFont, palette } from "../palette.ts";
import { round } from "../round.ts";
import { fitText, textWidth } from "../text-width.ts";
import { boardOf, own } from "./board.ts";
import { numbersInCells } from "./cells.ts";
import { counted, extentOf, numbersOf, oddNumbers, type Plottable, plottedValue } from "./numbers.ts";
import { colourBar, rampFor } from "./ramp.ts";

export interface OuterProductOptions {
  readonly title?: string;
  /** What the three are called; by default by the Values' own names, δ and a, and their product. */
  readonly names?: { readonly left?: string; readonly right?: string; readonly product?: string };
}

const mostShown = 32;
const room = 470;
const largestCell = 40;
const titleSize = 13;

/**
 * A matrix as what it is made of: a column times a row. So the gradient of a linear layer's weights is δ, the gradient of
 * what the layer computes, times a, what it was given. The number under the pointer lights both of its factors.
 *
 * @param left m numbers, [m], [m, 1] or [1, m].
 * @param right n numbers.
 * @throws {ShapeError} where one of them has more than one axis that is longer than 1, or holds nothing.
 *
 * @example
 * ```ts
 * import { outerProduct, variable } from "gradbook";
 * const delta = variable([1, -2], "δ"), a = variable([0, 3, 4], "a");
 * outerProduct(delta, a, { names: { product: "∂L/∂W" } }).words.split("\n")[3] // ∂L/∂W[1]: 0, −6, −8
 * ```
 */
export function outerProduct(
  left: Plottable,
  right: Plottable,
  { title, names = {} }: OuterProductOptions = {},
): Figure {
  const factors = { left: factorOf("left", left, names.left, "δ"), right: factorOf("right", right, names.right, "a") };
  const made = `${factors.left.name} · ${factors.right.name}ᵀ`;
  const product = names.product ?? made;
  const rows = factors.left.numbers.slice(0, mostShown);
  const columns = factors.right.numbers.slice(0, mostShown);
  const entries = rows.flatMap((l, i) => columns.map((r, j) => ({ i, j, l, r, v: l * r + 0 })));
  const all = [...rows, ...columns, ...entries.map(({ v }) => v)];
  const ramp = rampFor(extentOf(entries.map(({ v }) => v)), true);
  // Each factor has colours of its own scale: what matters is which is large beside its neighbours.
  const rampLeft = rampFor(extentOf(rows), true);
  const rampRight = rampFor(extentOf(columns), true);
  const odd = oddNumbers(all);
  const cut = factors.left.numbers.length > rows.length || factors.right.numbers.length > columns.length;
  const zeros = entries.filter(({ v }) => v === 0).length;
  const notes = [
    ...(cut
      ? [
          `The first ${rows.length} of ${factors.left.numbers.length} by the first ${columns.length} of ${factors.right.numbers.length} are shown.`,
        ]
      : []),
    ...(odd === undefined ? [] : [`Of the numbers, ${odd}: their cells stay empty.`]),
  ];
  const leftTitle = fitText(factors.left.name, 120, titleSize);
  const bar = 64;
  const strip = 16;
  const label = Math.ceil(textWidth(leftTitle, titleSize)) + 12;
  const most = Math.max(rows.length, columns.length);
  const cell = Math.min(largestCell, Math.floor((room - label - bar) / most));
  const side = label + cell + strip;
  const width = Math.max(420, 28 + side + columns.length * cell + bar);
  const shift = Math.floor((width - 28 - side - columns.length * cell - bar) / 2);
  const board = boardOf({
    name: `${product} as an outer product`,
    title,
    width,
    height: rows.length * cell,
    left: side + shift,
    right: width - 28 - side - shift - columns.length * cell,
    above: 22 + cell + strip,
    below: 40,
    notes,
    words: [
      `${product}, ${counted(rows.length, "row")} by ${counted(columns.length, "column")}: ` +
        `each number is one of ${factors.left.name} times one of ${factors.right.name}` +
        (zeros > 0 ? `; ${counted(zeros, "is", "are")} zero` : ""),
      `${factors.left.name}: ${rows.map((x) => formatNumber(x)).join(", ")}; ` +
        `${factors.right.name}: ${columns.map((x) => formatNumber(x)).join(", ")}`,
      ...rows.map((l, i) => `${product}[${i}]: ${columns.map((r) => formatNumber(l * r)).join(", ")}`),
      ...notes,
    ],
  });
  const { area } = board;
  const square = (x: number, y: number): { x1: number; x2: number; y1: number; y2: number } => ({
    x1: round(x + 0.5),
    x2: round(x + cell - 0.5),
    y1: round(y + 0.5),
    y2: round(y + cell - 0.5),
  });
  const at = (j: number, i: number): { x1: number; x2: number; y1: number; y2: number } =>
    square(area.left + j * cell, area.top + i * cell);
  const placed = [
    ...rows.map((v, i) => ({ v, ...square(area.left - strip - cell, area.top + i * cell), ink: rampLeft.ink(v) })),
    ...columns.map((v, j) => ({ v, ...square(area.left + j * cell, area.top - strip - cell), ink: rampRight.ink(v) })),
    ...entries.map(({ i, j, v }) => ({ v, ...at(j, i), ink: ramp.ink(v) })),
  ].filter(({ v }) => Number.isFinite(v));
  const inCells = numbersInCells(placed, cell);
  const drawn = { cornerRadius: cell > 16 ? 2 : 0, strokeWidth: 0 };
  const lit = (test: string): object => ({
    stroke: { condition: { test, value: palette.ink }, value: palette.panel.edge },
    strokeWidth: { condition: { test, value: 2.5 }, value: 0.8 },
  });
  const count = columns.length;
  const idle = `over < 0`;
  const caption = (x: {
    readonly i: number;
    readonly j: number;
    readonly l: number;
    readonly r: number;
    readonly v: number;
  }): string =>
    `${product}[${x.i}, ${x.j}] = ${factors.left.name}[${x.i}] · ${factors.right.name}[${x.j}] = ` +
    `${formatNumber(x.l)} · ${formatNumber(x.r)} = ${formatNumber(x.v)}`;
  const finite = (x: { readonly v: number }): boolean => Number.isFinite(x.v);
  const centre = { x: board.width / 2, y: area.bottom + 24 };
  return board.figure(
    [
      board.text([{ x: area.left - side + 2, y: (area.top + area.bottom) / 2, t: leftTitle }], {
        size: titleSize,
        font: mathFont,
      }),
      board.text(
        [
          {
            x: (area.left + area.right) / 2,
            y: area.top - strip - cell - 11,
            t: fitText(factors.right.name, 300, titleSize),
          },
        ],
        { size: titleSize, align: "center", font: mathFont },
      ),
      board.rects(
        rows.map((v, i) => ({ ...square(area.left - strip - cell, area.top + i * cell), i, v })).filter(finite),
        drawn,
        { fill: rampLeft.channel("v"), ...lit(`over >= 0 && floor(over / ${count}) == datum.i`) },
      ),
      board.rects(
        columns.map((v, j) => ({ ...square(area.left + j * cell, area.top - strip - cell), j, v })).filter(finite),
        drawn,
        { fill: rampRight.channel("v"), ...lit(`over >= 0 && over % ${count} == datum.j`) },
      ),
      board.rects(entries.map(({ i, j, v }) => ({ ...at(j, i), id: i * count + j, v })).filter(finite), drawn, {
        fill: ramp.channel("v"),
        ...lit("over == datum.id"),
      }),
      inCells === undefined
        ? undefined
        : board.text(
            placed.map(({ x1, y1, ink }, index) => ({
              x: round(x1 + cell / 2),
              y: round(y1 + cell / 2),
              t: inCells.texts[index]!,
              c: ink,
            })),
            { align: "center", size: inCells.size },
            { color: own("c") },
          ),
      ...colourBar(board, ramp, area.right + 14, area.top, Math.min(rows.length * cell, 180)),
      {
        ...board.text([{ ...centre, t: product === made ? made : `${product} = ${made}` }], captionStyle),
        transform: [{ filter: idle }],
      },
      {
        ...board.text(
          entries.map((entry) => ({ ...centre, id: entry.i * count + entry.j, t: caption(entry) })),
          captionStyle,
        ),
        transform: [{ filter: "datum.id == over" }],
      },
      {
        ...board.rects(
          entries.map(({ i, j }) => ({
            id: i * count + j,
            x1: area.left + j * cell,
            x2: area.left + (j + 1) * cell,
            y1: area.top + i * cell,
            y2: area.top + (i + 1) * cell,
          })),
          { fill: "#000", opacity: 0, cursor: "crosshair" },
        ),
        params: [hoverParameter],
      },
    ],
    [overParameter],
  );
}

// Not bold: DejaVu Serif Bold, the font of many Linux systems and of our PNGs, draws an S for ᵀ.
const captionStyle = { size: 15, align: "center", font: mathFont, color: palette.gradient.ink };

function factorOf(
  which: string,
  given: Plottable,
  name: string | undefined,
  usual: string,
): { readonly name: string; readonly numbers: readonly number[] } {
  const value = plottedValue(given);
  const long = value.shape.filter((length) => length !== 1).length;
  if (long > 1 || value.data.length === 0) {
    throw new ShapeError(
      `outerProduct: ${which} must be one row or column of numbers; the shape is ${shapeText(value.shape)}. ` +
        "Take the numbers of one example, with slice or gather.",
    );
  }
  return { name: name ?? value.name ?? usual, numbers: numbersOf(value) };
}
