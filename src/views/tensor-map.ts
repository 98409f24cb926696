import { formatNumber } from "../graph/number-text.ts";
import { reshape } from "../graph/primitives.ts";
import { type Shape, sizeOf } from "../graph/shape.ts";
import { detached, type Value } from "../graph/value.ts";
import { mapColours } from "./palette.ts";
import { textWidth } from "./text-width.ts";

/** The numbers of a vector or matrix as a small picture. */
export interface TensorMap {
  readonly rows: number;
  readonly columns: number;
  /** Row by row, as shares of the largest in size: from −1 to 1. NaN for what is no finite number. */
  readonly shares: readonly number[];
  /** The numbers themselves, where they are few. */
  readonly numbers: readonly string[] | undefined;
}

/** Cells of one colour, as an SVG path from the map's upper left corner. */
interface MapLayer {
  readonly d: string;
  readonly f: string;
}

const mostAlong = 8;
const mostRowsWritten = 2;
const mostColumnsWritten = 3;
const numberSize = 10.5;
const numberHeight = 15;
/** Shades from white to either end: so many paths at most make a map. */
const shades = 6;
const gap = 0.5;
const round = (length: number): number => Math.round(length * 100) / 100;

/** Whether a value is a vector or a matrix with something in it. */
export function hasMap(shape: Shape): boolean {
  return (shape.length === 1 || shape.length === 2) && sizeOf(shape) > 0;
}

/** Whether every number has a cell of its own in the map. */
export function fitsMap(shape: Shape): boolean {
  return hasMap(shape) && shape.every((length) => length <= mostAlong);
}

/** The map of a vector (a row) or matrix; of a large one rows and columns are left out evenly. */
export function mapOf(value: Value): TensorMap | undefined {
  if (!hasMap(value.shape)) return undefined;
  const [height, width] = value.shape.length === 1 ? [1, value.shape[0]!] : (value.shape as [number, number]);
  const numbers = numbersOf(value);
  const kept = (length: number): number[] =>
    Array.from({ length: Math.min(length, mostAlong) }, (_, i) =>
      length <= mostAlong ? i : Math.round((i * (length - 1)) / (mostAlong - 1)),
    );
  const [rows, columns] = [kept(height), kept(width)];
  const shown = rows.flatMap((row) => columns.map((column) => numbers[row * width + column]!));
  const largest = Math.max(...shown.filter(Number.isFinite).map(Math.abs), Number.MIN_VALUE);
  const few = height <= mostRowsWritten && width <= mostColumnsWritten;
  return {
    rows: rows.length,
    columns: columns.length,
    shares: shown.map((number) => (Number.isFinite(number) ? number / largest : Number.NaN)),
    numbers: few ? shown.map(formatNumber) : undefined,
  };
}

/** All numbers of a value, row by row. */
export function numbersOf(value: Value): readonly number[] {
  const flat = reshape(detached(value), [sizeOf(value.shape)]).toArray();
  return (flat as readonly number[]).map(Number);
}

/** The root of the sum of squares. */
export function normOf(value: Value): number {
  return Math.hypot(...numbersOf(value));
}

export interface MapSize {
  readonly width: number;
  readonly height: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Whether numbers stand in the cells. */
  readonly written: boolean;
}

/** How large a map is drawn: with its numbers where there is room for them, as in a box; else as cells alone. */
export function mapSize(map: TensorMap, roomy: boolean): MapSize {
  const written = roomy && map.numbers !== undefined;
  const longest = Math.max(map.rows, map.columns);
  const side = (longest <= 4 ? 6 : 5) + (roomy ? 1 : 0);
  const widest = written ? Math.max(...map.numbers!.map((number) => textWidth(number, numberSize))) : 0;
  const cellWidth = written ? Math.ceil(Math.max(20, widest + 8)) : side;
  const cellHeight = written ? numberHeight : side;
  return { width: map.columns * cellWidth, height: map.rows * cellHeight, cellWidth, cellHeight, written };
}

/** The map as a few paths, one for each shade, the lines between cells first. */
export function mapLayers(map: TensorMap, { width, height, cellWidth, cellHeight }: MapSize): readonly MapLayer[] {
  const paths = new Map<string, string>();
  for (const [index, share] of map.shares.entries()) {
    const colour = mapColour(share);
    const x = round((index % map.columns) * cellWidth + gap);
    const y = round(Math.floor(index / map.columns) * cellHeight + gap);
    const [wide, high] = [round(cellWidth - 2 * gap), round(cellHeight - 2 * gap)];
    paths.set(colour, `${paths.get(colour) ?? ""}M${x},${y}h${wide}v${high}h${-wide}z`);
  }
  const ground = `M${-gap},${-gap}h${width + 2 * gap}v${height + 2 * gap}h${-width - 2 * gap}z`;
  return [{ d: ground, f: mapColours.lines }, ...[...paths].map(([f, d]) => ({ d, f }))];
}

/** Where each number of a written map stands, from the map's upper left corner. */
export function mapNumbers(map: TensorMap, size: MapSize): readonly { x: number; y: number; t: string }[] {
  if (!size.written) return [];
  return map.numbers!.map((t, index) => ({
    x: round(((index % map.columns) + 0.5) * size.cellWidth),
    y: round((Math.floor(index / map.columns) + 0.5) * size.cellHeight),
    t,
  }));
}

/** White at 0, towards one colour above and another below; what is no finite number has its own. */
export function mapColour(share: number): string {
  if (Number.isNaN(share)) return mapColours.none;
  // Up, so that what is not 0 does not look like it.
  const step = Math.ceil(Math.abs(share) * shades) / shades;
  return blended(mapColours.zero, share < 0 ? mapColours.below : mapColours.above, step);
}

function blended(from: string, to: string, share: number): string {
  const channel = (colour: string, at: number): number => Number.parseInt(colour.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) => Math.round(channel(from, at) + share * (channel(to, at) - channel(from, at))));
  return `#${mixed.map((each) => each.toString(16).padStart(2, "0")).join("")}`;
}
