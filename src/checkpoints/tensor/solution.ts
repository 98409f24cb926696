import { GraphPass } from "../../autodiff/backward.ts";
import { pullBack } from "../../autodiff/rules.ts";
import { derivativeName, type Graph, type GraphNode } from "../../graph/graph.ts";
import { add } from "../../graph/primitives.ts";
import { type Shape, sameShape } from "../../graph/shape.ts";
import { filledLike, type Value } from "../../graph/value.ts";
import { type Ask, keyOf, positionsOf } from "../asks.ts";
import type { TensorExercise } from "../exercise.ts";
import { AnswerSyntaxError, longestAnswer } from "../parse.ts";
import type { Worked } from "../solution.ts";
import { parseTensorAnswer } from "./parse.ts";
import type { TensorPoint } from "./point.ts";
import { lengthOf, type TensorTerm, termText } from "./term.ts";
import { graphTerm, operationTerm, spelledOut, valueTerm, windowSettings } from "./terms.ts";
import { judgeTensor } from "./verdict.ts";

/** Beyond this many operations a formula is also told in steps. */
const longestLine = 16;

/** The worked answer, in the form of matrices. */
export function workedTensorAnswer(exercise: TensorExercise, ask: Ask): Worked {
  const { graph, reference } = exercise;
  const { here } = reference;
  const key = keyOf(graph, ask);
  const value = reference.rightAt(ask, here).toArray();
  const short = usualForms(exercise, ask).find((form) => isRight(exercise, ask, form));
  if (short !== undefined) return { key, formula: short, chain: "", value };
  switch (ask.kind) {
    case "value":
      return { key, formula: termText(operationTerm(graph, ask.node)), chain: "", value };
    case "local":
      return {
        key,
        formula: termText(
          spelledOut(valueTerm(localValue(here, ask), namesAt(graph, here, [])), likeIn(graph, ask.input)),
        ),
        chain: "",
        value,
      };
    case "gradient":
      return { key, ...gradientText(exercise, ask), value };
  }
}

/** As text typed into an answer it would count as right. */
function isRight({ reference, numbersCount }: TensorExercise, ask: Ask, text: string): boolean {
  try {
    const parsed = parseTensorAnswer(text, reference.scopeOf(ask));
    return judgeTensor(reference, ask, parsed, numbersCount).kind === "right";
  } catch (error) {
    if (error instanceof AnswerSyntaxError) return false;
    throw error;
  }
}

/** Forms that one knows by heart, shorter than what the chain rule gives; each is tried before it is shown. */
function usualForms(exercise: TensorExercise, ask: Ask): readonly string[] {
  if (ask.kind !== "gradient") return [];
  const { graph } = exercise;
  const input = graph.nodes[ask.node]!;
  const [user] = input.users;
  if (input.users.length === 1) {
    const windowed = windowForms(exercise, ask, graph.nodes[user!.node]!, user!.position);
    if (windowed.length > 0) return windowed;
  }
  const soft = input.users.map((user) => graph.nodes[user.node]!).filter(isSoftmax);
  if (soft.length !== 1) return [];
  const [node] = soft;
  const p = node!.primitive!.name === "softmax" && node!.named ? node!.name : `softmax(${input.name})`;
  const targets = graph.nodes.filter(
    ({ index, value }) => index !== ask.node && value.shape.join() === input.value.shape.join(),
  );
  const rows = input.value.shape[0]!;
  return targets.flatMap(({ name }) => [`(${p} − ${name})/${rows}`, `${p} − ${name}`]);
}

/** What a convolution or a pooling passes back. */
function windowForms(
  exercise: TensorExercise,
  { output, node }: Extract<Ask, { kind: "gradient" }>,
  step: GraphNode,
  position: number,
): readonly string[] {
  const { graph } = exercise;
  const { name } = step.primitive!;
  const settings = windowOperations.has(name) ? windowSettings(step.value) : undefined;
  if (settings === undefined) return [];
  const arriving = gradientName(exercise, output, step.index);
  const input = graph.nodes[node]!.name;
  if (name === "avgPool2d" || name === "maxPool2d") {
    const size = settings.numbers![0]!;
    if (name === "avgPool2d") return [`repeat(${arriving}, ${size})/${size ** 2}`];
    const largest = `[${input} = repeat(${step.name}, ${size})]`;
    return [
      `${largest} * repeat(${arriving}, ${size})`,
      // Equal ones share: divided by how many they are.
      `${largest} * repeat(${arriving}/avgPool2d(${largest}, ${size}), ${size})/${size ** 2}`,
    ];
  }
  const { stride = 1, padding = 0, dilation = 1 } = settings.window!;
  const other = graph.nodes[step.inputs[1 - position]!]!;
  const written = (entries: Readonly<Record<string, number>>): string =>
    Object.entries(entries)
      .filter(([key, number]) => number !== (key === "padding" ? 0 : 1))
      .map(([key, number]) => `, ${key}=${number}`)
      .join("");
  const turned = (text: string): string => `transpose(${text}, 1, 0, 2, 3)`;
  const kernel = (position === 1 ? graph.nodes[node]! : other).value.shape;
  const image = (position === 1 ? other : graph.nodes[node]!).value.shape;
  // How many rows and columns at the end no window reached.
  const beyond = [2, 3].map((axis) => (image[axis]! + 2 * padding - dilation * (kernel[axis]! - 1) - 1) % stride);
  const forEachAxis = (text: string, write: (inner: string, axis: number, left: number) => string): string =>
    beyond.reduce((inner, left, i) => write(inner, i + 2, left), text);
  if (position === 1) {
    const rest = written({ stride: dilation, padding, dilation: stride });
    const reached = (text: string): string =>
      forEachAxis(text, (inner, axis, left) =>
        left < dilation ? inner : `slice(${inner}, ${axis}, 0, ${kernel[axis]})`,
      );
    return [
      reached(`conv2d(${other.name}, ${arriving}${rest})`),
      reached(turned(`conv2d(${turned(other.name)}, ${turned(arriving)}${rest})`)),
    ];
  }
  // Each number of the result saw a window; each number of the input was seen from as many places, in the other order.
  const apart = stride === 1 ? arriving : `spread(${arriving}, ${stride})`;
  // What a stride leaves over may lie in the padding, and is only known once all around the image is there.
  const cut = beyond.some((left) => left > 0) ? padding : 0;
  const rest = written({ padding: dilation * (kernel[2]! - 1) - padding + cut, dilation });
  const whole = (text: string): string =>
    forEachAxis(text, (inner, axis, left) => {
      const padded = left === 0 ? inner : `pad(${inner}, ${axis}, 0, ${left})`;
      return cut === 0 ? padded : `slice(${padded}, ${axis}, ${cut}, ${cut + image[axis]!})`;
    });
  return [
    whole(`conv2d(${apart}, flip(${other.name})${rest})`),
    whole(`conv2d(${apart}, flip(${turned(other.name)})${rest})`),
  ];
}

/** A gradient as an answer may speak of it: by its name where it is asked, too, else by what it is made of. */
function gradientName(exercise: TensorExercise, output: number, node: number): string {
  const { graph, asks } = exercise;
  if (asks.some((ask) => ask.kind === "gradient" && ask.output === output && ask.node === node)) {
    return derivativeName(graph.nodes[output]!.name, graph.nodes[node]!.name);
  }
  const { formula } = workedTensorAnswer(exercise, { kind: "gradient", output, node });
  return /^[\p{L}\d]+$/u.test(formula) ? formula : `(${formula})`;
}

const windowOperations: ReadonlySet<string> = new Set(["conv2d", "maxPool2d", "avgPool2d"]);

function isSoftmax({ primitive }: Graph["nodes"][number]): boolean {
  return primitive?.name === "softmax" || primitive?.name === "logSoftmax";
}

function localValue({ graph, values }: TensorPoint, ask: Extract<Ask, { kind: "local" }>): Value {
  const node = values[ask.node]!;
  const parts = pullBack(node, filledLike(node, 1));
  return positionsOf(graph.nodes[ask.node]!, ask.input)
    .map((position) => parts[position]!)
    .reduce((total, part) => add(total, part));
}

/** Vectors seen as columns are written as vectors, a transposed matrix as that. */
function isLayout(primitive: string | undefined): boolean {
  return primitive === "reshape" || primitive === "transpose";
}

/** Names of the graph's nodes, and of gradients found before. */
function namesAt(
  graph: Graph,
  { values }: TensorPoint,
  gradients: readonly (readonly [value: Value, term: TensorTerm])[],
): (value: Value) => TensorTerm | undefined {
  const named = graph.nodes.filter(({ named, primitive }) => named || !isLayout(primitive?.name));
  const names = new Map(named.map(({ index }) => [values[index]!.id, graphTerm(graph, index)]));
  for (const [value, term] of gradients) names.set(value.id, term);
  return (value) => names.get(value.id);
}

/** The gradient in terms of those found before it; told in steps where one line would be too long. */
function gradientText(
  exercise: TensorExercise,
  ask: Extract<Ask, { kind: "gradient" }>,
): { readonly formula: string; readonly chain: string } {
  const { graph, reference } = exercise;
  const { here } = reference;
  const end = here.values[ask.output]!;
  const pass = new GraphPass(end, filledLike(end, 1));
  const own = pass.of(here.values[ask.node]!);
  if (own === undefined) return { formula: `zeros(${graph.nodes[ask.node]!.name})`, chain: "" };
  const top = graph.nodes[ask.output]!.name;
  const gradientTerm = (node: number): TensorTerm => ({
    kind: "name",
    name: derivativeName(top, graph.nodes[node]!.name),
    source: { kind: "gradient", output: ask.output, node },
    shape: graph.nodes[node]!.value.shape,
  });
  const usable = new Set(
    reference.scopeOf(ask).derivatives.flatMap(({ bottom, meaning }) => ("refused" in meaning ? [] : [bottom])),
  );
  // Later ones last: where several nodes share a gradient, the one nearest to what is asked names it.
  const found = graph.nodes.flatMap((node) => {
    const value = usable.has(node.name) ? pass.of(here.values[node.index]!) : undefined;
    return value === undefined ? [] : [[value, gradientTerm(node.index)] as const];
  });
  const names = namesAt(graph, here, [...found].reverse());
  const like = likeIn(graph, ask.node);
  const formula = spelledOut(valueTerm(own, names), like);
  const text = termText(formula);
  if (lengthOf(formula) <= longestLine) return { formula: text, chain: "" };
  const told = inSteps(exercise, ask, pass, own, found, gradientTerm);
  return text.length <= longestAnswer
    ? { formula: text, chain: told.join("; ") }
    : { formula: told[0]!, chain: told.slice(1).join("; ") };
}

/** Something named of a shape, to say ones(…) of: what is asked itself, or else the first there is. */
function likeIn(graph: Graph, asked: number): (shape: Shape) => TensorTerm | undefined {
  return (shape) => {
    const fits = ({ value }: Graph["nodes"][number]): boolean => sameShape(value.shape, shape);
    const node = fits(graph.nodes[asked]!) ? graph.nodes[asked] : graph.nodes.find(fits);
    return node && { kind: "name", name: node.name, source: { kind: "value", node: node.index }, shape };
  };
}

/** The last step, then those that it rests on, each unnamed one a line of its own: ∂L/∂c = …, ∂L/∂d = …. */
function inSteps(
  { graph, reference: { here } }: TensorExercise,
  ask: Extract<Ask, { kind: "gradient" }>,
  pass: GraphPass,
  own: Value,
  found: readonly (readonly [value: Value, term: TensorTerm])[],
  gradientTerm: (node: number) => TensorTerm,
): readonly string[] {
  const known = [...found];
  const steps: { readonly symbol: string; readonly text: string }[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (node.index >= ask.output || node.index <= ask.node || !node.needsGradient) continue;
    const value = pass.of(here.values[node.index]!);
    if (value === undefined || value.id === own.id || known.some(([other]) => other.id === value.id)) continue;
    const term = gradientTerm(node.index);
    const right = spelledOut(valueTerm(value, namesAt(graph, here, known)), likeIn(graph, node.index));
    known.push([value, term]);
    steps.push({ symbol: termText(term), text: termText(right) });
  }
  const lines = [termText(spelledOut(valueTerm(own, namesAt(graph, here, known)), likeIn(graph, ask.node)))];
  for (const { symbol, text } of steps.reverse()) {
    if (lines.some((line) => line.includes(symbol))) lines.push(`${symbol} = ${text}`);
  }
  return lines;
}
