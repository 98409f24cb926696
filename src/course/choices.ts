import { seal } from "../checkpoints/sealing.ts";
import { mapRegions, markedRegions } from "./regions.ts";

/** Whether a cell asks to choose: choice("id", { … }). */
export function isChoice(source: string): boolean {
  return /^\s*(?:(?:const|let)\s+[\w$]+\s*=\s*)?choice\(/m.test(source);
}

/** What keeps a cell with a choice from being released, as a sentence; undefined where nothing does. */
export function choiceFault(source: string): string | undefined {
  const regions = hiddenOf(source);
  const lines = source.split("\n");
  const open = lines.findIndex(
    (line, index) =>
      /^\s*(?:right|because)\s*:/.test(line) && !regions.some(({ begin, end }) => begin < index && index < end),
  );
  if (open >= 0) {
    return `line ${open + 1} gives the right answer of a choice away: put right and because between BEGIN HIDDEN TESTS and END HIDDEN TESTS`;
  }
  for (const { begin, end } of regions) {
    const truth = readTruth(lines.slice(begin + 1, end).join("\n"));
    if ("fault" in truth) return `the hidden part of its choice cannot be read: ${truth.fault}`;
  }
  return undefined;
}

/** The cell with what is hidden of a choice in one line that cannot be read at a glance. */
export function sealedChoice(source: string): string {
  return mapRegions(source, hiddenOf(source), (region) => {
    const truth = readTruth(region.slice(1, -1).join("\n"));
    const indent = /^\s*/.exec(region[0] ?? "")?.[0] ?? "";
    // What cannot be read was told before.
    return "fault" in truth ? [] : [`${indent}sealed: "${seal(JSON.stringify(truth.truth))}",`];
  });
}

/** The cell without the sealed line, as a class has it. */
export function unsealedChoice(source: string): string {
  return source
    .split("\n")
    .filter((line) => !/^\s*sealed: "[A-Za-z0-9+/=]*",$/.test(line))
    .join("\n");
}

function hiddenOf(source: string): readonly { readonly begin: number; readonly end: number }[] {
  const marked = markedRegions(source);
  return "fault" in marked ? [] : marked.regions.filter(({ kind }) => kind === "HIDDEN TESTS");
}

type Texts = { [key: string]: string | Texts };

/** Reads `right: "b", because: { a: "…" },`, by its text alone: nothing of it is run. */
export function readTruth(text: string): { readonly truth: Texts } | { readonly fault: string } {
  const tokens = [...text.matchAll(token)].map(([found]) => found).filter((found) => !/^(?:\s|\/[/*])/.test(found));
  let next = 0;
  const read = (closing: string | undefined): Texts => {
    const entries: [string, string | Texts][] = [];
    while (tokens[next] !== closing) {
      entries.push(entry());
      if (tokens[next] === ",") next += 1;
      else if (tokens[next] !== closing)
        throw new SyntaxError(`a comma is missing before ${tokens[next] ?? "its end"}`);
    }
    next += 1;
    return Object.fromEntries(entries);
  };
  const entry = (): [string, string | Texts] => {
    const name = tokens[next++];
    if (name === undefined || !/^[\p{L}\p{N}_$"']/u.test(name)) {
      throw new SyntaxError(`${name ?? "its end"} stands where a name is expected`);
    }
    const key = quote.test(name) ? unquoted(name) : name;
    if (tokens[next++] !== ":") throw new SyntaxError(`a colon is missing after ${name}`);
    if (tokens[next] !== "{") return [key, words(key)];
    next += 1;
    return [key, read("}")];
  };
  const words = (key: string): string => {
    let whole = "";
    do {
      const part = tokens[next++];
      if (part === undefined || !quote.test(part)) throw new SyntaxError(`${key} is not a text in quotes`);
      whole += unquoted(part);
    } while (tokens[next] === "+" && next++ >= 0);
    return whole;
  };
  try {
    const truth = read(undefined);
    if (typeof truth["right"] === "string") return { truth };
    return { fault: "it has no right: “…”" };
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: error.message };
    throw error;
  }
}

const token =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\[\s\S]|\$(?!\{))*`|[\p{L}\p{N}_$]+|[\s\S]/gu;
const quote = /^(?:"[\s\S]*"|'[\s\S]*'|`[\s\S]*`)$/;

function unquoted(text: string): string {
  const letters: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\n": "" };
  return text.slice(1, -1).replaceAll(/\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|([\s\S]))/gi, (_, long, short, letter) => {
    const code = (long ?? short) as string | undefined;
    return code === undefined ? (letters[letter as string] ?? letter) : String.fromCodePoint(Number.parseInt(code, 16));
  });
}
