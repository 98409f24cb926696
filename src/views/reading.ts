import { substitute, toText } from "../graph/formula.ts";
import {
  derivativeName,
  differentialName,
  type Graph,
  type GraphNode,
  localDerivative,
  localFormula,
} from "../graph/graph.ts";
import { formatNumber } from "../graph/number-text.ts";
import { shapeText } from "../graph/shape.ts";
import type { Value } from "../graph/value.ts";
import { type Target, targetOf, termOf } from "./flow.ts";
import { type Hiding, hidingOf, unknown } from "./hiding.ts";
import type { Hidden, Token } from "./marks.ts";
import type { FigureModel, FigureNode, FigureStep, FigureWire, PathTexts, Written } from "./model.ts";
import { displayedOperation, displayNames, inDisplayNames, isNumberConstant } from "./names.ts";
import { type PathStep, pathsTo } from "./paths.ts";
import { chipText, pullbackOf, ruleTokens } from "./pullback.ts";
import { dotted, hiddenTangents, summed, type Tangents, tangentsIn, tangentTerms } from "./tangents.ts";
import { fitsMap, mapOf, normOf } from "./tensor-map.ts";

export interface ReadingOptions {
  readonly hidden?: Hidden | undefined;
  readonly parameters?: readonly Value[] | undefined;
  /** Of several outputs the one that is differentiated; their sum by default. */
  readonly of?: Value | undefined;
  /** Tangents flow forward in place of gradients backward. */
  readonly tangents?: Tangents | undefined;
}

/** Reads a graph and the passes over it. */
export function modelOf(graph: Graph, options: ReadingOptions): FigureModel {
  return new Reading(graph, options).model();
}

class Reading {
  private readonly names: readonly string[];
  private readonly hidden: Hidden | undefined;
  private readonly hiding: Hiding;
  private readonly outputs: ReadonlySet<number>;
  private readonly operations: readonly GraphNode[];
  private readonly parameterIds: ReadonlySet<number>;
  private readonly forwardSteps: ReadonlyMap<number, number>;
  private readonly graph: Graph;
  /** Of these two one at most is there. */
  private readonly target: Target | undefined;
  private readonly tangents: ReadonlyMap<number, Value> | undefined;
  private readonly hiddenTangents: ReadonlySet<number>;
  /** Operations that pass a gradient on, in the order of the backward pass. */
  private readonly visited: readonly GraphNode[];
  private readonly visits = new Map<number, number>();
  private readonly completed = new Map<number, number>();

  constructor(graph: Graph, { hidden, parameters = [], of, tangents }: ReadingOptions) {
    this.graph = graph;
    this.names = displayNames(graph);
    this.hidden = hidden;
    this.hiding = hidingOf(graph, hidden);
    this.outputs = new Set(graph.outputs);
    this.operations = graph.nodes.filter((node) => node.primitive !== undefined);
    this.parameterIds = new Set(parameters.map((value) => value.id));
    this.forwardSteps = new Map(this.operations.map((node, index) => [node.index, index + 1]));
    this.tangents = tangents && tangentsIn(graph, this.names, tangents);
    this.hiddenTangents = hiddenTangents(graph, this.hiding, this.tangents ?? new Map());
    this.target = this.tangents === undefined ? targetOf(graph, this.names, of) : undefined;
    const { reached, ends } = this.target ?? { reached: new Set<number>(), ends: new Set<number>() };
    this.visited = this.operations.filter((node) => reached.has(node.index)).reverse();
    const seedStep = this.operations.length + 1;
    for (const end of ends) this.completed.set(end, seedStep);
    for (const [index, node] of this.visited.entries()) {
      const step = seedStep + 1 + index;
      this.visits.set(node.index, step);
      for (const input of node.inputs) if (reached.has(input)) this.completed.set(input, step);
    }
  }

  model(): FigureModel {
    const outputs = [...this.outputs].map((index) => this.names[index]!);
    return {
      output: outputs.length === 1 ? outputs[0]! : `${outputs.slice(0, -1).join(", ")} and ${outputs.at(-1)!}`,
      flow: this.tangents === undefined ? "gradient" : "tangent",
      differential: differentialName(this.target?.name ?? outputs[0]!),
      nodes: this.graph.nodes.map((node) => this.node(node)),
      wires: this.operations.flatMap((node) => node.inputs.map((_, position) => this.wire(node, position))),
      steps: [this.start(), ...this.operations.map((node) => this.forwardStep(node)), ...this.lastSteps()],
    };
  }

  private lastSteps(): readonly FigureStep[] {
    if (this.tangents !== undefined) return this.tangentSummary(this.tangents);
    return this.target === undefined ? [] : this.backwardSteps(this.target);
  }

  private name(index: number): string {
    return this.names[index]!;
  }

  private input(node: GraphNode, position: number): GraphNode {
    return this.graph.nodes[node.inputs[position]!]!;
  }

  private isScalar(node: GraphNode): boolean {
    return node.value.shape.length === 0;
  }

  /** Whether a gradient reaches the node, or it moves. */
  private takesPart(node: GraphNode): boolean {
    return this.tangents?.has(node.index) ?? this.target?.reached.has(node.index) ?? false;
  }

  /** What a chip says of a value of the node's shape: the number of a scalar; shape, numbers and norm of a tensor. */
  private chip(node: GraphNode, value: Value | undefined, hidden: boolean): Written {
    const shape = shapeText(node.value.shape);
    if (this.isScalar(node)) {
      return { text: hidden ? unknown : value === undefined ? shape : formatNumber(value.item()), map: undefined };
    }
    if (hidden) return { text: `${shape} ${unknown}`, map: undefined };
    if (value === undefined) return { text: shape, map: undefined };
    const norm = fitsMap(value.shape) ? "" : `, ‖·‖ ${formatNumber(normOf(value))}`;
    return { text: `${shape}${norm}`, map: mapOf(value) };
  }

  /** The same behind what it is of: "x = 2", "W  2×3". */
  private statement(subject: string, node: GraphNode, value: Value | undefined, hidden: boolean): Written {
    const { text, map } = this.chip(node, value, hidden);
    if (this.isScalar(node)) return { text: value === undefined && !hidden ? subject : `${subject} = ${text}`, map };
    return { text: `${subject}  ${text.replace(`, ‖·‖ `, `, ‖·‖ = `)}`, map };
  }

  private valueChip(node: GraphNode): Written {
    return this.chip(node, node.value, this.hiding.value(node.index));
  }

  private equation(node: GraphNode): Written {
    if (isNumberConstant(node)) return this.valueChip(node);
    return this.statement(this.name(node.index), node, node.value, this.hiding.value(node.index));
  }

  private symbolOf(index: number): string {
    return derivativeName(this.target!.name, this.name(index));
  }

  private gradientNumber(node: GraphNode): string | undefined {
    if (!this.isScalar(node)) return undefined;
    if (this.hiding.gradient(node.index)) return unknown;
    const gradient = this.target!.gradients.get(node.index);
    return gradient === undefined ? undefined : formatNumber(gradient.item());
  }

  private flowOf(node: GraphNode): Written | undefined {
    if (!this.takesPart(node)) return undefined;
    if (this.tangents !== undefined) {
      const hidden = this.hiddenTangents.has(node.index);
      return this.statement(dotted(this.name(node.index)), node, this.tangents.get(node.index), hidden);
    }
    const gradient = this.target!.gradients.get(node.index);
    return this.statement(this.symbolOf(node.index), node, gradient, this.hiding.gradient(node.index));
  }

  private kindOf(node: GraphNode): FigureNode["kind"] {
    if (this.outputs.has(node.index) && node.kind !== "constant") return "output";
    if (node.kind === "operation") return node.ofGradient ? "derivative" : "intermediate";
    if (node.kind === "constant") return "constant";
    return this.parameterIds.has(node.value.id) ? "parameter" : "input";
  }

  private node(node: GraphNode): FigureNode {
    const { primitive, index } = node;
    const forward = this.forwardSteps.get(index) ?? 0;
    return {
      index,
      kind: this.kindOf(node),
      name: isNumberConstant(node) ? this.valueChip(node).text : this.name(index),
      label: this.equation(node),
      flow: this.flowOf(node),
      operation:
        primitive === undefined
          ? undefined
          : {
              symbol: primitive.symbol,
              describes: `${primitive.label}: ${this.name(index)} = ${toText(displayedOperation(this.graph, this.names, node))}`,
            },
      forward,
      visited: this.visits.get(index),
      flowed: this.tangents?.has(index) === true ? forward : this.completed.get(index),
      paths: this.target?.reached.has(index) === true ? this.paths(node, this.target) : undefined,
    };
  }

  private wire(node: GraphNode, position: number): FigureWire {
    const input = this.input(node, position);
    const flows = this.takesPart(input) && this.takesPart(node);
    return {
      from: input.index,
      to: node.index,
      position,
      value: this.valueChip(input),
      flow: flows ? this.flowOver(node, position) : undefined,
      local: flows ? this.local(node, position) : undefined,
      known: this.forwardSteps.get(input.index) ?? 0,
      used: this.forwardSteps.get(node.index)!,
      backward: flows ? this.visits.get(node.index) : undefined,
    };
  }

  private flowOver(node: GraphNode, position: number): Written {
    const input = this.input(node, position);
    if (this.tangents !== undefined) {
      return this.chip(input, this.tangents.get(input.index), this.hiddenTangents.has(input.index));
    }
    const contribution = termOf(this.target!, node, position)?.contribution;
    return this.chip(input, contribution, this.hiding.contribution(node.index, position));
  }

  /** A local derivative where it is a number; undefined where tensors are involved. */
  private localValue(node: GraphNode, position: number): number | undefined {
    const inputs = node.inputs.map((index) => this.graph.nodes[index]!);
    if (!this.isScalar(node) || !this.isScalar(inputs[position]!)) return undefined;
    if (this.tangents === undefined) return termOf(this.target!, node, position)?.local?.item();
    if (!inputs.every((each) => this.isScalar(each))) return undefined;
    const numbers = inputs.map(({ value }) => value.item());
    return localDerivative(node.primitive!, position, numbers, node.value.item());
  }

  private localNumber(node: GraphNode, position: number): string | undefined {
    const number = this.localValue(node, position);
    if (number === undefined) return undefined;
    return this.hiding.local(node.index, position) ? unknown : formatNumber(number);
  }

  private local(node: GraphNode, position: number): FigureWire["local"] {
    const input = node.inputs[position]!;
    const symbol = derivativeName(this.name(node.index), this.name(input));
    const number = this.localNumber(node, position);
    if (number === undefined) {
      const rule = this.ruleChip(node, position) ?? symbol;
      return { long: rule, short: rule };
    }
    const short = `·${bracketed(number)}`;
    // By one of two uses of the same input it is not the whole derivative, so the symbol would mislead.
    const partial = this.isPartial(node, input);
    return { long: partial ? short : `${symbol} = ${number}`, short };
  }

  /** The rule of a tensor's local derivative in short. */
  private ruleChip(node: GraphNode, position: number): string | undefined {
    if (this.isScalar(node) && this.isScalar(this.input(node, position))) return undefined;
    if (this.hiding.localRule(node.index, position)) return unknown;
    const rule = pullbackOf(this.graph, this.names, node, position);
    // Of other operations the rule says what passes back, not what moves forward.
    if (this.tangents !== undefined && node.primitive!.family !== "elementwise") return undefined;
    return rule && chipText(this.tangents === undefined ? rule : { ...rule, sum: undefined });
  }

  /** Whether ∂node/∂input stands for two things: input enters twice, or also reaches the output another way. */
  private isPartial(node: GraphNode, input: number): boolean {
    const uses = this.graph.nodes[input]!.users;
    if (uses.filter((user) => user.node === node.index).length > 1) return true;
    return this.outputs.has(node.index) && uses.length > 1;
  }

  private start(): FigureStep {
    const leaves = this.graph.nodes.filter((node) => node.primitive === undefined && !isNumberConstant(node));
    const line = (texts: readonly string[]): readonly Token[] => {
      const shown = texts.length > 6 ? [...texts.slice(0, 6), "…"] : texts;
      return [{ kind: "text", text: shown.join(",   ") }];
    };
    const values = line(leaves.map((node) => this.equation(node).text));
    if (this.tangents === undefined) return { phase: "start", title: "Start: what is given", rows: [values] };
    const seeds = leaves.flatMap((node) => this.flowOf(node)?.text ?? []);
    return {
      phase: "start",
      title: "Start: what is given, and how it moves",
      rows:
        seeds.length === 0 ? [values] : [values, line(seeds).map((token) => ({ ...token, tone: "tangent" }) as Token)],
    };
  }

  private forwardStep(node: GraphNode): FigureStep {
    const formula = displayedOperation(this.graph, this.names, node);
    const parts = [this.name(node.index), toText(formula)];
    const scalars = [node, ...node.inputs.map((input) => this.graph.nodes[input]!)].every((each) =>
      this.isScalar(each),
    );
    const { text: quantity, map } = this.valueChip(node);
    if (!this.isScalar(node)) parts[1] += `   (${quantity})`;
    else if (!scalars) parts.push(quantity);
    else if (this.hiding.value(node.index)) parts.push(unknown);
    else {
      const values = new Map(node.inputs.map((input) => [this.name(input), this.graph.nodes[input]!.value.item()]));
      const numbers = substitute(formula, (name) => {
        const value = values.get(name);
        return value === undefined ? undefined : { kind: "number", value };
      });
      parts.push(toText(numbers), quantity);
    }
    const distinct = parts.filter((part, index) => part !== parts[index - 1]);
    const row: Token[] = [{ kind: "text", text: distinct.join(" = ") }];
    if (map?.numbers !== undefined) row.push({ kind: "note", text: numbersText(map.numbers, map.columns) });
    return {
      phase: "forward",
      title: `Forward: ${node.primitive!.label.toLowerCase()}`,
      rows: this.tangents?.has(node.index) === true ? [row, this.tangentRow(node, this.tangents)] : [row],
    };
  }

  /** ż = w · ȧ + a · ẇ = 4 · 1 + 5 · 0 = 4. */
  private tangentRow(node: GraphNode, tangents: ReadonlyMap<number, Value>): readonly Token[] {
    const dot = dotted(this.name(node.index));
    const given = !node.inputs.some((input) => tangents.has(input));
    const hidden = this.hiddenTangents.has(node.index);
    const { text: outcome } = this.chip(node, tangents.get(node.index), hidden);
    const end: readonly Token[] = this.isScalar(node)
      ? [text("="), { kind: "result", text: outcome, tone: "tangent" }]
      : [{ kind: "note", text: `of shape ${outcome}` }];
    if (given || (hidden && node.inputs.some((_, position) => this.hiding.localRule(node.index, position)))) {
      return [text(dot, "tangent"), ...end];
    }
    const terms = tangentTerms(this.graph, this.names, node, tangents);
    const numbers = hidden ? [] : terms.map((term) => this.tangentProduct(node, term.position, term.factor));
    const whole = numbers.length > 0 && numbers.every((each) => each !== undefined);
    return [
      text(dot, "tangent"),
      text(`= ${summed(terms.map((term) => term.text))}`),
      ...(whole && summed(numbers as string[]) !== outcome
        ? [text(`= ${summed(numbers as string[])}`, "tangent")]
        : []),
      ...end,
    ];
  }

  /** A term of a tangent in numbers: 4 · 1. */
  private tangentProduct(node: GraphNode, position: number, factor: boolean): string | undefined {
    const local = this.localValue(node, position);
    const tangent = this.tangents?.get(node.inputs[position]!);
    if (local === undefined || tangent === undefined) return undefined;
    const moved = formatNumber(tangent.item());
    if (factor) return `${formatNumber(local)} · ${bracketed(moved)}`;
    return local === -1 ? `−${bracketed(moved)}` : moved;
  }

  private tangentSummary(tangents: ReadonlyMap<number, Value>): readonly FigureStep[] {
    const ends = [...this.outputs].map((index) => this.graph.nodes[index]!).filter((node) => tangents.has(node.index));
    const row = ends.slice(0, 5).flatMap((node, index): Token[] => {
      const { text: outcome } = this.chip(node, tangents.get(node.index), this.hiddenTangents.has(node.index));
      return [
        ...(index === 0 ? [] : [text("      ")]),
        text(`${dotted(this.name(node.index))} =`, "tangent"),
        { kind: "result", text: outcome, tone: "tangent" },
      ];
    });
    if (ends.length === 0) row.push({ kind: "note", text: "the outputs stand still" });
    const seeds = this.graph.nodes.filter(
      ({ index, inputs }) => tangents.has(index) && !inputs.some((input) => tangents.has(input)),
    );
    const [seed] = seeds;
    const isUnit = seeds.length === 1 && this.isScalar(seed!) && tangents.get(seed!.index)!.item() === 1;
    if (isUnit && ends.length === 1) {
      row.push({
        kind: "note",
        text: `which is ∂${this.name(ends[0]!.index)}/∂${this.name(seed!.index)}, as ${dotted(this.name(seed!.index))} = 1`,
      });
    }
    return [{ ...this.ending("Done: one direction from one forward pass"), rows: [row] }];
  }

  /** The last step's title: what was done or, while something is asked for, what is left to answer. */
  private ending(done: string): Pick<FigureStep, "phase" | "title"> {
    const { nodes } = this.graph;
    const { hidden } = this;
    if (hidden === undefined) return { phase: "done", title: done };
    const open = [
      ...nodes.flatMap(({ index }) => (hidden({ kind: "value", node: index }) ? [this.name(index)] : [])),
      ...nodes.flatMap(({ index: node, inputs }) =>
        inputs.flatMap((input, position) =>
          hidden({ kind: "local", node, position }) ? [derivativeName(this.name(node), this.name(input))] : [],
        ),
      ),
      ...nodes.flatMap((node) =>
        this.target !== undefined && this.takesPart(node) && hidden({ kind: "gradient", node: node.index })
          ? [this.symbolOf(node.index)]
          : [],
      ),
    ];
    if (open.length === 0) return { phase: "done", title: done };
    return { phase: "start", title: `Left to answer: ${[...new Set(open)].join(", ")}` };
  }

  private backwardSteps(target: Target): readonly FigureStep[] {
    const seeds = [...target.ends].flatMap((end, index): Token[] => [
      ...(index === 0 ? [] : [text("      ")]),
      this.fraction(end, "gradient"),
      ...this.seed(this.graph.nodes[end]!, target),
    ]);
    const seed: FigureStep = {
      phase: "backward",
      title: `Backward: start at the output${target.ends.size === 1 ? "" : "s"}`,
      rows: [seeds],
    };
    // What an output of several gives to the sum has reached it before its users pass anything on.
    const reached = new Map<number, number>(target.single === undefined ? [...target.ends].map((end) => [end, 1]) : []);
    const steps = this.visited.map((node): FigureStep => {
      const rows = node.inputs.flatMap((input, position) => {
        if (!target.reached.has(input)) return [];
        const earlier = reached.get(input) ?? 0;
        reached.set(input, earlier + 1);
        return [this.chainRule(target, node, position, earlier)];
      });
      return {
        phase: "backward",
        title: `Backward: ${node.primitive!.label.toLowerCase()} passes its gradient on`,
        rows,
      };
    });
    return [seed, ...steps, this.summary(target)];
  }

  /** ∂z/∂a, or ∂b/∂a where the node on top is given. */
  private fraction(bottom: number, tone: "gradient" | "local", top?: number, beneath?: string): Token {
    const over = top === undefined ? this.target!.name : this.name(top);
    return {
      kind: "fraction",
      top: differentialName(over),
      bottom: differentialName(this.name(bottom)),
      tone,
      ...(beneath === undefined ? {} : { beneath }),
    };
  }

  /** = 4 after the gradient of a scalar, the shape after that of a tensor. */
  private seed(node: GraphNode, target: Target): readonly Token[] {
    if (!this.isScalar(node)) return [{ kind: "note", text: `of shape ${shapeText(node.value.shape)}` }];
    const number = target.single === undefined && !this.hiding.gradient(node.index) ? "1" : this.gradientNumber(node);
    return number === undefined ? [] : [text("="), { kind: "result", text: number, tone: "gradient" }];
  }

  /** ∂z/∂x = what came before + ∂z/∂node · ∂node/∂x = … for one input of one operation. */
  private chainRule(target: Target, node: GraphNode, position: number, earlier: number): readonly Token[] {
    const input = this.input(node, position);
    const scalar = this.isScalar(input) && this.isScalar(node);
    const shape = scalar ? undefined : shapeText(input.value.shape);
    const row: Token[] = [this.fraction(input.index, "gradient", undefined, shape), { kind: "text", text: "=" }];
    if (this.hiding.contribution(node.index, position)) {
      row.push({ kind: "result", text: unknown, tone: "gradient" });
      return row;
    }
    const seeded = target.single === undefined && target.ends.has(input.index) ? 1 : 0;
    const uses = input.users.filter((user) => this.visits.has(user.node)).length + seeded;
    const left = uses - earlier - 1;
    const term = termOf(target, node, position);
    const before =
      earlier === 0
        ? []
        : scalar && term?.before !== undefined
          ? [text(formatNumber(term.before.item()), "gradient"), text("+")]
          : [text("…", "gradient"), text("+")];
    row.push(...before);
    if (scalar) row.push(...this.scalarRule(target, node, position, before));
    else row.push(...this.tensorRule(target, node, position));
    if (term !== undefined && this.isScalar(input) && row.at(-1)!.kind !== "result") {
      row.push(text("="), { kind: "result", text: formatNumber(term.after.item()), tone: "gradient" });
    }
    if (left > 0) {
      row.push({
        kind: "note",
        text: left === 1 ? "so far: one more path to add" : `so far: ${left} more paths to add`,
      });
    } else if (earlier > 0) row.push({ kind: "note", text: "the paths add up" });
    return row;
  }

  private scalarRule(target: Target, node: GraphNode, position: number, before: readonly Token[]): readonly Token[] {
    const input = this.input(node, position);
    const row: Token[] = [];
    const term = termOf(target, node, position);
    const number = this.localNumber(node, position);
    const symbol = this.localSymbol(node, position);
    // At the output's own operation the local derivative is the gradient: no symbol of its own.
    const isOutput = node.index === target.single;
    if (isOutput && symbol !== undefined) {
      row.push(text(this.gradientNumber(node) ?? "", "gradient"), text("·"), text(symbol, "local"));
    } else if (isOutput) {
      // The symbol would be the one that is being explained.
      const direct = number ?? (term && formatNumber(term.contribution.item())) ?? ownDerivative(node);
      return [text("1", "gradient"), text("·"), text(bracketed(direct), "local")];
    } else {
      row.push(this.fraction(node.index, "gradient"), text("·"), this.fraction(input.index, "local", node.index));
    }
    if (term === undefined || number === undefined || (isOutput && symbol === number)) return row;
    const upstream = this.gradientNumber(node)!;
    row.push(text("="), ...before, text(before.length === 0 ? upstream : bracketed(upstream), "gradient"), text("·"));
    const explained = !isOutput && symbol !== undefined && symbol !== number;
    row.push(
      explained
        ? { kind: "factor", text: bracketed(number), beneath: symbol, tone: "local" }
        : text(bracketed(number), "local"),
    );
    return row;
  }

  /** Xᵀ · ∂L/∂Y with shapes beneath; the symbol of the local derivative where there is no rule in short. */
  private tensorRule(target: Target, node: GraphNode, position: number): readonly Token[] {
    const isOutput = node.index === target.single && this.isScalar(node);
    const number = isOutput ? this.gradientNumber(node) : undefined;
    const arriving: Token =
      number === undefined
        ? this.fraction(
            node.index,
            "gradient",
            undefined,
            this.isScalar(node) ? undefined : shapeText(node.value.shape),
          )
        : text(number, "gradient");
    const rule = pullbackOf(this.graph, this.names, node, position);
    if (rule !== undefined && !this.hiding.localRule(node.index, position)) return ruleTokens(rule, arriving);
    if (isOutput) return [arriving, text("·"), text(ownDerivative(node), "local")];
    return [arriving, text("·"), this.fraction(node.inputs[position]!, "local", node.index)];
  }

  private localSymbol(node: GraphNode, position: number): string | undefined {
    const formula = localFormula(this.graph, node, position);
    return formula === undefined ? undefined : toText(inDisplayNames(this.graph, this.names, formula));
  }

  private summary(target: Target): FigureStep {
    const leaves = this.graph.nodes.filter((node) => node.kind === "variable" && target.reached.has(node.index));
    const shown = leaves
      .slice(0, 5)
      .flatMap((node, index): Token[] => [...(index === 0 ? [] : [text("      ")]), ...this.gradientOf(node)]);
    if (leaves.length > 5) shown.push(text("      …"));
    return { ...this.ending("Done: every gradient from one backward pass"), rows: [shown] };
  }

  /** ∂z/∂x = 4; of a tensor the symbol over its shape. */
  private gradientOf(node: GraphNode): readonly Token[] {
    const number = this.gradientNumber(node);
    if (number === undefined) return [this.fraction(node.index, "gradient", undefined, shapeText(node.value.shape))];
    return [this.fraction(node.index, "gradient"), text("="), { kind: "result", text: number, tone: "gradient" }];
  }

  /** Every path from a node to the output with its product of local derivatives; the first few where there are many. */
  private paths(node: GraphNode, target: Target): PathTexts {
    const symbol = this.symbolOf(node.index);
    const number = this.gradientNumber(node);
    if (number === unknown) return { title: `${symbol} = ${unknown}`, shortTitle: `${symbol} = ${unknown}`, lines: [] };
    const { total, listed } = pathsTo(this.graph, node.index, target.ends);
    const many = total === 1 ? "one path" : `sum over ${total} paths`;
    const shortTitle = number === undefined ? `${symbol}   (${many})` : `${symbol} = ${number}   (${many})`;
    const lines = listed.map((path) => this.pathLine(target, node, path));
    const more = total - listed.length;
    if (more > 0) lines.push({ route: `… and ${more} more`, product: "", result: "" });
    const results = lines.flatMap(({ result }) => (result === "" ? [] : [bracketed(result)]));
    if (total === 1 || number === undefined || results.length < listed.length) {
      return { title: shortTitle, shortTitle, lines };
    }
    const sum = [...results, ...(more > 0 ? ["…"] : [])].join(" + ");
    return { title: `${symbol} = ${sum} = ${number}   (${many})`, shortTitle, lines };
  }

  private pathLine(target: Target, node: GraphNode, path: readonly PathStep[]): PathTexts["lines"][number] {
    const route = [node.index, ...path.map((step) => step.node)].map((index) => this.name(index)).join(" → ");
    const steps = path.map(({ node: index, position }) => ({ node: this.graph.nodes[index]!, position }));
    const factors = steps.map((step) => this.localNumber(step.node, step.position));
    if (factors.includes(undefined)) return { route, product: "", result: "" };
    if (factors.length === 0) {
      return { route, product: "", result: target.single === undefined && this.isScalar(node) ? "1" : "" };
    }
    const seed = target.single === undefined ? 1 : target.gradients.get(target.single)!.item();
    const product = steps.reduce((sofar, step) => sofar * this.localValue(step.node, step.position)!, seed);
    const result = formatNumber(product);
    const written = factors.map((factor) => bracketed(factor!)).join(" · ");
    return { route, product: factors.length > 1 ? `${written} = ${result}` : result, result };
  }
}

/** max′: the derivative of an operation that has no short rule. */
function ownDerivative(node: GraphNode): string {
  return `${node.primitive!.symbol}′`;
}

/** [1, 2; 3, 4]: rows between semicolons. */
function numbersText(numbers: readonly string[], columns: number): string {
  const rows = Array.from({ length: numbers.length / columns }, (_, row) =>
    numbers.slice(row * columns, (row + 1) * columns).join(", "),
  );
  return `[${rows.join("; ")}]`;
}

function text(content: string, tone: "plain" | "gradient" | "local" | "tangent" = "plain"): Token {
  return { kind: "text", text: content, tone };
}

function bracketed(number: string): string {
  return number.startsWith("−") ? `(${number})` : number;
}
