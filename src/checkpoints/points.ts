import { type Graph, replay } from "../graph/graph.ts";
import { smooth } from "../graph/primitive.ts";
import type { Ask } from "./asks.ts";
import { CheckpointError } from "./errors.ts";
import { slipsFor } from "./mistakes.ts";
import { gradientsAt, type Point, pointAt, tangentsAt } from "./point.ts";
import { randomFrom } from "./random.ts";
import { answerAt } from "./walks.ts";

/** Where the variables may lie when points are drawn, by name. */
export type Domain = Readonly<Record<string, readonly [low: number, high: number]>>;

/** Points at which an answer is compared, unless it can be decided exactly. */
const pointCount = 8;
const mostDraws = 200;
const mostCandidates = 24;
/** Of the points, so many are taken as they come; the others are chosen to tell mistakes apart. */
const randomCount = 4;
/** From this relative difference on a point shows a mistake. */
const clearlyApart = 0.01;

/**
 * Points that tell right from wrong: drawn from `seed`, valid for every node, both sides of every kink among them, and
 * half of them chosen so that the catalogue's mistakes give other numbers than the right answer.
 *
 * @throws {CheckpointError} where too few are found: the author's affair, never the learner's.
 */
export function choosePoints(
  graph: Graph,
  asks: readonly Ask[],
  domain: Domain,
  seed: string,
  checkpoint: string,
): readonly Point[] {
  const random = randomFrom(seed);
  const candidates: Point[] = [];
  for (let draw = 0; draw < mostDraws && candidates.length < mostCandidates; draw++) {
    const point = pointAt(graph, drawn(graph, domain, random, draw >= mostDraws / 2));
    if (isValid(point, graph.outputs[0]!)) candidates.push(point);
  }
  if (candidates.length < pointCount) {
    throw new CheckpointError(
      `checkpoint “${checkpoint}”: of ${mostDraws} random points only ${candidates.length} are usable (every node finite, ` +
        `no kink near); ${pointCount} are needed. Give the variables a range: { domain: { x: [0.5, 2] } }.`,
    );
  }
  return selected(graph, asks, candidates);
}

/** Random numbers for the variables; `near` draws around the numbers that the graph was run with, which are valid. */
function drawn(graph: Graph, domain: Domain, random: () => number, near: boolean): Map<number, number> {
  const leaves = new Map<number, number>();
  for (const node of graph.nodes) {
    if (node.kind !== "variable") continue;
    const range = Object.hasOwn(domain, node.name) ? domain[node.name] : undefined;
    const recorded = node.value.item();
    const share = random();
    const sign = random() < 0.5 ? -1 : 1;
    leaves.set(
      node.index,
      range !== undefined
        ? range[0] + share * (range[1] - range[0])
        : near && recorded !== 0
          ? recorded * (0.6 + 0.8 * share)
          : sign * (0.25 + 1.75 * share),
    );
  }
  return leaves;
}

/** Whether derivatives at the point mean something: nothing infinite, huge, near a kink, or lost to cancellation. */
export function isValid(point: Point, output: number): boolean {
  const { graph, values } = point;
  for (const node of graph.nodes) {
    const value = values[node.index]!;
    if (!(Math.abs(value) <= 1e6)) return false;
    if (node.primitive === undefined) continue;
    const inputs = node.inputs.map((input) => values[input]!);
    if (node.primitive.family === "elementwise" && node.primitive.kink(...inputs) < 1e-3) return false;
    const size = inputs.reduce((total, input) => total + Math.abs(input), 0);
    if (node.inputs.length === 2 && value !== 0 && size > 1e6 * Math.abs(value)) return false;
  }
  return gradientsAt(point, output).every((gradient) => Math.abs(gradient) <= 1e6);
}

/** On which side of each of its kinks the graph is: whether the distance to it grows with the first argument. */
function sidesOf({ graph, values }: Point): readonly string[] {
  return graph.nodes.flatMap((node) => {
    const { primitive } = node;
    if (primitive?.family !== "elementwise" || primitive.kink === smooth || primitive.name === "div") return [];
    const { kink } = primitive;
    const [first, ...rest] = node.inputs.map((input) => values[input]!);
    const step = 1e-4;
    return [`${node.index} ${kink(first! + step, ...rest) > kink(first!, ...rest)}`];
  });
}

function selected(graph: Graph, asks: readonly Ask[], candidates: readonly Point[]): readonly Point[] {
  const output = graph.outputs[0]!;
  const moving = graph.nodes.filter((node) => node.kind === "variable").map((node) => node.index);
  // Points where something moves come first: at others every answer with a factor 0 looks right.
  const lively = (point: Point): boolean => moving.some((leaf) => Math.abs(gradientsAt(point, output)[leaf]!) > 1e-6);
  const ordered = [...candidates.filter(lively), ...candidates.filter((point) => !lively(point))];
  const chosen = ordered.slice(0, randomCount);
  const rest = ordered.slice(randomCount);
  const seen = (apart: (point: Point) => number): boolean => chosen.some((point) => apart(point) > clearlyApart);
  let open = asks
    .flatMap((ask) =>
      slipsFor(graph, ask).map((slip) => (point: Point): number => {
        const right = answerAt(point, ask);
        const wrong = slip.at(point);
        const apart = Math.abs(wrong - right) / Math.max(Math.abs(wrong), Math.abs(right), 1e-9);
        return Number.isFinite(apart) ? Math.min(1, apart) : 0;
      }),
    )
    .filter((apart) => !seen(apart));
  while (chosen.length < pointCount) {
    const sides = new Map<string, number>();
    for (const side of chosen.flatMap(sidesOf)) sides.set(side, (sides.get(side) ?? 0) + 1);
    const scores = rest.map((point) => {
      const unmet = sidesOf(point).filter((side) => (sides.get(side) ?? 0) < 2).length;
      // Mistakes that no point has shown yet.
      return 1000 * unmet + open.reduce((total, apart) => total + apart(point), 0);
    });
    const [point] = rest.splice(scores.indexOf(Math.max(...scores)), 1);
    chosen.push(point!);
    open = open.filter((apart) => !seen(apart));
  }
  return chosen;
}

/** Whether reverse and forward mode agree at a point: a reference that disagrees with itself decides nothing. */
export function agrees(point: Point, output: number): boolean {
  const gradients = gradientsAt(point, output);
  return point.graph.nodes.every((node) => {
    if (!node.needsGradient || node.index > output) return true;
    const forward = tangentsAt(point, node.index)[output]!;
    return Math.abs(forward - gradients[node.index]!) <= 1e-9 * Math.max(1, Math.abs(forward));
  });
}

/**
 * A point to show, with readable numbers, distinct where they can be; never one of those that decide, nor the one the
 * graph was run at. `suits` is asked twice for numbers of moderate size, then for any.
 */
export function examplePoint(
  { graph, domain, seed }: { readonly graph: Graph; readonly domain: Domain; readonly seed: string },
  suits: (point: Point, moderate: boolean) => boolean,
): Point | undefined {
  const random = randomFrom(seed);
  const variables = graph.nodes.filter((node) => node.kind === "variable");
  const draws = 120;
  for (let draw = 0; draw < draws; draw++) {
    const sizes = shuffled(draw < draws / 2 ? [1, 2, 3, 4, 5] : [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2], random);
    const leaves = new Map(
      variables.map((node, index) => {
        const range = Object.hasOwn(domain, node.name) ? domain[node.name] : undefined;
        const sign = draw >= 10 && random() < 0.5 ? -1 : 1;
        return [node.index, range === undefined ? sign * sizes[index % sizes.length]! : within(range, random())];
      }),
    );
    if (variables.every((node) => leaves.get(node.index) === node.value.item())) continue;
    const point = pointAt(graph, leaves);
    if (isValid(point, graph.outputs[0]!) && suits(point, draw < (2 * draws) / 3)) return point;
  }
  return undefined;
}

/** Whether a number is easy to compare by eye. */
export function isModerate(number: number): boolean {
  return number === 0 || (Math.abs(number) >= 0.02 && Math.abs(number) <= 200);
}

function shuffled(numbers: readonly number[], random: () => number): readonly number[] {
  return numbers
    .map((number) => ({ number, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ number }) => number);
}

function within([low, high]: readonly [number, number], share: number): number {
  const rounded = Number((low + share * (high - low)).toPrecision(2));
  return Math.min(high, Math.max(low, rounded));
}

/** The derivative by central differences: a third opinion, in the words of school. */
export function differenceAt(point: Point, ask: Ask): number | undefined {
  if (ask.kind === "value") return undefined;
  const { graph, values } = point;
  const moved = ask.kind === "local" ? ask.input : ask.node;
  const step = 1e-5 * Math.max(1, Math.abs(values[moved]!));
  const at = (by: number): number => {
    const held = new Map<number, number>();
    for (const node of graph.nodes) {
      if (node.index === moved) held.set(node.index, values[moved]! + by);
      // A local derivative moves one input alone; the others stay, whatever they depend on.
      else if (node.kind === "variable" || (ask.kind === "local" && node.index !== ask.node)) {
        held.set(node.index, values[node.index]!);
      }
    }
    return replay(graph, held)[ask.kind === "local" ? ask.node : ask.output]!;
  };
  return (at(step) - at(-step)) / (2 * step);
}
