import { ShapeError } from "../../graph/errors.ts";
import { formatNumber } from "../../graph/number-text.ts";
import { shapeText } from "../../graph/shape.ts";
import { nameOf, type Value } from "../../graph/value.ts";
import type { Figure } from "../display.ts";
import { palette } from "../palette.ts";
import { round } from "../round.ts";
import { fitText, textWidth } from "../text-width.ts";
import { boardOf, own, small } from "./board.ts";
import { numbersInCells } from "./cells.ts";
import { counted, extentOf, numbersOf, oddNumbers, type Plottable, plottedValue } from "./numbers.ts";
import { colourBar, type Ramp, rampFor } from "./ramp.ts";

export interface HeatmapOptions {
  /** What the rows are called, from the top: of an attention map, the tokens that attend. */
  readonly rows?: readonly string[];
  /** What the columns are called: the tokens attended to. */
  readonly columns?: readonly string[];
  readonly title?: string;
  /** Whether colours part at zero; by default where there are numbers below it. */
  readonly diverging?: boolean;
}

interface Matrix {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly numbers: readonly number[];
}

const room = 560;
const tallest = 520;
const largestCell = 44;
/** So many cells are drawn and told to the pointer one by one; more are drawn as one shape for each shade. */
const mostCells = 1024;
const shadesOfMany = 48;
const mostTiles = 64;
/** A longer side is drawn as the means of its neighbours. */
const longestSide = 128;

/**
 * Numbers as colours: a matrix, an attention map (a row attends to columns), or a batch of small images as a grid. Numbers
 * stand in the cells where there is room.
 *
 * @param values [n], [rows, columns], [n, height, width] or [n, 1, height, width].
 * @throws {ShapeError} of any other shape, or where there are not as many names as rows or columns.
 *
 * @example
 * ```ts
 * import { heatmap } from "gradbook";
 * const map = heatmap([[0.9, 0.1], [0.3, 0.7]], { rows: ["the", "cat"], columns: ["the", "cat"] });
 * map.words.split("\n")[0] // Heat map, 2 rows by 2 columns: numbers from 0.1 to 0.9
 * map.words.split("\n")[1] // the: most at the (0.9)
 * ```
 */
export function heatmap(values: Plottable, options: HeatmapOptions = {}): Figure {
  const value = plottedValue(values);
  const { tiles, omitted } = tilesOf(value);
  const [first] = tiles;
  if (first === undefined || first.numbers.length === 0) {
    throw new ShapeError(`heatmap: there are no numbers to draw; the shape is ${shapeText(value.shape)}.`);
  }
  checkNames("rows", options.rows, first.height);
  checkNames("columns", options.columns, first.width);
  const drawn = tiles.map(pooled);
  const numbers = tiles.flatMap((tile) => tile.numbers);
  const extent = extentOf(numbers);
  const ramp = rampFor(extent, options.diverging);
  const odd = oddNumbers(numbers);
  const pool = drawn[0]!.width < first.width || drawn[0]!.height < first.height;
  const notes = [
    ...(omitted > 0 ? [`${formatNumber(omitted)} more of ${formatNumber(omitted + tiles.length)} are not shown.`] : []),
    ...(pool ? [`Drawn as means, ${drawn[0]!.height} rows by ${drawn[0]!.width} columns.`] : []),
    ...(odd === undefined ? [] : [`${odd}: crossed out.`]),
  ];
  const named = !pool && tiles.length === 1;
  const rowNames = named ? (options.rows ?? []).map((name) => fitText(name, 120, small)) : [];
  const columnNames = named ? (options.columns ?? []).map((name) => fitText(name, 120, small)) : [];
  const left =
    Math.ceil(Math.max(0, ...rowNames.map((name) => textWidth(name, small)))) + (rowNames.length > 0 ? 10 : 0);
  const widest = Math.max(0, ...columnNames.map((name) => textWidth(name, small)));
  const bar = 60;
  const places = placesOf(drawn, room - left - bar);
  const { cell } = places;
  const upright = widest > cell - 4;
  const above = columnNames.length === 0 ? (tiles.length > 1 ? 4 : 0) : upright ? widest + 8 : 20;
  const width = Math.max(28 + left + places.width + bar, 28 + 240);
  const board = boardOf({
    name: "Heat map",
    title: options.title,
    width,
    height: places.height,
    left,
    right: width - 28 - left - places.width,
    above,
    below: 12,
    notes,
    words: [...wordsOf(tiles, omitted, extent, options), ...notes],
  });
  const { area } = board;
  const cells = drawn.flatMap((tile, index) => {
    const [tileLeft, tileTop] = places.at(index);
    return tile.numbers.map((v, at) => {
      const [row, column] = [Math.floor(at / tile.width), at % tile.width];
      const x = area.left + tileLeft + column * cell;
      const y = area.top + tileTop + row * cell;
      return { tile, row, column, v, x, y };
    });
  });
  const finite = cells.filter(({ v }) => Number.isFinite(v));
  const one = cells.length <= mostCells;
  const texts = finite.map(({ v }) => formatNumber(v));
  const inCells = one ? numbersInCells(finite, cell) : undefined;
  const gap = cell >= 8 ? 0.5 : 0;
  const rectangle = (x: number, y: number): object => ({
    x1: round(x + gap),
    x2: round(x + cell - gap),
    y1: round(y + gap),
    y2: round(y + cell - gap),
  });
  return board.figure([
    one
      ? board.rects(
          finite.map(({ tile, row, column, v, x, y }, index) => ({
            ...rectangle(x, y),
            v,
            t: `${tile.name}${spokenName(options.rows, row)}, ${spokenName(options.columns, column)}: ${texts[index]}`,
          })),
          { cornerRadius: cell > 16 ? 2 : 0, strokeWidth: 0 },
          { fill: ramp.channel("v"), tooltip: { field: "t" } },
        )
      : shadesLayer(finite, cell, ramp, board.points([], {})),
    one
      ? undefined
      : board.rects(
          drawn.map((tile, index) => {
            const [tileLeft, tileTop] = places.at(index);
            const [x, y] = [area.left + tileLeft, area.top + tileTop];
            return {
              x1: round(x),
              x2: round(x + tile.width * cell),
              y1: round(y),
              y2: round(y + tile.height * cell),
              t: tile.name,
            };
          }),
          { fill: null, stroke: palette.panel.edge, strokeWidth: 1 },
        ),
    cells.length === finite.length
      ? undefined
      : board.text(
          cells
            .filter(({ v }) => !Number.isFinite(v))
            .map(({ x, y }) => ({ x: round(x + cell / 2), y: round(y + cell / 2), t: "×" })),
          { align: "center", size: Math.max(6, Math.min(14, cell * 0.8)), color: palette.wrong.ink },
        ),
    inCells === undefined
      ? undefined
      : board.text(
          finite.map(({ v, x, y }, index) => ({
            x: round(x + cell / 2),
            y: round(y + cell / 2 + 0.5),
            t: inCells.texts[index]!,
            c: ramp.ink(v),
          })),
          { align: "center", size: inCells.size },
          { color: own("c") },
        ),
    rowNames.length === 0
      ? undefined
      : board.text(
          sparse(rowNames, cell).map(([t, row]) => ({ x: area.left - 8, y: round(area.top + (row + 0.5) * cell), t })),
          { align: "right" },
        ),
    columnNames.length === 0
      ? undefined
      : board.text(
          sparse(columnNames, upright ? cell : 99).map(([t, column]) => ({
            x: round(area.left + (column + 0.5) * cell),
            y: area.top - (upright ? 6 : 10),
            t,
          })),
          upright ? { align: "left", angle: 270 } : { align: "center" },
        ),
    ...colourBar(board, ramp, area.left + places.width + 12, area.top, Math.min(places.height, 200)),
  ]);
}

function tilesOf(value: Value): { readonly tiles: readonly Matrix[]; readonly omitted: number } {
  const shape = value.shape;
  const numbers = numbersOf(value);
  const image = shape.length === 4 && shape[1] === 1 ? [shape[0]!, shape[2]!, shape[3]!] : shape;
  if (image.length === 1) return { tiles: [{ name: "", height: 1, width: image[0]!, numbers }], omitted: 0 };
  if (image.length === 2) return { tiles: [{ name: "", height: image[0]!, width: image[1]!, numbers }], omitted: 0 };
  if (image.length !== 3) {
    throw new ShapeError(
      `heatmap: ${nameOf(value)} is ${shapeText(shape)}; a heat map shows a matrix, or a batch [n, height, width] or ` +
        "[n, 1, height, width]. Take a part with slice, or bring it into such a shape with reshape.",
    );
  }
  const [count, height, width] = image as [number, number, number];
  const tiles = Array.from({ length: Math.min(count, mostTiles) }, (_, index) => ({
    name: `${index + 1}: `,
    height,
    width,
    numbers: numbers.slice(index * height * width, (index + 1) * height * width),
  }));
  return { tiles, omitted: count - tiles.length };
}

/** A matrix too large to draw, as the means of blocks. */
function pooled(matrix: Matrix): Matrix {
  const { height, width } = matrix;
  const by = Math.ceil(Math.max(height, width) / longestSide);
  if (by <= 1) return matrix;
  const [rows, columns] = [Math.ceil(height / by), Math.ceil(width / by)];
  const numbers = Array.from({ length: rows * columns }, (_, at) => {
    const [top, left] = [Math.floor(at / columns) * by, (at % columns) * by];
    let [sum, count] = [0, 0];
    for (let row = top; row < Math.min(height, top + by); row++) {
      for (let column = left; column < Math.min(width, left + by); column++) {
        sum += matrix.numbers[row * width + column]!;
        count++;
      }
    }
    return sum / count;
  });
  return { ...matrix, height: rows, width: columns, numbers };
}

interface Places {
  readonly cell: number;
  readonly width: number;
  readonly height: number;
  readonly at: (index: number) => readonly [left: number, top: number];
}

/** A grid of tiles, about as wide as it is high, in cells as large as there is room for. */
function placesOf(tiles: readonly Matrix[], width: number): Places {
  const { width: columns, height: rows } = tiles[0]!;
  const gap = tiles.length > 1 ? 8 : 0;
  const even = Math.max(1, Math.round(Math.sqrt((tiles.length * rows * 1.4) / columns)));
  // Near that, as few empty places as can be.
  const empty = (count: number): number => (count - (tiles.length % count)) % count;
  const across = [even, even + 1, even - 1, even + 2, even - 2]
    .filter((count) => count >= 1 && count <= tiles.length)
    .reduce((best, count) => (empty(count) < empty(best) ? count : best), Math.min(even, tiles.length));
  const down = Math.ceil(tiles.length / across);
  const fit = Math.min((width - gap * (across - 1)) / (across * columns), (tallest - gap * (down - 1)) / (down * rows));
  const whole = fit >= 3 ? Math.floor(fit) : Math.max(0.5, fit);
  const cell = Math.min(largestCell, whole);
  return {
    cell,
    width: across * columns * cell + gap * (across - 1),
    height: down * rows * cell + gap * (down - 1),
    at: (index) => [(index % across) * (columns * cell + gap), Math.floor(index / across) * (rows * cell + gap)],
  };
}

interface Cell {
  readonly v: number;
  readonly x: number;
  readonly y: number;
}

/** Many cells: one shape of squares for each shade. */
function shadesLayer(
  cells: readonly Cell[],
  cell: number,
  ramp: Ramp,
  points: object,
): Readonly<Record<string, unknown>> {
  const { low, high } = ramp;
  const squares = new Map<number, string>();
  for (const { v, x, y } of cells) {
    const shade = Math.round(((v - low) / (high - low)) * (shadesOfMany - 1));
    squares.set(shade, `${squares.get(shade) ?? ""}M${round(x)},${round(y)}h${cell}v${cell}h${-cell}Z`);
  }
  const rows = [...squares].map(([shade, d]) => ({ d, v: low + (shade / (shadesOfMany - 1)) * (high - low) }));
  return {
    ...points,
    data: { values: rows },
    mark: { type: "point", filled: true, size: 4, opacity: 1, strokeWidth: 0 },
    encoding: { x: { value: 0 }, y: { value: 0 }, shape: own("d"), fill: ramp.channel("v") },
  };
}

/** Names with their places, as many as have room above each other. */
function sparse(names: readonly string[], cell: number): readonly (readonly [string, number])[] {
  const every = Math.max(1, Math.ceil(13 / cell));
  return names.map((name, index) => [name, index] as const).filter(([, index]) => index % every === 0);
}

function spokenName(names: readonly string[] | undefined, index: number): string {
  return names?.[index] ?? String(index);
}

function checkNames(what: "rows" | "columns", names: readonly string[] | undefined, count: number): void {
  if (names === undefined || names.length === count) return;
  throw new ShapeError(
    `heatmap: there are ${counted(count, what.slice(0, -1), what)}, but ${names.length} names for them.`,
  );
}

const mostRowsInWords = 20;

function wordsOf(
  tiles: readonly Matrix[],
  omitted: number,
  extent: ReturnType<typeof extentOf>,
  { rows, columns }: HeatmapOptions,
): readonly string[] {
  const { height, width, numbers } = tiles[0]!;
  const size = `${counted(height, "row")} by ${counted(width, "column")}`;
  const range =
    extent === undefined
      ? "no finite numbers"
      : `numbers from ${formatNumber(extent.low)} to ${formatNumber(extent.high)}`;
  if (tiles.length > 1 || omitted > 0) return [`${counted(tiles.length + omitted, "heat map")} of ${size}: ${range}`];
  const said = Array.from({ length: Math.min(height, mostRowsInWords) }, (_, row) => {
    const own = numbers.slice(row * width, (row + 1) * width);
    const name = rows?.[row] ?? `row ${row}`;
    if (rows === undefined && columns === undefined && width <= 12)
      return `${name}: ${own.map((x) => formatNumber(x)).join(", ")}`;
    const most = own.reduce((best, x, at) => (x > own[best]! || Number.isNaN(own[best]!) ? at : best), 0);
    return `${name}: most at ${columns?.[most] ?? `column ${most}`} (${formatNumber(own[most]!)})`;
  });
  return [
    `Heat map, ${size}: ${range}`,
    ...said,
    ...(height > said.length ? [`… and ${formatNumber(height - said.length)} more rows`] : []),
  ];
}
