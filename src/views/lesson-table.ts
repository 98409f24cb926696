import { computed, field, type Json, layer, mathText, once, plainText, point, sides } from "./layers.ts";
import type { FigureModel } from "./model.ts";
import { palette, textFont } from "./palette.ts";
import { round } from "./round.ts";
import type { DecompositionTable } from "./table.ts";
import { fitText, textWidth } from "./text-width.ts";

/** The decomposition table as layers of a figure, moved along by its steps. */
export interface LessonTable {
  readonly datasets: Json;
  readonly layers: readonly Json[];
}

interface Cell {
  readonly x: number;
  readonly y: number;
  readonly t: string;
  /** The step from which it is shown, and that which evaluates its row. */
  readonly k: number;
  readonly f: number;
}

const rowHeight = 26;
const headHeight = 28;
const fontSize = 13;
const headSize = 12.5;
const padding = 10;
const leastColumn = 34;
const never = 9999;

/** How high a table is. */
export function tableHeightOf({ rows }: DecompositionTable): number {
  return headHeight + rows.length * rowHeight;
}

/** Sets the table out below `top`: a row is tinted in the steps that pass it, its output and derivatives come with them. */
export function lessonTable(
  { columns, rows }: DecompositionTable,
  model: FigureModel,
  place: { readonly top: number; readonly width: number },
): LessonTable {
  const operations = model.nodes.filter((node) => node.operation !== undefined);
  // All derivatives of a row share a column, its output is said with its value.
  const heads = [...columns.slice(0, 5), ...(columns.length > 5 ? [columns[5]!] : [])];
  const texts = rows.map((row, index) => [
    ...row.slice(0, 4),
    operations[index]!.label.text,
    ...(heads.length > 5
      ? [
          row
            .slice(5)
            .filter((text) => text !== "")
            .join(",   "),
        ]
      : []),
  ]);
  const widths = columnWidths(heads, texts, place.width);
  const starts = widths.map((_, column) => widths.slice(0, column).reduce((sum, width) => sum + width, 0));
  const line = (row: number): number => place.top + headHeight + row * rowHeight;
  const lines = rows.map((_, row) => ({
    y: round(line(row)),
    y2: round(line(row) + rowHeight),
    f: operations[row]!.forward,
    b: operations[row]!.visited ?? never,
  }));
  const cells = texts.flatMap((row, index): Cell[] =>
    row.flatMap((text, column): Cell[] => {
      const { forward: f, visited, name } = operations[index]!;
      const at = { x: round(starts[column]! + padding), y: round(line(index) + rowHeight / 2), f };
      const t = fitText(text, widths[column]! - padding, fontSize);
      if (column === 4)
        return [
          { ...at, t, k: f },
          { ...at, t: fitText(name, widths[4]! - padding, fontSize), k: -f },
        ];
      return text === "" ? [] : [{ ...at, t, k: column < 5 ? 0 : (visited ?? f) }];
    }),
  );
  const names = heads.map((t, column) => ({ x: round(starts[column]! + padding), t }));
  return {
    datasets: { tableRows: lines, tableCells: cells, tableHeads: names },
    layers: [
      layer("tableRows", {
        type: "rect",
        stroke: palette.panel.edge,
        strokeWidth: 1,
        x: 0,
        x2: place.width,
        y: field("y"),
        y2: field("y2"),
        fill: computed(
          `datum.b == step ? "${palette.gradient.chip}" : datum.f == step ? "${palette.value.chip}" : "${palette.panel.fill}"`,
        ),
      }),
      once("tableHead", {
        type: "rect",
        fill: palette.tableHead,
        cornerRadiusTopLeft: 8,
        cornerRadiusTopRight: 8,
        ...sides(0, place.top, place.width, place.top + headHeight),
      }),
      layer("tableHeads", {
        ...plainText,
        font: textFont,
        align: "left",
        fontSize: headSize,
        fontWeight: 600,
        fill: "#FFFFFF",
        x: field("x"),
        y: place.top + headHeight / 2,
        text: field("t"),
      }),
      layer(
        "tableCells",
        {
          ...mathText,
          align: "left",
          fontSize,
          ...point,
          text: field("t"),
          fill: computed(`datum.f > step ? "${palette.muted}" : "${palette.ink}"`),
        },
        // Below 0: shown until that step.
        { transform: [{ filter: "datum.k >= 0 ? datum.k <= step : -datum.k > step" }] },
      ),
    ],
  };
}

/** As wide as the texts; where that is too much, the widest columns give way. */
function columnWidths(heads: readonly string[], texts: readonly (readonly string[])[], width: number): number[] {
  const widths = heads.map(
    (head, column) =>
      Math.max(
        leastColumn - 2 * padding,
        textWidth(head, headSize, true),
        ...texts.map((row) => textWidth(row[column]!, fontSize)),
      ) +
      2 * padding,
  );
  const total = (): number => widths.reduce((sum, each) => sum + each, 0);
  while (total() > width) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest]! -= Math.min(total() - width, 10);
  }
  // What is free goes to the last column, so that the others stand together.
  widths[widths.length - 1]! += width - total();
  return widths;
}
