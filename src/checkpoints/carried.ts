import { type Formula, scalarRule } from "../graph/formula.ts";
import { type Graph, localDerivative } from "../graph/graph.ts";
import { type Ask, keyOf, positionsOf } from "./asks.ts";
import type { ParsedAnswer } from "./parse.ts";
import type { Point } from "./point.ts";
import type { Reference } from "./reference.ts";
import { close, isNumber } from "./verdict.ts";

/** A learner's entries that could be read, by key. */
export type Entries = ReadonlyMap<string, ParsedAnswer>;

/**
 * Whether an answer that is wrong is right given the learner's own earlier answers: the keys of the wrong ones that it
 * rests on, or nothing where it does not follow from them.
 */
export function followsFrom(
  reference: Reference,
  ask: Ask,
  entries: Entries,
  wrong: ReadonlySet<string>,
): readonly string[] {
  const answer = entries.get(keyOf(reference.graph, ask))!;
  // Earlier numbers hold where they were given, so there only.
  const used = [...entries.values()];
  const points = used.some(isNumber) && isNumber(answer) ? [reference.here] : reference.points;
  const found = new Set<string>();
  const fits = points.every((point) => {
    // The answer itself is not among what it rests on.
    const others = new Map([...entries].filter(([, entry]) => entry !== answer));
    const world = new World(reference, point, others, wrong);
    const expected = world.stepTo(ask);
    const given = world.evaluate(answer.formula);
    for (const key of world.touched) found.add(key);
    return close(given, expected, reference.scaleAt(ask, [point]));
  });
  return fits ? [...found] : [];
}

/** The graph as the learner has it: their answers where they gave one, computed from those where they gave none. */
class World {
  readonly touched: Set<string> = new Set();
  private readonly reference: Reference;
  private readonly graph: Graph;
  private readonly point: Point;
  private readonly entries: Entries;
  private readonly wrong: ReadonlySet<string>;
  private readonly known = new Map<string, number>();

  constructor(reference: Reference, point: Point, entries: Entries, wrong: ReadonlySet<string>) {
    this.reference = reference;
    this.graph = reference.graph;
    this.point = point;
    this.entries = entries;
    this.wrong = wrong;
  }

  /** What a formula of the learner's comes to, with what they have for the derivatives in it. */
  evaluate(formula: Formula): number {
    return this.reference.evaluate(formula, this.point, (ask) => this.of(ask));
  }

  /** What the rule gives for the ask, from what the learner has for everything it reads. */
  stepTo(ask: Ask): number {
    switch (ask.kind) {
      case "value": {
        const node = this.graph.nodes[ask.node]!;
        return scalarRule(node.primitive!)(...node.inputs.map((input) => this.value(input)));
      }
      case "local": {
        const node = this.graph.nodes[ask.node]!;
        const inputs = node.inputs.map((input) => this.value(input));
        const localWith = (output: number): number =>
          positionsOf(node, ask.input).reduce(
            (total, position) => total + localDerivative(node.primitive!, position, inputs, output),
            0,
          );
        const computed = localWith(scalarRule(node.primitive!)(...inputs));
        // The learner's value of the operation itself matters only where the derivative reads it, as s(1 − s) does.
        const entry = this.entries.get(keyOf(this.graph, { kind: "value", node: ask.node }));
        if (entry === undefined || localWith(this.point.values[ask.node]! + 1) === computed) return computed;
        return localWith(this.value(ask.node));
      }
      case "gradient": {
        if (ask.node === ask.output) return 1;
        const users = new Set(this.graph.nodes[ask.node]!.users.map((user) => user.node));
        let total = 0;
        for (const user of users) {
          if (user > ask.output) continue;
          const upstream = this.of({ kind: "gradient", output: ask.output, node: user });
          if (upstream !== 0) total += upstream * this.of({ kind: "local", node: user, input: ask.node });
        }
        return total;
      }
    }
  }

  private value(index: number): number {
    return this.graph.nodes[index]!.kind === "operation"
      ? this.of({ kind: "value", node: index })
      : this.point.values[index]!;
  }

  private of(ask: Ask): number {
    const key = `${ask.kind} ${keyOf(this.graph, ask)}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const result = this.entryOf(ask) ?? this.stepTo(ask);
    this.known.set(key, result);
    return result;
  }

  private entryOf(ask: Ask): number | undefined {
    const key = keyOf(this.graph, ask);
    // The derivative of the output by its own input is given under the gradient's key, if it is that gradient.
    if (ask.kind === "local" && ask.node === this.graph.outputs[0]! && this.graph.nodes[ask.input]!.users.length > 1) {
      return undefined;
    }
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (this.wrong.has(key)) this.touched.add(key);
    return this.evaluate(entry.formula);
  }
}
