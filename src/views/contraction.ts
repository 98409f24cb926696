import type { Graph, GraphNode } from "../graph/graph.ts";
import { sameShape } from "../graph/shape.ts";
import { Value } from "../graph/value.ts";
import { type Call, type Calls, isInside } from "./calls.ts";
import { isNumberConstant } from "./names.ts";

/** One thing drawn in place of some nodes of a graph: a layer's call, an operation, a leaf, or operations that belong together. */
export interface Unit {
  readonly key: number;
  readonly kind: "card" | "operation" | "operations" | "leaf" | "leaves";
  /** The call whose card it is. */
  readonly call: Call | undefined;
  /** The open call in whose frame it is drawn. */
  readonly frame: Call | undefined;
  /** Positions in the graph, in its order. */
  readonly nodes: readonly number[];
}

/** Values that go from one unit to another: a wire. */
export interface Signal {
  readonly from: number;
  readonly to: number;
  readonly values: readonly number[];
}

/** A graph with layers' calls drawn closed or open. Every node is in one unit, or kept by an open call (`kept`). */
export interface Contraction {
  readonly units: readonly Unit[];
  readonly signals: readonly Signal[];
  /** Parameters that several things in an open call share: its frame's title counts them. */
  readonly kept: ReadonlyMap<Call, readonly number[]>;
  /** The unit of each node; −1 for one that is kept. */
  readonly unitOf: readonly number[];
}

/** Between two units that exchange more values than these, one wire stands for all. */
const mostWiresBetween = 3;

/** Draws the calls in `open` open and all others closed; `grouped` also joins operations that no layer stands between. */
export function contract(graph: Graph, calls: Calls, open: ReadonlySet<Call>, grouped: boolean): Contraction {
  return new Contracting(graph, calls, open).run(grouped);
}

/** The variables and buffers in a layer's own fields. */
function fieldsOf(module: object, known: Map<object, ReadonlySet<Value>>): ReadonlySet<Value> {
  let fields = known.get(module);
  if (fields === undefined) {
    fields = new Set(
      Object.values(module)
        .flat()
        .filter((field): field is Value => field instanceof Value),
    );
    known.set(module, fields);
  }
  return fields;
}

class Contracting {
  private readonly graph: Graph;
  private readonly calls: Calls;
  private readonly open: ReadonlySet<Call>;
  private readonly cards = new Map<Call, Call | undefined>();
  /** What each node is part of, as a name for it: nodes of one name are one unit. */
  private readonly places: string[];
  private readonly frames = new Map<string, Call | undefined>();
  private readonly kept = new Map<Call, number[]>();
  private readonly fields = new Map<object, ReadonlySet<Value>>();

  constructor(graph: Graph, calls: Calls, open: ReadonlySet<Call>) {
    this.graph = graph;
    this.calls = calls;
    this.open = open;
    this.places = new Array<string>(graph.nodes.length).fill("");
  }

  run(grouped: boolean): Contraction {
    const positions = new Map(this.calls.all.map((call, position) => [call, position]));
    const groups = grouped ? this.groups() : undefined;
    for (const node of this.graph.nodes) {
      if (node.primitive === undefined) continue;
      const call = this.calls.of[node.index];
      const card = this.cardOf(call);
      const group = groups?.[node.index];
      const place =
        card !== undefined ? `c${positions.get(card)}` : group === undefined ? `o${node.index}` : `g${group}`;
      this.put(node, place, card === undefined ? call : card.parent);
    }
    for (const node of [...this.graph.nodes].reverse()) if (node.primitive === undefined) this.putLeaf(node, grouped);
    return this.collected(positions);
  }

  private put(node: GraphNode, place: string, frame: Call | undefined): void {
    this.places[node.index] = place;
    this.frames.set(place, frame);
  }

  /** The outermost closed call that a call is in. */
  private cardOf(call: Call | undefined): Call | undefined {
    if (call === undefined) return undefined;
    if (!this.cards.has(call)) {
      const outer = this.cardOf(call.parent);
      this.cards.set(call, outer ?? (this.open.has(call) ? undefined : call));
    }
    return this.cards.get(call);
  }

  private putLeaf(node: GraphNode, grouped: boolean): void {
    const users = [...new Set(node.users.map((user) => user.node))];
    const first = users[0];
    if (first === undefined) {
      this.put(node, `l${node.index}`, undefined);
      return;
    }
    const places = new Set(users.map((user) => this.places[user]!));
    const inCard = this.places[first]!.startsWith("c");
    const own = this.calls.of[node.index];
    const holder = this.holderOf(node, users);
    const belongs = holder !== undefined || this.cardOf(own) !== undefined || isNumberConstant(node);
    if (places.size === 1 && belongs && (inCard || isNumberConstant(node))) {
      this.places[node.index] = this.places[first]!;
      return;
    }
    const common = this.commonFrame(users.map((user) => this.frames.get(this.places[user]!)));
    if (places.size > 1 && holder !== undefined) {
      if (common !== undefined && isInside(holder, common)) {
        this.kept.set(common, [node.index, ...(this.kept.get(common) ?? [])]);
        return;
      }
      const card = [...places].find((place) => place.startsWith("c"));
      if (card !== undefined) {
        this.places[node.index] = card;
        return;
      }
    }
    if (places.size > 1 && isNumberConstant(node)) {
      this.places[node.index] = this.places[first]!;
      return;
    }
    if (grouped && places.size === 1 && !node.named) {
      this.put(node, `L${this.places[first]}${node.kind}`, common);
      return;
    }
    // What is given from outside stands outside; what a call made for itself, or holds, stands in its frame.
    this.put(node, `l${node.index}`, own === undefined && holder === undefined ? undefined : common);
  }

  /** The call of a layer that has the leaf as a parameter or buffer, now or, after training, had one of its shape. */
  private holderOf(node: GraphNode, users: readonly number[]): Call | undefined {
    if (this.calls.of[node.index] !== undefined) return undefined;
    const fits = (call: Call): boolean => {
      const fields = fieldsOf(call.scope.module, this.fields);
      if (fields.has(node.value)) return true;
      return (
        node.kind === "variable" &&
        !node.named &&
        [...fields].some((field) => field.kind === "variable" && sameShape(field.shape, node.value.shape))
      );
    };
    for (let call = this.calls.of[users[0]!]; call !== undefined; call = call.parent) if (fits(call)) return call;
    return undefined;
  }

  private commonFrame(frames: readonly (Call | undefined)[]): Call | undefined {
    let common = frames[0];
    while (common !== undefined && !frames.every((frame) => isInside(frame, common!))) common = common.parent;
    return common;
  }

  /**
   * Operations in no closed call, joined where they hang together and as many layers lie before them. That number never
   * falls along a wire and grows at each layer, so that no layer comes to stand between two parts of a group.
   */
  private groups(): readonly (number | undefined)[] {
    const { nodes } = this.graph;
    const depth = new Array<number>(nodes.length).fill(0);
    const group = nodes.map((node) => node.index);
    const find = (index: number): number => {
      let at = index;
      while (group[at] !== at) {
        group[at] = group[group[at]!]!;
        at = group[at]!;
      }
      return at;
    };
    const frame = (node: GraphNode): Call | undefined => this.calls.of[node.index];
    const isFree = (node: GraphNode): boolean => node.primitive !== undefined && this.cardOf(frame(node)) === undefined;
    for (const node of nodes) {
      for (const index of node.inputs) {
        const input = nodes[index]!;
        if (input.primitive === undefined) continue;
        const apart = !isFree(node) || !isFree(input) || frame(node) !== frame(input);
        const inOneCard = apart && this.cardOf(frame(node)) === this.cardOf(frame(input)) && !isFree(node);
        depth[node.index] = Math.max(depth[node.index]!, depth[index]! + (apart && !inOneCard ? 1 : 0));
      }
    }
    for (const node of nodes) {
      if (!isFree(node)) continue;
      for (const index of node.inputs) {
        const input = nodes[index]!;
        if (isFree(input) && frame(input) === frame(node) && depth[index] === depth[node.index]) {
          group[find(index)] = find(node.index);
        }
      }
    }
    return nodes.map((node) => (isFree(node) ? find(node.index) : undefined));
  }

  private collected(positions: ReadonlyMap<Call, number>): Contraction {
    const calls = [...positions.keys()];
    const members = new Map<string, number[]>();
    for (const node of this.graph.nodes) {
      const place = this.places[node.index]!;
      if (place === "") continue;
      const list = members.get(place);
      if (list === undefined) members.set(place, [node.index]);
      else list.push(node.index);
    }
    const ordered = [...members].sort(([, a], [, b]) => a.at(-1)! - b.at(-1)!);
    const unitOf = new Array<number>(this.graph.nodes.length).fill(-1);
    const units = ordered.map(([place, nodes], key): Unit => {
      for (const node of nodes) unitOf[node] = key;
      const call = place.startsWith("c") ? calls[Number(place.slice(1))] : undefined;
      const made = nodes.filter((index) => this.graph.nodes[index]!.primitive !== undefined).length;
      const kind =
        call !== undefined
          ? "card"
          : made > 1
            ? "operations"
            : made === 1
              ? "operation"
              : nodes.length > 1
                ? "leaves"
                : "leaf";
      return { key, kind, call, frame: this.frames.get(place), nodes };
    });
    return { units, signals: this.signals(units, unitOf), kept: this.kept, unitOf };
  }

  private signals(units: readonly Unit[], unitOf: readonly number[]): readonly Signal[] {
    const between = new Map<number, Set<number>>();
    for (const { from, to } of this.graph.edges) {
      const [source, target] = [unitOf[from]!, unitOf[to]!];
      if (source < 0 || source === target) continue;
      const pair = source * units.length + target;
      const values = between.get(pair);
      if (values === undefined) between.set(pair, new Set([from]));
      else values.add(from);
    }
    return [...between].flatMap(([pair, values]) => {
      const ends = { from: Math.floor(pair / units.length), to: pair % units.length };
      const all = [...values].sort((a, b) => a - b);
      return all.length > mostWiresBetween
        ? [{ ...ends, values: all }]
        : all.map((value) => ({ ...ends, values: [value] }));
    });
  }
}
