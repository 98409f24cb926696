import type { Ask } from "../../../src/checkpoints/asks.ts";
import { applyFormula, evaluateFormula, type Formula, nameFormula, numberFormula } from "../../../src/graph/formula.ts";
import { type Graph, localFormula, referenceFormula, replay } from "../../../src/graph/graph.ts";
import { primitiveNamed } from "../../../src/graph/primitives.ts";

// Wrong answers as formulas, made by a symbolic pass of the test's own: nothing of the rules is read.

type Local = (node: number, position: number, right: Formula) => Formula;

const times = (a: Formula, b: Formula): Formula => applyFormula(primitiveNamed("mul"), [a, b]);
const plus = (a: Formula, b: Formula): Formula => applyFormula(primitiveNamed("add"), [a, b]);

/** The gradient as a formula in the graph's names, with local derivatives or arriving gradients replaced. */
export function gradient(
  graph: Graph,
  ask: Extract<Ask, { kind: "gradient" }>,
  local: Local = (_node, _position, right) => right,
  upstreamAt: (node: number, upstream: Formula) => Formula = (_node, upstream) => upstream,
): Formula {
  const of = (node: number): Formula => {
    if (node === ask.output) return numberFormula(1);
    return graph.nodes[node]!.users.map(({ node: user, position }) => {
      const right = localFormula(graph, graph.nodes[user]!, position)!;
      return times(upstreamAt(user, of(user)), local(user, position, right));
    }).reduce(plus);
  };
  return of(ask.node);
}

/** Answers under slips that anybody could make, each with the rules that may be named. */
export function modelled(
  graph: Graph,
  ask: Extract<Ask, { kind: "gradient" }>,
): readonly { readonly rule: readonly string[]; readonly formula: Formula }[] {
  const wires = graph.nodes.flatMap((node) =>
    node.inputs.flatMap((input, position) =>
      graph.nodes[input]!.needsGradient && reaches(graph, ask.node, input)
        ? [{ node: node.index, position, input }]
        : [],
    ),
  );
  const at = (wire: { node: number; position: number }, wrong: (right: Formula) => Formula): Formula =>
    gradient(graph, ask, (node, position, right) =>
      node === wire.node && position === wire.position ? wrong(right) : right,
    );
  const found: { rule: readonly string[]; formula: Formula }[] = [];
  for (const wire of wires) {
    const primitive = graph.nodes[wire.node]!.primitive!.name;
    found.push({
      rule: ["local-missing", "relu-gate-lost", "one", "negation-sign", "subtrahend-sign", "inner-forgotten"],
      formula: at(wire, () => numberFormula(1)),
    });
    found.push({
      rule: [
        "sign",
        "negated",
        "subtrahend-sign",
        "negation-sign",
        "sine-sign",
        "cosine-sign",
        "quotient-sign",
        "paths-subtracted",
      ],
      formula: at(wire, (right) => applyFormula(primitiveNamed("neg"), [right])),
    });
    found.push({ rule: ["path-missing", "edge-dropped", "zero"], formula: at(wire, () => numberFormula(0)) });
    if (primitive === "mul") {
      const own = referenceFormula(graph.nodes[wire.input]!);
      found.push({ rule: ["own-factor"], formula: at(wire, () => own) });
    }
    if (
      wire.node !== ask.output &&
      graph.nodes[wire.node]!.inputs.filter((input) => input === wire.input).length === 1
    ) {
      found.push({
        rule: ["upstream-ignored", "local-missing"],
        formula: gradient(
          graph,
          ask,
          (node, position, right) => (node === wire.node && position === wire.position ? right : right),
          (node, upstream) => (node === wire.node ? numberFormula(1) : upstream),
        ),
      });
    }
  }
  for (const node of graph.nodes) {
    if (node.kind !== "constant") found.push({ rule: ["value-for-gradient"], formula: nameFormula(node.name) });
  }
  return found;
}

function reaches(graph: Graph, from: number, to: number): boolean {
  return from === to || graph.nodes[to]!.inputs.some((input) => reaches(graph, from, input));
}

/** Equal at thirty points of the test's own. */
export function sameEverywhere(graph: Graph, a: Formula, b: Formula): boolean {
  let usable = 0;
  for (let round = 0; round < 30; round++) {
    const leaves = new Map(
      graph.nodes.flatMap((node) =>
        node.kind === "variable"
          ? [[node.index, Math.sin(12.9898 * (node.index + 1) + 78.233 * round) * 2] as const]
          : [],
      ),
    );
    const values = replay(graph, leaves);
    // At a kink itself, such as that of relu(relu(x)) where x is negative, nothing is right or wrong.
    const kinked = graph.nodes.some(({ primitive, inputs }) => {
      if (primitive?.family !== "elementwise") return false;
      return primitive.kink(...inputs.map((input) => values[input]!)) === 0;
    });
    // Of the sine of something huge only the rounding is left.
    if (kinked || values.some((value) => Math.abs(value) > 1e6)) continue;
    const numbers = new Map(graph.nodes.map((node) => [node.name, values[node.index]!]));
    const [left, right] = [a, b].map((formula) => evaluateFormula(formula, (name) => numbers.get(name)!));
    if (!Number.isFinite(right)) continue;
    usable++;
    if (!(Math.abs(left! - right!) <= 1e-7 * Math.max(1e-3, Math.abs(right!)))) return false;
  }
  return usable > 0;
}
