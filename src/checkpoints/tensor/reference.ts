import { multiplicationsOf } from "../../autodiff/rules.ts";
import type { Graph } from "../../graph/graph.ts";
import { sizeOf } from "../../graph/shape.ts";
import type { Value } from "../../graph/value.ts";
import { type Ask, ancestorsOf, keyOf } from "../asks.ts";
import { derivativesFor } from "../found.ts";
import type { Domain } from "../points.ts";
import { askedAt } from "./asked.ts";
import type { Scope } from "./parse.ts";
import { type TensorPoint, tensorPointAt, walkBack } from "./point.ts";
import { chooseTensorPoints, exampleTensorPoint, largest } from "./points.ts";
import type { TensorSlip } from "./slip.ts";
import { tensorSlipsFor } from "./slips.ts";
import { evaluateTerm, type Source, type TensorTerm } from "./term.ts";

/** What is right about a graph of tensors, in every form that a check needs. */
export class TensorReference {
  readonly graph: Graph;
  readonly asks: readonly Ask[];
  /** Where answers are compared. Found at once: that there are too few is the author's affair, not the learner's. */
  readonly points: readonly TensorPoint[];
  /** Where numbers count: the graph as it was run. */
  readonly here: TensorPoint;
  private readonly domain: Domain;
  private readonly seed: string;
  private readonly outputs: readonly number[];
  private readonly slips = new Map<string, readonly TensorSlip[]>();
  private readonly sizes = new WeakMap<TensorPoint, Map<string, number>>();

  /** @throws {CheckpointError} where nothing can be decided. */
  constructor(graph: Graph, asks: readonly Ask[], domain: Domain, checkpoint: string, seed: string) {
    this.graph = graph;
    this.asks = asks;
    this.domain = domain;
    this.seed = `${checkpoint}/${seed}`;
    this.outputs = [...new Set(asks.flatMap((ask) => (ask.kind === "gradient" ? [ask.output] : [])))];
    this.here = tensorPointAt(graph, new Map());
    this.points = chooseTensorPoints(graph, this.outputs, domain, this.seed, checkpoint);
  }

  rightAt(ask: Ask, point: TensorPoint): Value {
    return askedAt(point, ask);
  }

  /** What differences from the right answer are measured against: the largest number that it is added up from. */
  scaleAt(ask: Ask, points: readonly TensorPoint[]): number {
    const most = Math.max(...points.map((point) => this.sizeAt(ask, point)));
    return most > 0 && Number.isFinite(most) ? most : 1;
  }

  private sizeAt(ask: Ask, point: TensorPoint): number {
    const key = keyOf(this.graph, ask);
    const known = this.sizes.get(point) ?? new Map<string, number>();
    this.sizes.set(point, known);
    let size = known.get(key);
    if (size === undefined) {
      size = largest(this.rightAt(ask, point));
      if (ask.kind === "gradient") {
        walkBack(point, ask.output, ask.node, {
          total: (node, parts) => {
            if (node === ask.node) size = Math.max(size!, ...parts.map(({ part }) => largest(part)));
            return undefined;
          },
        });
      }
      known.set(key, size);
    }
    return size;
  }

  /** What an answer comes to at a point. */
  evaluate(
    term: TensorTerm,
    point: TensorPoint,
    changed?: { readonly term: TensorTerm; readonly value: number },
  ): Value {
    const meaning = (source: Source): Value =>
      source.kind === "value" ? point.values[source.node]! : askedAt(point, source);
    return evaluateTerm(term, meaning, changed);
  }

  slipsOf(ask: Ask): readonly TensorSlip[] {
    const key = keyOf(this.graph, ask);
    const slips = this.slips.get(key) ?? tensorSlipsFor(this.graph, ask, this.asks).map(remembered);
    this.slips.set(key, slips);
    return slips;
  }

  /** A point to show, none of those that decide. */
  example(suits: (point: TensorPoint) => boolean): TensorPoint | undefined {
    return exampleTensorPoint(this.graph, this.domain, this.outputs, this.seed, suits);
  }

  /** What an answer to the ask may speak of. */
  scopeOf(ask: Ask): Scope {
    const { nodes } = this.graph;
    const usable = ask.kind === "value" ? ancestorsOf(this.graph, ask.node) : undefined;
    const names = nodes
      .filter(({ kind, named, value }) => kind !== "constant" || named || value.shape.length > 0)
      .filter(({ index }) => usable === undefined || (usable.has(index) && index !== ask.node))
      .map(({ index, name }) => [name, { kind: "value", node: index }] as const);
    const largestNode = Math.max(...nodes.map(({ value }) => sizeOf(value.shape)));
    const work = nodes.reduce((sum, { value }) => sum + multiplicationsOf(value), 0);
    return {
      names: new Map(names),
      derivatives: derivativesFor(this.graph, this.asks, ask),
      shapeOf: (source) => nodes[source.kind === "local" ? source.input : source.node]!.value.shape,
      wanted: this.rightAt(ask, this.here).shape,
      largest: Math.max(20_000, 4 * largestNode),
      work: Math.max(500_000, 20 * work),
    };
  }
}

/** The slip with its answers kept: a search asks for them again and again. */
function remembered(slip: TensorSlip): TensorSlip {
  const known = new Map<TensorPoint, Value | undefined>();
  return {
    ...slip,
    at: (point) => {
      if (!known.has(point)) known.set(point, slip.at(point));
      return known.get(point);
    },
  };
}
