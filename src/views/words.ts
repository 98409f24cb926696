import type { Caption, Token } from "./marks.ts";
import type { FigureModel, FigureStep } from "./model.ts";
import type { DecompositionTable } from "./table.ts";

/** The figure in words: what is computed, line by line, forward and then backward. For screen readers and plain text. */
export function wordsOf(model: FigureModel, caption?: Caption, table?: DecompositionTable): string {
  const lines = [`Computational graph of ${model.output}`];
  for (const phase of ["start", "forward", "backward"] as const) {
    const steps = model.steps.filter((step) => step.phase === phase);
    if (steps.length === 0) continue;
    lines.push({ start: "Given", forward: "Forward", backward: "Backward" }[phase]);
    for (const step of steps) lines.push(...linesOf(step).map((line) => `  ${line}`));
  }
  if (caption !== undefined) lines.push(caption.title, ...caption.rows.map((row) => `  ${sentence(row)}`));
  if (table !== undefined) lines.push(String(table));
  return lines.join("\n");
}

/** The same as one sentence for an attribute. */
export function asDescription(words: string): string {
  return words
    .split("\n")
    .map((line) => line.trim())
    .join("; ")
    .replace(/; (Given|Forward|Backward); /g, ". $1: ");
}

function linesOf(step: FigureStep): readonly string[] {
  return step.rows.map(sentence);
}

function sentence(row: readonly Token[]): string {
  const parts = row.map((token) => {
    switch (token.kind) {
      case "fraction":
        return `${token.top}/${token.bottom}${token.beneath === undefined ? "" : ` (${token.beneath})`}`;
      case "factor":
        return token.text;
      case "note":
        return `(${token.text})`;
      default:
        return token.text;
    }
  });
  return parts.join(" ").replace(/\s+/g, " ").trim();
}
