import type { Graph } from "../graph/graph.ts";
import type { MimeBundle } from "../views/display.ts";
import type { Caption, Hidden, Mark, Token, Tone } from "../views/marks.ts";
import { show } from "../views/show.ts";
import { type Ask, keyOf, type Path, pathsBetween, symbolOf } from "./asks.ts";
import type { Checked } from "./check.ts";
import type { Exercise } from "./exercise.ts";
import type { Entry, OutcomeData } from "./outcome.ts";
import { tensorTitles } from "./tensor/titles.ts";
import { wireText } from "./wires.ts";

/** The graph with what is open as `?`, and with the place of the first mistake. */
export function figureBundle(
  exercise: Exercise,
  hidden: Hidden | undefined,
  about?: { readonly outcome: OutcomeData; readonly checked: Checked },
): MimeBundle {
  // With nothing wrong to point at, the figure keeps its steps.
  const wrong = about?.outcome.entries.find((entry) => entry.kind === "incorrect");
  const marks = about && wrong && marksOf(exercise, about.outcome, about.checked, wrong);
  return show(exercise.value, { ...(hidden && { hidden }), ...(marks && { marks }) }).bundle();
}

const mostBadges = 4;

type Incorrect = Extract<Entry, { kind: "incorrect" }>;

function marksOf(
  exercise: Exercise,
  outcome: OutcomeData,
  checked: Checked,
  first: Incorrect,
): { readonly marks: readonly Mark[]; readonly caption: Caption } {
  const { graph } = exercise;
  const marks: Mark[] = [];
  for (const entry of outcome.entries) {
    if (entry.kind !== "incorrect" || marks.length >= mostBadges) continue;
    const ask = exercise.asks.find((other) => keyOf(graph, other) === entry.key)!;
    const label = `yours ${symbolOf(graph, ask)} = ${shortened(entry.got)}`;
    marks.push(answerMark(graph, ask, label));
  }
  const found = checked.marks.map((mark): Mark => {
    if (mark.kind !== "wrong" || checked.marked?.kind !== "local") return mark;
    return { ...mark, label: `yours ${symbolOf(graph, checked.marked)} = ${shortened(first.got)}` };
  });
  const labelled = new Set(found.flatMap((mark) => (mark.kind === "wrong" ? [wireText(mark.wire)] : [])));
  const rest = marks.filter((mark) => mark.kind !== "wrong" || !labelled.has(wireText(mark.wire)));
  return { marks: [...found, ...rest], caption: captionOf(exercise, first, found) };
}

function answerMark(graph: Graph, ask: Ask, label: string): Mark {
  if (ask.kind !== "local") return { kind: "answer", node: ask.node, label: `${label} ✗` };
  const position = graph.nodes[ask.node]!.inputs.indexOf(ask.input);
  return { kind: "wrong", wire: { node: ask.node, position }, label };
}

function shortened(text: string): string {
  const characters = [...text];
  return characters.length <= 18 ? text : `${characters.slice(0, 16).join("")}…`;
}

function captionOf(exercise: Exercise, first: Incorrect, marks: readonly Mark[]): Caption {
  const { graph } = exercise;
  const ask = exercise.asks.find((other) => keyOf(graph, other) === first.key)!;
  const reason = first.because[0];
  // Between tensors the chain rule is no product of fractions.
  const chain = exercise.of === "tensors" ? [] : chainRows(graph, ask, marks, reason?.rule === "path-missing");
  const symbol = symbolOf(graph, ask);
  return {
    title: `Checkpoint ${symbol}: ${titleOf(graph, ask, reason?.rule) ?? titleOfWire(graph, marks)}`,
    tone: "wrong",
    rows: [
      ...chain,
      // Where a path is missing the rows above say which.
      ...wrapped(chain.length > 1 ? "" : (reason?.sentence ?? "No known slip gives this answer.")).map(
        (text): Token[] => [{ kind: "text", text, tone: "plain" }],
      ),
    ].slice(0, 4),
  };
}

function titleOf(graph: Graph, marked: Ask, rule: string | undefined): string | undefined {
  // A single wire is no chain.
  if (rule === undefined || (rule === "local-missing" && isSingleWire(graph, marked))) return undefined;
  return titles[rule] ?? tensorTitles[rule];
}

function isSingleWire(graph: Graph, ask: Ask): boolean {
  if (ask.kind !== "gradient") return true;
  const [first, ...others] = pathsBetween(graph, ask.node, ask.output, 2);
  return first?.length === 1 && others.length === 0;
}

function titleOfWire(graph: Graph, marks: readonly Mark[]): string {
  const wrong = marks.find((mark) => mark.kind === "wrong");
  if (wrong === undefined) return "not right yet";
  return `the local derivative of ${graph.nodes[wrong.wire.node]!.primitive!.symbol} is wrong on one edge`;
}

const titles: Readonly<Record<string, string>> = {
  "path-missing": "a path is missing from your sum",
  "local-missing": "a factor of the chain is missing",
  "inner-forgotten": "the inside is not differentiated",
  "upstream-ignored": "the gradient that arrives is left out",
  "upstream-added": "added instead of multiplied",
  sign: "a sign is wrong",
  "subtrahend-sign": "a sign is wrong",
  "negation-sign": "a sign is wrong",
  negated: "a sign is wrong",
  "own-factor": "a factor is the wrong one",
  "addition-as-product": "a sum is not a product",
  "value-for-gradient": "this is a value, not a gradient",
  "other-variable": "this is another gradient",
  "stopped-early": "you stopped on the way",
  "paths-multiplied": "parallel paths add",
  "paths-averaged": "parallel paths add",
  "paths-subtracted": "parallel paths add",
  "other-operation": "this is another operation",
  "brackets-missing": "brackets are missing",
  "other-node": "this is another node's value",
  "other-quantity": "this is another derivative",
  "constant-counted": "what stands still adds nothing",
  "two-slips": "two slips at once",
  "number-for-formula": "asked is a formula",
};

/** ∂e/∂b = ∂e/∂c · ∂c/∂b + …, in symbols: numbers and formulas would give away what is asked. */
function chainRows(
  graph: Graph,
  ask: Ask,
  marks: readonly Mark[],
  pathMissing: boolean,
): readonly (readonly Token[])[] {
  if (ask.kind !== "gradient") return [];
  const paths = pathsBetween(graph, ask.node, ask.output, 3);
  // Along a single wire the gradient is the local derivative: the line would say that it equals itself.
  if (isSingleWire(graph, ask)) return [];
  if (paths.length > 3 || paths.reduce((total, path) => total + path.length, 0) > 7) return [];
  const missing = wiresOf(marks, "missing");
  const wrong = wiresOf(marks, "wrong");
  const isMissing = (path: Path): boolean => path.some((wire) => missing.has(wireText(wire)));
  const names = (path: Path): string =>
    [ask.node, ...path.map((wire) => wire.node)].map((node) => graph.nodes[node]!.name).join(" → ");
  const tokens: Token[] = [fractionOf(graph, ask.output, ask.node, "gradient"), { kind: "text", text: "=" }];
  for (const [index, path] of paths.entries()) {
    if (index > 0) tokens.push({ kind: "text", text: "+" });
    for (const [place, wire] of [...path].reverse().entries()) {
      if (place > 0) tokens.push({ kind: "text", text: "·" });
      const left = pathMissing ? isMissing(path) : missing.has(wireText(wire)) || wrong.has(wireText(wire));
      const input = graph.nodes[wire.node]!.inputs[wire.position]!;
      const tone = left ? "missing" : "counted";
      // Of a single wire the symbol would be the one that the line explains.
      if (path.length === 1) tokens.push({ kind: "text", text: `direct (${names(path)})`, tone });
      else tokens.push(fractionOf(graph, wire.node, input, tone));
    }
  }
  if (!pathMissing) return [tokens];
  const counted = paths.filter((path) => !isMissing(path)).map(names);
  const uncounted = paths.filter(isMissing).map(names);
  return [
    tokens,
    [
      { kind: "note", text: "you counted" },
      { kind: "text", text: counted.join(", "), tone: "counted" },
      { kind: "note", text: "not counted" },
      { kind: "text", text: uncounted.join(", "), tone: "missing" },
    ],
  ];
}

function fractionOf(graph: Graph, top: number, bottom: number, tone: Tone): Token {
  return { kind: "fraction", top: `∂${graph.nodes[top]!.name}`, bottom: `∂${graph.nodes[bottom]!.name}`, tone };
}

function wiresOf(marks: readonly Mark[], kind: "missing" | "wrong"): ReadonlySet<string> {
  return new Set(
    marks.flatMap((mark) => {
      if (mark.kind === "missing" && kind === "missing") return mark.wires.map(wireText);
      return mark.kind === "wrong" && kind === "wrong" ? [wireText(mark.wire)] : [];
    }),
  );
}

/** The sentence in lines that fit the panel. */
function wrapped(sentence: string): readonly string[] {
  const lines: string[] = [];
  for (const word of sentence.split(" ").filter((part) => part !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 68) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
