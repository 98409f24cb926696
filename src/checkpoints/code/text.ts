import { formatNumber } from "../../graph/number-text.ts";
import { Value } from "../../graph/value.ts";
import { markdownText } from "../display.ts";
import { worthText } from "../options.ts";
import { isObject } from "../record.ts";
import { type CodeExercise, parameterNames, wholeResult } from "./code-exercise.ts";
import type { Numbers } from "./parts.ts";
import type { CodeOutcomeData } from "./run.ts";

const longest = 90;

/** x = 2, w = [1, 2] */
export function argumentText(f: unknown, given: readonly unknown[]): string {
  const names = parameterNames(f, given.length);
  return given.map((argument, i) => `${names[i]} = ${numbersText(argument)}`).join(", ");
}

/** Anything that a function takes or gives, short enough for a line. */
export function numbersText(argument: unknown): string {
  const text = wholeText(argument);
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** The same, however long. */
export function wholeText(argument: unknown): string {
  if (typeof argument === "number") return formatNumber(argument);
  if (argument instanceof Value) return wholeText(argument.toArray());
  if (isNumbers(argument)) return nested(argument.data, argument.shape);
  if (ArrayBuffer.isView(argument)) return wholeText(Array.from(argument as unknown as ArrayLike<number>)); // a typed array
  if (Array.isArray(argument)) return `[${argument.map(wholeText).join(", ")}]`;
  if (typeof argument === "function") return argument.name === "" ? "a function" : argument.name;
  if (typeof argument === "string") return JSON.stringify(argument);
  if (!isObject(argument)) return String(argument);
  return `{ ${Object.entries(argument)
    .map(([key, one]) => `${key}: ${wholeText(one)}`)
    .join(", ")} }`;
}

function isNumbers(argument: unknown): argument is Numbers {
  return isObject(argument) && Array.isArray(argument["shape"]) && Array.isArray(argument["data"]);
}

function nested(data: readonly number[], shape: readonly number[]): string {
  const [size, ...rest] = shape;
  if (size === undefined) return formatNumber(data[0]!);
  const step = size === 0 ? 0 : data.length / size;
  return `[${Array.from({ length: size }, (_, i) => nested(data.slice(i * step, (i + 1) * step), rest)).join(", ")}]`;
}

/** Exercise gradients: 2 of 3 right, tried at 8 inputs. */
function headline({ id, options }: CodeExercise, outcome: CodeOutcomeData): string {
  const title = `${options.title ?? `Exercise ${id}`}${worthText(options.points)}`;
  const tried = `tried at ${outcome.tried} ${outcome.tried === 1 ? "input" : "inputs"}`;
  switch (outcome.kind) {
    case "correct":
      return `${title}: right, ${tried}.`;
    case "incorrect":
      return outcome.of === 1
        ? `${title}: not right yet, ${tried}.`
        : `${title}: ${outcome.right} of ${outcome.of} right, ${tried}.`;
    case "not-attempted":
      return `${title}: not attempted yet. Write the function, run its cell, then this one again.`;
  }
}

/** The reply as Markdown and as plain text. */
export function codeReply(
  exercise: CodeExercise,
  outcome: CodeOutcomeData,
): { readonly markdown: string; readonly text: string } {
  const lines = outcome.entries.filter(({ key, kind }) => key !== wholeResult || kind === "incorrect");
  const sign = (kind: "correct" | "incorrect"): string => (kind === "correct" ? "✓" : "✗");
  const title = headline(exercise, outcome);
  return {
    markdown: [
      `**${markdownText(title)}**`,
      "",
      ...outcome.remarks.map((remark) => `- ! ${markdownText(remark)}`),
      ...lines.flatMap(({ key, kind, because }) => [
        `- ${sign(kind)} **${markdownText(key)}**`,
        ...because.map((sentence) => `  - ${markdownText(sentence)}`),
      ]),
    ].join("\n"),
    text: [
      title,
      ...outcome.remarks.map((remark) => `! ${remark}`),
      ...lines.flatMap(({ key, kind, because }) => [
        `${sign(kind)} ${key}`,
        ...because.map((sentence) => `    ${sentence}`),
      ]),
    ].join("\n"),
  };
}
