import { round } from "../round.ts";

/** Numbers at the crossings of a grid, row by row from the top, evenly spaced over a rectangle of pixels. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly values: ArrayLike<number>;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * The region where the grid's numbers are at least `level`, as a path in pixels; empty where there is none. Marching
 * squares: each square of four crossings adds the pieces of the outline through it, which are then joined into rings. What
 * lies beyond the grid counts as below. NaN is below every level.
 */
export function regionPath(grid: Grid, level: number): string {
  return rings(grid, level)
    .map((ring) => `M${ring.map(([x, y]) => `${round(x)},${round(y)}`).join("L")}Z`)
    .join("");
}

/** The outline of that region where it runs inside of the grid: the curve on which the numbers are `level`. */
export function levelPath(grid: Grid, level: number): string {
  let path = "";
  for (const ring of rings(grid, level)) {
    let drawing = false;
    for (const [index, [x, y, border]] of ring.entries()) {
      const [x2, y2, border2] = ring[(index + 1) % ring.length]!;
      // Along the border goes what is cut off there, not the curve.
      if (border || border2) {
        drawing = false;
        continue;
      }
      if (!drawing) path += `M${round(x)},${round(y)}`;
      path += `L${round(x2)},${round(y2)}`;
      drawing = true;
    }
  }
  return path;
}

type Corner = readonly [x: number, y: number, border: boolean];

/** Closed outlines of what is at least the level. */
function rings(grid: Grid, level: number): readonly (readonly Corner[])[] {
  const { columns, rows, values } = grid;
  const inside = (column: number, row: number): boolean =>
    column >= 0 && row >= 0 && column < columns && row < rows && values[row * columns + column]! >= level;
  // An edge between two crossings, one in and one out, carries one corner of one outline: where it leads, by its number.
  const next = new Map<number, number>();
  const across = (column: number, row: number): number => 2 * ((row + 1) * (columns + 2) + column + 1);
  const down = (column: number, row: number): number => across(column, row) + 1;
  for (let row = -1; row < rows; row++) {
    for (let column = -1; column < columns; column++) {
      const corners =
        (inside(column, row) ? 8 : 0) |
        (inside(column + 1, row) ? 4 : 0) |
        (inside(column + 1, row + 1) ? 2 : 0) |
        (inside(column, row + 1) ? 1 : 0);
      const sides = [across(column, row), down(column + 1, row), across(column, row + 1), down(column, row)] as const;
      for (const [from, to] of turns[corners]!) next.set(sides[from], sides[to]);
    }
  }
  const found: Corner[][] = [];
  for (const start of next.keys()) {
    const ring: Corner[] = [];
    for (let edge: number | undefined = start; edge !== undefined && next.has(edge); ) {
      ring.push(corner(grid, level, edge));
      const following: number = next.get(edge)!;
      next.delete(edge);
      edge = following;
    }
    if (ring.length > 2) found.push(ring);
  }
  return found;
}

/**
 * For each way that a square's corners can be in (bits: top left, top right, bottom right, bottom left), from which of its
 * sides (top, right, bottom, left) to which an outline passes, with what is in on its right.
 */
const turns: readonly (readonly (readonly [0 | 1 | 2 | 3, 0 | 1 | 2 | 3])[])[] = [
  [],
  [[2, 3]],
  [[1, 2]],
  [[1, 3]],
  [[0, 1]],
  [
    [0, 3],
    [2, 1],
  ],
  [[0, 2]],
  [[0, 3]],
  [[3, 0]],
  [[2, 0]],
  [
    [3, 2],
    [1, 0],
  ],
  [[1, 0]],
  [[3, 1]],
  [[2, 1]],
  [[3, 2]],
  [],
];

/** Where the numbers along an edge pass the level, as if they went straight from one to the other. */
function corner(grid: Grid, level: number, edge: number): Corner {
  const { columns, rows, values } = grid;
  const cell = edge >> 1;
  const row = Math.floor(cell / (columns + 2)) - 1;
  const column = (cell % (columns + 2)) - 1;
  const downwards = (edge & 1) === 1;
  const [column2, row2] = downwards ? [column, row + 1] : [column + 1, row];
  const at = (c: number, r: number): number =>
    c >= 0 && r >= 0 && c < columns && r < rows ? values[r * columns + c]! : Number.NaN;
  const [a, b] = [at(column, row), at(column2, row2)];
  const outside = column < 0 || row < 0 || column2 >= columns || row2 >= rows;
  // As shares of the larger: the difference of the largest numbers would be none any more.
  const scale = Math.max(Math.abs(a), Math.abs(b));
  const passed = (level / scale - a / scale) / (b / scale - a / scale);
  const bothFinite = Number.isFinite(a) && Number.isFinite(b);
  const share = !bothFinite ? (a >= level ? 0 : 1) : Number.isFinite(passed) ? Math.min(1, Math.max(0, passed)) : 0.5;
  const x = column + (downwards ? 0 : share);
  const y = row + (downwards ? share : 0);
  const place = (index: number, count: number, from: number, to: number): number =>
    from + (Math.min(count - 1, Math.max(0, index)) / (count - 1)) * (to - from);
  return [place(x, columns, grid.left, grid.right), place(y, rows, grid.top, grid.bottom), outside];
}
