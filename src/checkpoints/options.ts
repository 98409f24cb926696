import { markdownText } from "./display.ts";
import { CheckpointError } from "./errors.ts";
import type { Said } from "./question.ts";

/** What can be chosen, by the key it is chosen with. */
export type Options = Readonly<Record<string, string>>;

/** @throws {CheckpointError} unless there are two texts at least to choose from. */
export function checkedOptions(id: string, options: unknown): Options {
  const texts = typeof options === "object" && options !== null ? Object.entries(options) : [];
  if (texts.length >= 2 && texts.every(([key, text]) => key.trim() !== "" && typeof text === "string")) {
    return options as Options; // just checked
  }
  throw new CheckpointError(
    `checkpoint “${id}”: options are two texts or more by a key each: { a: "it grows", b: "it falls" }.`,
  );
}

/** @throws {CheckpointError} where a checkpoint has no name or asks nothing. */
export function checkedQuestion(id: unknown, question: unknown): void {
  checkedId(id);
  if (typeof question !== "string" || question.trim() === "")
    throw new CheckpointError(`checkpoint “${id}”: it needs a question: { question: "…" }.`);
}

/** @throws {CheckpointError} where a checkpoint has no name. */
export function checkedId(id: unknown): void {
  if (typeof id === "string" && id.trim() !== "") return;
  throw new CheckpointError('A checkpoint needs a name of its own, such as "seed".');
}

/** What an answer chooses: a key, in any case, or the option's own words. Else why it chooses nothing; "" where it is empty. */
export function chosen(options: Options, given: unknown): { readonly key: string } | { readonly problem: string } {
  if (given === undefined || given === null) return { problem: "" };
  const keys = Object.keys(options);
  const list = keys.map((key) => `"${key}"`).join(", ");
  if (typeof given !== "string" && typeof given !== "number") return { problem: `Answer with one of ${list}.` };
  const text = String(given).trim();
  if (/^[?…]*$/u.test(text)) return { problem: "" };
  const fits = (one: string): boolean => one.toLowerCase() === text.toLowerCase().replace(/[).:]$/, "");
  const key = keys.find((one) => one === text) ?? keys.find(fits) ?? keys.find((one) => options[one]!.trim() === text);
  return key === undefined ? { problem: `There is no “${text.slice(0, 40)}” to choose; there is ${list}.` } : { key };
}

/** What a learner is told to do with the form of an answer, whether the lesson has a cell with it or not. */
export const howToAnswer = "Fill in this form and run it; if the next cell does not hold it, copy it from here:";

/** A question with its options, and the form of its answer. Questions and options are the author's Markdown. */
export function promptText(
  heading: string,
  question: string,
  options: Options | undefined,
  answered: string,
  code: string,
): Said {
  const lines = Object.entries(options ?? {});
  const rest = answered === "" ? howToAnswer : answered;
  return {
    "text/markdown": [
      `**${markdownText(heading)}** ${question}`,
      "",
      ...lines.map(([key, text]) => `- **${markdownText(key)}**${after(key, text)}`),
      "",
      markdownText(rest),
      ...(answered === "" ? ["", "```ts", code, "```"] : []),
    ].join("\n"),
    "text/plain": [
      `${heading} ${question}`,
      ...lines.map(([key, text]) => `  ${key}${after(key, text)}`),
      rest,
      ...(answered === "" ? ["", code] : []),
    ].join("\n"),
  };
}

/** What stands behind an option's key; nothing where its text says the same. */
function after(key: string, text: string): string {
  return text === key ? "" : `: ${text}`;
}

/** (2 points) */
export function worthText(points: number | undefined): string {
  return points === undefined ? "" : ` (${points} ${points === 1 ? "point" : "points"})`;
}
