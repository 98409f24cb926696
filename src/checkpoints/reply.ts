import type { Graph } from "../graph/graph.ts";
import { wholeFormula } from "./asked-table.ts";
import { type Ask, keyOf, symbolOf } from "./asks.ts";
import type { Reason } from "./diagnosis.ts";
import { markdownCode, markdownText } from "./display.ts";
import { exampleText, placeText } from "./example-text.ts";
import type { Exercise } from "./exercise.ts";
import { derivativesFor } from "./found.ts";
import { howToAnswer } from "./options.ts";
import type { Entry, OutcomeData } from "./outcome.ts";
import { tensorHow } from "./tensor/reply.ts";

/** One line of the reply: what became of an entry, then remarks. */
interface Line {
  readonly sign: "✓" | "✗" | "→" | "?" | "○" | "!";
  readonly head: string;
  readonly got: string;
  readonly remarks: readonly string[];
  /** A line of code under the head, with a mark under one of its characters. */
  readonly pointer?: string;
}

/** The reply as Markdown. */
export function replyMarkdown(exercise: Exercise, outcome: OutcomeData): string {
  const lines = linesOf(exercise, outcome).flatMap(({ sign, head, got, remarks, pointer }) => [
    `- ${sign} **${markdownText(head)}**${got === "" ? "" : ` = ${markdownCode(got)}`}`,
    ...(pointer === undefined ? [] : ["", "  ```text", ...pointer.split("\n").map((line) => `  ${line}`), "  ```", ""]),
    ...remarks.map((remark) => `  - ${markdownText(remark)}`),
  ]);
  return [`**${markdownText(headline(exercise, outcome))}**`, "", ...lines].join("\n");
}

/** The reply as plain text. */
export function replyText(exercise: Exercise, outcome: OutcomeData): string {
  const lines = linesOf(exercise, outcome).flatMap(({ sign, head, got, remarks, pointer }) => [
    `${sign} ${head}${got === "" ? "" : ` = ${got}`}`,
    ...(pointer === undefined ? [] : pointer.split("\n").map((line) => `    ${line}`)),
    ...remarks.map((remark) => `    ${remark}`),
  ]);
  return [headline(exercise, outcome), ...lines].join("\n");
}

/** Checkpoint seed: 6 of 8 right. */
export function headline(exercise: Exercise, outcome: OutcomeData): string {
  const title = `Checkpoint ${exercise.id}`;
  switch (outcome.kind) {
    case "correct":
      return outcome.of === 1 ? `${title}: right.` : `${title}: all ${outcome.of} right.`;
    case "incomplete": {
      const isOpen = outcome.entries.some((entry) => entry.kind === "missing" && !entry.settled);
      const rest = isOpen ? "right so far; nothing wrong" : "right; of the rest the solution was taken";
      return `${title}: ${outcome.right} of ${outcome.of} ${rest}.`;
    }
    case "incorrect":
      return `${title}: ${outcome.right} of ${outcome.of} right.`;
    case "not-attempted":
      return `${title}: not attempted yet.`;
  }
}

function linesOf(exercise: Exercise, { entries }: OutcomeData): readonly Line[] {
  const { graph } = exercise;
  const symbols = new Map(exercise.asks.map((ask) => [keyOf(graph, ask), symbolOf(graph, ask)]));
  const symbol = (key: string): string => symbols.get(key) ?? key;
  const open = entries.filter((entry) => entry.kind === "missing" && !entry.settled).map((entry) => symbol(entry.key));
  const lines = entries.flatMap((entry) => {
    const line = lineOf(entry, symbol);
    return line === undefined ? [] : [line];
  });
  if (open.length > 0) lines.push({ sign: "○", head: `not attempted: ${open.join(", ")}`, got: "", remarks: [] });
  return lines;
}

function lineOf(entry: Entry, symbol: (key: string) => string): Line | undefined {
  const head = symbol(entry.key);
  switch (entry.kind) {
    case "correct":
      return {
        sign: "✓",
        head,
        got: entry.got,
        remarks: entry.rounded ? ["Right form, rounded: the decimals fit as far as they go."] : [],
      };
    case "incorrect":
      return {
        sign: "✗",
        head,
        got: entry.position === undefined ? entry.got : "",
        remarks: remarksOf(entry),
        ...(entry.position !== undefined && { pointer: pointerAt(entry.got, entry.position) }),
      };
    case "follows":
      return {
        sign: "→",
        head,
        got: entry.got,
        remarks: [followsText(entry.from.map(symbol).join(" and "), entry.stands)],
      };
    case "unreadable":
      return {
        sign: "?",
        head,
        got: entry.position === undefined ? entry.got : "",
        remarks: [entry.message],
        ...(entry.position !== undefined && { pointer: pointerAt(entry.got, entry.position) }),
      };
    case "missing":
      return undefined;
    case "unknown":
      return { sign: "!", head: entry.key, got: "", remarks: [capitalised(entry.message)] };
  }
}

function followsText(from: string, stands: boolean): string {
  return stands
    ? `This step is right. It rests on ${from}, which is still to be found.`
    : `Not right, but it follows from your ${from}: mend that, then this.`;
}

function remarksOf(entry: Extract<Entry, { kind: "incorrect" }>): readonly string[] {
  const isShape = ({ rule }: Reason): boolean => rule === "shape";
  const remarks = entry.because.filter(isShape).map(({ sentence }) => sentence);
  const [first, ...others] = entry.because.filter((reason) => !isShape(reason)).map(({ sentence }) => sentence);
  if (entry.nearly) remarks.push("It differs from the right answer by very little: a number in it is slightly off.");
  else if (first === undefined && remarks.length === 0) remarks.push("No known slip gives this answer.");
  else if (first !== undefined) remarks.push(first, ...others.map((other) => `Or, with the same result: ${other}`));
  if (entry.partly) remarks.push("It is right at some points and wrong at others: is a sign or a case left out?");
  if (entry.example !== undefined) remarks.push(exampleText(entry.example));
  return remarks;
}

/** The answer with a mark under the character that cannot be read, and only its neighbourhood where it is long. */
function pointerAt(text: string, position: number): string {
  const start = Math.max(0, position - 40);
  const line = text.slice(start, position + 30).replaceAll(/[\p{C}\s`]/gu, " ");
  return `${line}\n${" ".repeat(position - start)}^`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a checkpoint asks, with the form of its answer. */
export function promptLines(
  exercise: Exercise,
  settled: ReadonlySet<string>,
): { readonly text: string; readonly code: string } {
  const { graph, id, asks, options } = exercise;
  const open = asks.filter((ask) => !settled.has(keyOf(graph, ask)));
  if (open.length === 0) return { text: `Checkpoint ${id}: everything is answered.`, code: "" };
  const worth = options.points === undefined ? "" : ` (${options.points} ${options.points === 1 ? "point" : "points"})`;
  const formula = options.kind === "table" ? wholeFormula(graph) : "";
  const task =
    options.kind === "table"
      ? `fill in the table${formula === "" ? "" : ` for ${formula}`}. Under the name of a step goes what it computes`
      : "derive by hand what is marked “?” in the figure";
  const title = options.title ?? `Checkpoint ${id}${worth}: ${task}.`;
  const how =
    exercise.of === "tensors"
      ? tensorHow(exercise)
      : `Answer with formulas in the names of the graph, written like “${sampleFormula(graph)}”${numbersText(exercise)}.${symbolsText(exercise)}`;
  const keys = open.map((ask) => `  ${JSON.stringify(keyOf(graph, ask))}: "",`);
  return {
    text: `${title}\n${how} ${howToAnswer}`,
    code: [`answer(${JSON.stringify(id)}, {`, ...keys, "})"].join("\n"),
  };
}

/** That derivatives found before may be named, where there is one that may; a gradient says it best. */
function symbolsText({ graph, asks }: Exercise): string {
  const usable = asks
    .flatMap((ask) => derivativesFor(graph, asks, ask))
    .flatMap((one) => ("source" in one.meaning ? [{ ...one, kind: one.meaning.source.kind }] : []));
  const example = usable.find(({ kind }) => kind === "gradient") ?? usable[0];
  return example === undefined
    ? ""
    : ` Derivatives found before may stand in them, too: “d${example.top}/d${example.bottom}”.`;
}

/** How formulas are typed, in a name of the graph: hardly ever what is asked. */
function sampleFormula({ nodes }: Graph): string {
  const name = nodes.find((node) => node.kind === "variable")?.name ?? nodes[0]!.name;
  return `3*(${name} - 1)^2`;
}

function numbersText({ numbersCount, options: { at } }: Exercise): string {
  if (!numbersCount) return "";
  return typeof at === "object" ? `, or with numbers at ${placeText(at)}` : ", or with numbers at the point shown";
}

/** ∂z/∂x, with what it means in words. */
export function askText(graph: Graph, ask: Ask): string {
  const name = (node: number): string => graph.nodes[node]!.name;
  switch (ask.kind) {
    case "value":
      return `the value of ${name(ask.node)}`;
    case "local":
      return `${symbolOf(graph, ask)}, how ${name(ask.node)} moves with ${name(ask.input)} alone`;
    case "gradient":
      return `${symbolOf(graph, ask)}, how ${name(ask.output)} moves with ${name(ask.node)}`;
  }
}
