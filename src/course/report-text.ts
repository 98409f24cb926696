import type { CheckpointReport, MistakeReport } from "./report.ts";

const titles = ["Lesson", "Checkpoint", "Learners", "Tried", "First try", "Right", "Hints", "Solutions"] as const;

const rowOf = (report: CheckpointReport): readonly (string | number)[] => {
  const { lesson, checkpoint, learners, tried, firstTry, right, hints, solutions } = report;
  return [lesson, checkpoint, learners, tried, firstTry, right, hints, solutions];
};

/** 3 × own-factor or sign at dz/da */
function mistakeText({ learners, rules, key }: MistakeReport): string {
  return `${learners} × ${rules.join(" or ")} at ${key}`;
}

/** The report as an aligned table, each checkpoint's mistakes below it. */
export function reportTable(reports: readonly CheckpointReport[]): string {
  const rows = [titles, ...reports.map(rowOf)].map((row) => row.map((cell) => visible(String(cell))));
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => [...row[column]!].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => padded(cell, widths[column]!, column > 1))
      .join("  ")
      .trimEnd(),
  );
  const below = reports.map(({ mistakes }) => mistakes.map((mistake) => `    ${visible(mistakeText(mistake))}`));
  return [lines[0]!, ...lines.slice(1).flatMap((line, index) => [line, ...below[index]!])].join("\n");
}

/** The report as comma-separated values, a row for each checkpoint. */
export function reportCsv(reports: readonly CheckpointReport[]): string {
  const rows = [
    [...titles, "Mistakes"],
    ...reports.map((report) => [...rowOf(report), report.mistakes.map(mistakeText).join("; ")]),
  ];
  return rows.map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");
}

/**
 * A cell of comma-separated values. A spreadsheet takes a text that begins with one of = + - @ for a formula and computes
 * it, whoever wrote it: behind an apostrophe it is text.
 */
export function csvCell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = /^\s*[=+\-@]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Names come from learners' files: what would move the cursor or turn the text around is shown as a sign. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
}

function padded(text: string, width: number, right: boolean): string {
  const space = " ".repeat(Math.max(0, width - [...text].length));
  return right ? space + text : text + space;
}
