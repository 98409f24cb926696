import { evaluateFormula, type Formula } from "../graph/formula.ts";
import { type Graph, localFormula, operationFormula } from "../graph/graph.ts";
import { type Ask, keyOf, positionsOf, symbolOf } from "./asks.ts";
import { CheckpointError } from "./errors.ts";
import { type Slip, slipsFor } from "./mistakes.ts";
import type { ParsedAnswer } from "./parse.ts";
import { type Point, pointAt } from "./point.ts";
import { agrees, choosePoints, type Domain } from "./points.ts";
import {
  atomOf,
  oneRational,
  productOf,
  type Rational,
  rationalOf,
  sameFunction,
  sumOf,
  zeroRational,
} from "./rational.ts";
import { answerAt, sizeAt } from "./walks.ts";

/** What is right, in every form that a check needs; worked out when first asked for. */
export class Reference {
  readonly graph: Graph;
  readonly asks: readonly Ask[];
  readonly domain: Domain;
  readonly seed: string;
  /** Where numbers count. */
  readonly here: Point;
  private readonly checkpoint: string;
  private readonly slips = new Map<string, readonly Slip[]>();
  private readonly exact = new Map<string, Rational | undefined>();
  /** Where answers are compared. Found at once: that there are too few is the author's affair, not the learner's. */
  readonly points: readonly Point[];
  private readonly wholeConstants: boolean;
  private readonly indexByName: ReadonlyMap<string, number>;
  /** The derivatives that an answer may name. */
  private readonly askByName: ReadonlyMap<string, Ask>;

  constructor(
    graph: Graph,
    asks: readonly Ask[],
    domain: Domain,
    checkpoint: string,
    at: ReadonlyMap<number, number> = new Map(),
    seed: string = "",
  ) {
    this.graph = graph;
    this.asks = asks;
    this.domain = domain;
    this.checkpoint = checkpoint;
    this.seed = `${checkpoint}/${seed}`;
    this.here = pointAt(graph, at);
    this.wholeConstants = graph.nodes.every(
      (node) => node.kind !== "constant" || Number.isSafeInteger(node.value.item()),
    );
    this.indexByName = new Map(graph.nodes.map((node) => [node.name, node.index]));
    this.askByName = new Map(
      asks.flatMap((ask) => (ask.kind === "value" ? [] : [[symbolOf(graph, ask), ask] as const])),
    );
    this.points = this.choose();
  }

  private choose(): readonly Point[] {
    const points = choosePoints(this.graph, this.asks, this.domain, this.seed, this.checkpoint);
    const outputs = new Set(this.asks.map((ask) => (ask.kind === "gradient" ? ask.output : this.graph.outputs[0]!)));
    if (points.every((point) => [...outputs].every((output) => agrees(point, output)))) return points;
    throw new CheckpointError(
      `checkpoint “${this.checkpoint}”: forward and reverse mode disagree on this graph; nothing can be decided.`,
    );
  }

  slipsOf(ask: Ask): readonly Slip[] {
    const key = keyOf(this.graph, ask);
    const slips = this.slips.get(key) ?? slipsFor(this.graph, ask);
    this.slips.set(key, slips);
    return slips;
  }

  /** What a formula in node names and derivatives comes to at a point; `derivative` gives others for these. */
  evaluate(formula: Formula, point: Point, derivative: (ask: Ask) => number = (ask) => answerAt(point, ask)): number {
    return evaluateFormula(formula, (name) => {
      const ask = this.askByName.get(name);
      return ask === undefined ? point.values[this.indexByName.get(name)!]! : derivative(ask);
    });
  }

  /** The derivatives that a formula names. */
  derivativesIn(formula: Formula): readonly Ask[] {
    if (formula.kind === "apply") return formula.inputs.flatMap((input) => this.derivativesIn(input));
    const ask = formula.kind === "name" ? this.askByName.get(formula.name) : undefined;
    return ask === undefined ? [] : [ask];
  }

  rightAt(ask: Ask, point: Point): number {
    return answerAt(point, ask);
  }

  /** What differences from the right answer are measured against, over some points. */
  scaleAt(ask: Ask, points: readonly Point[]): number {
    const largest = Math.max(...points.map((point) => sizeAt(point, ask)));
    return largest > 0 && Number.isFinite(largest) ? largest : 1;
  }

  /** The exact verdict: `undefined` where only points can tell. */
  decideExactly(ask: Ask, answer: ParsedAnswer): boolean | undefined {
    const right = this.exactly(ask);
    if (right === undefined) return undefined;
    const given = rationalOf(answer.formula, (name) => {
      const named = this.askByName.get(name);
      return named === undefined ? this.nodeForm(this.indexByName.get(name)!) : this.exactly(named);
    });
    if (given === undefined) return undefined;
    const same = sameFunction(given, right);
    // One third is not exactly a third in the graph, and letters that stand for exp(…) may be related: no rejection.
    return same === false && !(given.pure && right.pure && this.wholeConstants) ? undefined : same;
  }

  private exactly(ask: Ask): Rational | undefined {
    switch (ask.kind) {
      case "value":
        return this.nodeForm(ask.node);
      case "local":
        return this.localForm(ask.node, ask.input);
      case "gradient":
        return this.gradientForm(ask.output, ask.node);
    }
  }

  private remembered(key: string, build: () => Rational | undefined): Rational | undefined {
    if (!this.exact.has(key)) this.exact.set(key, build());
    return this.exact.get(key);
  }

  private nodeForm(index: number): Rational | undefined {
    return this.remembered(`value ${index}`, () => {
      const node = this.graph.nodes[index]!;
      if (node.kind === "variable") return atomOf(node.name);
      const formula: Formula =
        node.kind === "constant" ? { kind: "number", value: node.value.item() } : operationFormula(this.graph, node);
      return rationalOf(formula, (name) => this.nodeForm(this.indexByName.get(name)!));
    });
  }

  private localForm(index: number, input: number): Rational | undefined {
    return this.remembered(`local ${index} ${input}`, () => {
      const node = this.graph.nodes[index]!;
      let total: Rational | undefined = zeroRational;
      for (const position of positionsOf(node, input)) {
        const formula = localFormula(this.graph, node, position);
        const form = formula && rationalOf(formula, (name) => this.nodeForm(this.indexByName.get(name)!));
        total = total && form && sumOf(total, form);
      }
      return total;
    });
  }

  private gradientForm(output: number, index: number): Rational | undefined {
    if (index === output) return oneRational;
    return this.remembered(`gradient ${output} ${index}`, () => {
      let total: Rational | undefined = zeroRational;
      const users = new Set(this.graph.nodes[index]!.users.map((user) => user.node));
      for (const user of users) {
        if (user > output) continue;
        const [upstream, local] = [this.gradientForm(output, user), this.localForm(user, index)];
        const part = upstream && local && productOf(upstream, local);
        total = total && part && sumOf(total, part);
      }
      return total;
    });
  }
}
