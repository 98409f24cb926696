import type { Primitive } from "../graph/primitive.ts";
import { primitives } from "../graph/tape.ts";

let known: ReadonlyMap<string, Primitive> = new Map();
let knownOf = -1;

/** The functions an answer may use, by every way of writing them: those of the table that are written as functions. */
export function answerFunctions(): ReadonlyMap<string, Primitive> {
  if (knownOf !== primitives.length) {
    knownOf = primitives.length;
    known = functionsOf(primitives);
  }
  return known;
}

function functionsOf(table: readonly Primitive[]): ReadonlyMap<string, Primitive> {
  const functions = new Map<string, Primitive>();
  for (const primitive of table) {
    if (primitive.family !== "elementwise" || primitive.notation.kind !== "function") continue;
    for (const word of [primitive.notation.text, primitive.name, primitive.notation.text.toLowerCase()]) {
      if (!functions.has(word)) functions.set(word, primitive);
    }
  }
  return functions;
}

const subscripts = "₀₁₂₃₄₅₆₇₈₉";

/** A name as one compares it: x₁, x_1 and x1 are the same name where only one of them is in use. */
export function plainName(name: string): string {
  return name
    .normalize("NFC")
    .replaceAll(/[₀-₉]/g, (digit) => String(subscripts.indexOf(digit)))
    .replaceAll("_", "");
}

/** Letters of other alphabets that look like Latin ones: a reader cannot see the difference, so the reply says it. */
const lookalikes: Readonly<Record<string, string>> = {
  а: "a",
  с: "c",
  е: "e",
  һ: "h",
  і: "i",
  ј: "j",
  о: "o",
  р: "p",
  ѕ: "s",
  х: "x",
  у: "y",
  ԝ: "w",
  ԁ: "d",
  ո: "n",
  А: "A",
  В: "B",
  С: "C",
  Е: "E",
  Н: "H",
  К: "K",
  М: "M",
  О: "O",
  Р: "P",
  Т: "T",
  Х: "X",
  ο: "o",
  ν: "v",
  Α: "A",
  Β: "B",
  Ε: "E",
  Ζ: "Z",
  Η: "H",
  Ι: "I",
  Κ: "K",
  Μ: "M",
  Ν: "N",
  Ο: "O",
  Ρ: "P",
  Τ: "T",
  Χ: "X",
  Υ: "Y",
  ɡ: "g",
  ɑ: "a",
  ʏ: "y",
  ᴡ: "w",
};

/** The Latin letter that a character is easily taken for, if it is another one. */
export function lookalikeOf(character: string): string | undefined {
  const plain = character.normalize("NFKC");
  if (plain !== character && /^[A-Za-z0-9]$/.test(plain)) return plain;
  return lookalikes[character];
}

/** U+200B, for messages about what cannot be seen. */
export function codePointText(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Characters that take no room or reorder the line: a name with one of them is not the name it looks like. */
export const invisible: RegExp = /[\p{Cf}\p{Cc}\p{Co}\p{Cn}\u115F\u1160\u3164\uFFA0]/u;
