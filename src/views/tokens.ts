import type { Token, Tone } from "./marks.ts";
import { round } from "./round.ts";
import { textWidth } from "./text-width.ts";

/** A word of a caption at its place. `c` is its tone, `z` its font size. */
interface PlacedWord {
  readonly x: number;
  readonly y: number;
  readonly t: string;
  readonly c: Tone;
  readonly z: number;
}

/** The rule of a fraction. */
interface PlacedRule {
  readonly x: number;
  readonly x2: number;
  readonly y: number;
  readonly c: Tone;
}

export interface PlacedTokens {
  readonly words: readonly PlacedWord[];
  readonly rules: readonly PlacedRule[];
}

const fontSize = 15;
const smallestFontSize = 8;
const rowHeight = 42;
/** With shapes beneath its fractions. */
const tallRowHeight = 56;

function heightOf(row: readonly Token[]): number {
  return row.some((token) => token.kind === "fraction" && token.beneath !== undefined) ? tallRowHeight : rowHeight;
}

/** How high some lines are together. */
export function rowsHeight(rows: readonly (readonly Token[])[]): number {
  return rows.reduce((sum, row) => sum + heightOf(row), 0);
}

/** Lines of tokens, each centred; a line that is too long is set smaller. */
export function placeTokens(
  rows: readonly (readonly Token[])[],
  centre: number,
  top: number,
  width: number,
): PlacedTokens {
  const words: PlacedWord[] = [];
  const rules: PlacedRule[] = [];
  let upper = top;
  for (const row of rows) {
    const natural = row.reduce((sum, token) => sum + tokenWidth(token, fontSize), 0);
    const size = Math.max(smallestFontSize, Math.min(fontSize, (fontSize * width) / natural));
    const widths = row.map((token) => tokenWidth(token, size));
    // What stands beneath a fraction is below the middle of its line.
    const y = round(upper + rowHeight / 2);
    upper += heightOf(row);
    let x = centre - widths.reduce((sum, each) => sum + each, 0) / 2;
    for (const [position, token] of row.entries()) {
      const wide = widths[position]!;
      const middle = round(x + wide / 2);
      place(token, { middle, wide, y, size }, words, rules);
      x += wide;
    }
  }
  return { words, rules };
}

const noteScale = 0.74;
const resultScale = 1.13;
const beneathScale = 0.7;

function tokenWidth(token: Token, size: number): number {
  switch (token.kind) {
    case "text":
      return textWidth(token.text, size) + size * 0.45;
    case "fraction":
      return (
        Math.max(
          textWidth(token.top, size * 0.93),
          textWidth(token.bottom, size * 0.93),
          textWidth(token.beneath ?? "", size * beneathScale),
        ) +
        size * 0.75
      );
    case "factor":
      return Math.max(textWidth(token.text, size), textWidth(token.beneath, size * beneathScale)) + size * 0.5;
    case "result":
      return textWidth(token.text, size * resultScale) + size * 0.6;
    case "note":
      return textWidth(token.text, size * noteScale) + size * 1.4;
  }
}

function place(
  token: Token,
  at: { readonly middle: number; readonly wide: number; readonly y: number; readonly size: number },
  words: PlacedWord[],
  rules: PlacedRule[],
): void {
  const { middle: x, y } = at;
  const size = round(at.size);
  switch (token.kind) {
    case "text":
      if (token.text.trim() !== "") words.push({ x, y, t: token.text.trim(), c: token.tone ?? "plain", z: size });
      break;
    case "fraction": {
      const c = token.tone ?? "plain";
      const z = round(at.size * 0.93);
      words.push({ x, y: round(y - at.size * 0.62), t: token.top, c, z });
      words.push({ x, y: round(y + at.size * 0.68), t: token.bottom, c, z });
      const half = at.wide / 2 - at.size * 0.22;
      rules.push({ x: round(x - half), x2: round(x + half), y, c });
      if (token.beneath !== undefined) {
        const beneath = round(y + at.size * 1.72);
        words.push({ x, y: beneath, t: token.beneath, c: "muted", z: round(at.size * beneathScale) });
      }
      break;
    }
    case "factor":
      words.push({ x, y, t: token.text, c: token.tone ?? "plain", z: size });
      words.push({ x, y: round(y + at.size * 1.08), t: token.beneath, c: "muted", z: round(at.size * beneathScale) });
      break;
    case "result":
      words.push({ x, y, t: token.text, c: token.tone ?? "gradient", z: round(at.size * resultScale) });
      break;
    case "note":
      words.push({ x: round(x + at.size * 0.3), y, t: token.text, c: "muted", z: round(at.size * noteScale) });
      break;
  }
}
