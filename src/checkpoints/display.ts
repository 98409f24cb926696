import type { MimeBundle } from "../views/display.ts";

/** The method by which a notebook asks a value to show itself; several bundles are several outputs, in order. */
const displayHook: unique symbol = Symbol.for("Jupyter.display") as never;

export interface Shown {
  [displayHook](): readonly MimeBundle[];
}

/** The data with a way to show itself that does not get in the way of printing or storing it. */
export function shown<Data extends object>(data: Data, bundles: () => readonly MimeBundle[]): Data & Shown {
  const copy = { ...data };
  Object.defineProperty(copy, displayHook, { value: bundles });
  return copy as Data & Shown;
}

/** Text with no meaning to Markdown: a learner's words stay words. */
export function markdownText(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|$~]/g, "\\$&");
}

/** Text as code. */
export function markdownCode(text: string): string {
  return `\`${text.replaceAll("`", "′").replaceAll(/\s+/g, " ")}\``;
}
