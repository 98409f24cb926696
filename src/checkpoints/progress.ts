import { Figure } from "../views/display.ts";
import { frame } from "../views/layers.ts";
import { palette } from "../views/palette.ts";
import type { CheckpointRecord } from "./record.ts";

/** How far a learner is with one checkpoint. */
export interface CheckpointProgress {
  readonly checkpoint: string;
  readonly right: number;
  readonly of: number;
  readonly attempts: number;
  readonly hints: number;
  /** How many solutions were taken. */
  readonly solutions: number;
}

export interface ProgressData {
  readonly right: number;
  readonly of: number;
  readonly checkpoints: readonly CheckpointProgress[];
}

/** What counts of a checkpoint of any kind. */
export interface Counted {
  readonly id: string;
  readonly keys: readonly string[];
  readonly record: CheckpointRecord;
}

export function progressOf(counted: readonly Counted[]): ProgressData {
  const checkpoints = counted.map(
    ({ id, keys, record }): CheckpointProgress => ({
      checkpoint: id,
      right: keys.filter((key) => record.answered.includes(key)).length,
      of: keys.length,
      attempts: record.attempts,
      hints: record.hints,
      solutions: record.solutions.length,
    }),
  );
  const right = checkpoints.reduce((total, { right }) => total + right, 0);
  const of = checkpoints.reduce((total, { of }) => total + of, 0);
  return { right, of, checkpoints };
}

/** A line for each checkpoint, and one for them all. */
export function progressText({ right, of, checkpoints }: ProgressData): string {
  if (checkpoints.length === 0) return "No checkpoint has been asked yet.";
  const line = (name: string, done: number, all: number): string => `${barText(done, all)} ${done} of ${all}  ${name}`;
  return [
    ...checkpoints.map((one) => line(`${one.checkpoint}${workText(one)}`, one.right, one.of)),
    line("altogether", right, of),
  ].join("\n");
}

const parts = ["right", "solution taken", "open"] as const;
const barWidth = 320;
const barHeight = 26;
const nameWidth = 130;
const textWidth = 300;

/** The same as bars: what is right, what was looked up, what is open. */
export function progressFigure(data: ProgressData): Figure {
  const { right, of } = data;
  const solutions = data.checkpoints.reduce((total, one) => total + one.solutions, 0);
  const lines = [
    ...data.checkpoints.map((one) => ({ ...one, name: one.checkpoint, note: workText(one) })),
    { name: "altogether", right, of, solutions, note: "" },
  ];
  const rows = lines.flatMap((line, row) => {
    const y = row * barHeight;
    const solved = Math.min(line.solutions, line.of - line.right);
    const counts = [line.right, solved, line.of - line.right - solved];
    let x = nameWidth;
    return counts.flatMap((count, index) => {
      const width = line.of === 0 ? 0 : (barWidth * count) / line.of;
      const bar = { part: parts[index], x, x2: x + width, y: y + 5, y2: y + barHeight - 5 };
      x += width;
      return width === 0 ? [] : [bar];
    });
  });
  const texts = lines.map((line, row) => ({
    y: (row + 0.5) * barHeight,
    name: line.name.length > 18 ? `${line.name.slice(0, 17)}…` : line.name,
    count: `${line.right} of ${line.of}${line.note}`,
  }));
  // The legend is a last row: on the figure's own ground it can be read on light and on dark pages.
  const legendY = lines.length * barHeight;
  const legend = parts.map((part, index) => ({ part, x: nameWidth + 130 * index, y: legendY + barHeight / 2 }));
  const swatches = legend.map(({ part, x }) => ({ part, x, x2: x + 12, y: legendY + 7, y2: legendY + 19 }));
  const width = nameWidth + barWidth + textWidth;
  const height = legendY + barHeight;
  const scale = (length: number, reverse: boolean): Readonly<Record<string, unknown>> => ({
    type: "quantitative",
    scale: { domain: [0, length], nice: false, zero: false, ...(reverse && { reverse }) },
    axis: null,
  });
  const [alongX, alongY] = [scale(width, false), scale(height, true)];
  const text = (field: string, x: number, align: string): Readonly<Record<string, unknown>> => ({
    data: { values: texts },
    mark: { type: "text", align, baseline: "middle", fontSize: 13, color: palette.muted },
    encoding: { x: { datum: x, ...alongX }, y: { field: "y", ...alongY }, text: { field } },
  });
  const words = progressText(data);
  const specification = frame(width, height, "Progress", words, {
    view: { fill: palette.panel.fill, cornerRadius: 6 },
    layer: [
      {
        data: { values: [...rows, ...swatches] },
        mark: { type: "rect", cornerRadius: 3 },
        encoding: {
          x: { field: "x", ...alongX },
          x2: { field: "x2" },
          y: { field: "y", ...alongY },
          y2: { field: "y2" },
          color: {
            field: "part",
            type: "nominal",
            scale: { domain: parts, range: [palette.right.ink, palette.gradient.line, palette.panel.edge] },
            legend: null,
          },
        },
      },
      {
        data: { values: legend },
        mark: { type: "text", align: "left", baseline: "middle", dx: 18, fontSize: 12, color: palette.muted },
        encoding: { x: { field: "x", ...alongX }, y: { field: "y", ...alongY }, text: { field: "part" } },
      },
      text("name", nameWidth - 10, "right"),
      text("count", nameWidth + barWidth + 10, "left"),
    ],
  });
  return new Figure(specification, words);
}

function barText(done: number, all: number): string {
  const full = all === 0 ? 0 : Math.floor((20 * done) / all);
  return "█".repeat(full) + "░".repeat(20 - full);
}

function workText({ attempts, hints, solutions }: CheckpointProgress): string {
  const parts = [
    attempts > 0 ? `${attempts} ${attempts === 1 ? "attempt" : "attempts"}` : "",
    hints > 0 ? `${hints} ${hints === 1 ? "hint" : "hints"}` : "",
    solutions > 0 ? `${solutions} ${solutions === 1 ? "solution" : "solutions"} taken` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
