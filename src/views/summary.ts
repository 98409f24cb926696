import { shapeText, sizeOf } from "../graph/shape.ts";
import type { Value } from "../graph/value.ts";
import { Figure } from "./display.ts";
import {
  computed,
  corners,
  field,
  frame,
  type Json,
  layer,
  noteLayer,
  once,
  panel,
  plainText,
  sides,
} from "./layers.ts";
import { palette } from "./palette.ts";
import type { ShowOptions } from "./show.ts";
import { fitText } from "./text-width.ts";

interface Line {
  readonly what: string;
  readonly count: number;
  readonly shapes: string;
}

interface Tally {
  count: number;
  readonly shapes: Map<string, { count: number; size: number }>;
}

/** What one can do about a graph that is too large. */
export const advice = "show(…) of a value in its middle draws a smaller part, table(…) lists the operations.";
/** More values than these are not read for a summary. */
const mostRead = 120_000;
const mostLines = 9;
const mostShapes = 3;
const rowHeight = 19;

/** What a graph too large to draw is made of: how often each operation and layer occurs, and with which shapes. */
export function summaryOf(
  values: readonly Value[],
  sentence: string,
  options: ShowOptions & { readonly width: number },
): Figure {
  const { operations, layers, more } = tallied(values);
  const tables = [
    { head: "by operation", lines: operations },
    ...(layers.length === 0 ? [] : [{ head: "by layer", lines: layers }]),
  ];
  const notes = [
    sentence,
    ...(more ? [`Counted are the last ${mostRead.toLocaleString("en-US")} values.`] : []),
    advice,
  ];
  const { width } = options;
  const top = 12 + notes.length * rowHeight;
  const rows: { y: number; t: string; count: string; shapes: string; share: number; head: boolean }[] = [];
  for (const { head, lines } of tables) {
    const most = Math.max(1, ...lines.map((line) => line.count));
    rows.push({ y: 0, t: head, count: "count", shapes: "shapes", share: 0, head: true });
    for (const line of lines) {
      rows.push({
        y: 0,
        t: fitText(line.what, width * 0.3, 12.5),
        count: line.count.toLocaleString("en-US"),
        shapes: fitText(line.shapes, width * 0.36, 12.5),
        share: line.count / most,
        head: false,
      });
    }
  }
  const placed = rows.map((row, index) => ({ ...row, y: top + 10 + (index + 0.5) * rowHeight }));
  const height = top + 20 + rows.length * rowHeight;
  const columns = { what: 14, count: width * 0.45, bar: width * 0.47, barEnd: width * 0.6, shapes: width * 0.63 };
  const text = (name: string, x: number, align: "left" | "right"): Json =>
    layer(
      name,
      {
        ...plainText,
        align,
        fontSize: 12.5,
        x: Math.round(x),
        y: field("y"),
        text: field(name),
        fill: computed(`datum.head ? "${palette.muted}" : "${palette.ink}"`),
      },
      { dataset: "rows" },
    );
  const words = [
    ...notes,
    ...tables.flatMap(({ head, lines }) => [
      head,
      ...lines.map((line) => `  ${line.what}: ${line.count}${line.shapes === "" ? "" : ` (${line.shapes})`}`),
    ]),
  ].join("\n");
  const specification = frame(width, height, options.title ?? "Summary", words.replaceAll("\n", "; "), {
    datasets: {
      notes: notes.map((t, index) => ({ t: fitText(t, width - 28, 12.5), y: 8 + (index + 0.5) * rowHeight })),
      rows: placed,
      bars: placed
        .filter((row) => !row.head)
        .map((row) => ({
          x1: columns.bar,
          x2: Math.round(columns.bar + Math.max(1, row.share * (columns.barEnd - columns.bar))),
          y1: row.y - 5,
          y2: row.y + 5,
        })),
    },
    layer: [
      once("panel", { ...panel, cornerRadius: 10, ...sides(0, 0, width, height) }),
      noteLayer("notes"),
      layer("bars", { type: "rect", cornerRadius: 3, fill: palette.value.line, ...corners }),
      text("t", columns.what, "left"),
      text("count", columns.count, "right"),
      text("shapes", columns.shapes, "left"),
    ],
  });
  return new Figure(specification, options.title === undefined ? words : `${options.title}\n${words}`);
}

/** Walks the graph once, without the names and neighbours that drawings need. */
function tallied(values: readonly Value[]): { operations: readonly Line[]; layers: readonly Line[]; more: boolean } {
  const operations = new Map<string, Tally>();
  const layers = new Map<string, Tally>();
  const note = (tallies: Map<string, Tally>, what: string, { shape }: Value): void => {
    const tally = tallies.get(what) ?? { count: 0, shapes: new Map() };
    tallies.set(what, tally);
    tally.count++;
    const text = shape.length === 0 ? "scalars" : shapeText(shape);
    const known = tally.shapes.get(text);
    if (known === undefined) tally.shapes.set(text, { count: 1, size: sizeOf(shape) });
    else known.count++;
  };
  const found = new Set(values.map((value) => value.id));
  const open = [...values];
  let more = false;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { primitive, module } = next;
    note(operations, primitive?.label ?? next.kind, next);
    if (primitive !== undefined && module !== undefined) {
      const name = module.module.constructor.name;
      note(layers, name === "" || name === "Object" ? module.name : name, next);
    }
    for (const input of next.inputs) {
      if (found.has(input.id)) continue;
      if (found.size >= mostRead) {
        more = true;
        break;
      }
      found.add(input.id);
      open.push(input);
    }
  }
  return { operations: linesOf(operations), layers: linesOf(layers), more };
}

function linesOf(tallies: ReadonlyMap<string, Tally>): readonly Line[] {
  const sorted = [...tallies].sort(([, a], [, b]) => b.count - a.count);
  const lines = sorted.slice(0, mostLines).map(([what, { count, shapes }]): Line => {
    const common = [...shapes].sort(([, a], [, b]) => b.count - a.count || b.size - a.size);
    const listed = common.slice(0, mostShapes).map(([text]) => text);
    return { what, count, shapes: `${listed.join(", ")}${common.length > mostShapes ? ", …" : ""}` };
  });
  const rest = sorted.slice(mostLines);
  if (rest.length === 0) return lines;
  const count = rest.reduce((sum, [, tally]) => sum + tally.count, 0);
  return [...lines, { what: `${rest.length} more`, count, shapes: "" }];
}
