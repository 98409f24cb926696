import { pullBack } from "../../autodiff/rules.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { div } from "../../graph/primitives.ts";
import { sameShape } from "../../graph/shape.ts";
import { filledLike, type Value } from "../../graph/value.ts";
import type { Mark, Wire } from "../../views/marks.ts";
import { ancestorsOf } from "../asks.ts";
import { added } from "./path-mistakes.ts";
import { descendantsOf, type Part, type TensorDetour, type TensorPoint } from "./point.ts";
import { type TensorSlip, walkedWith } from "./slip.ts";

/** Mistakes in backpropagation through time: one leaf used by the same operation in step after step. */
export function stepSlips(graph: Graph, output: number, target: number): readonly TensorSlip[] {
  const steps = stepsOf(graph, output, target);
  if (steps.length < 2) return [];
  const name = graph.nodes[target]!.name;
  const nodes = steps.map((step) => graph.nodes[step.node]!.name);
  const wires = steps.map((step): Wire => step);
  const slip = (
    rule: string,
    detour: (point: TensorPoint) => TensorDetour,
    sentence: string,
    missing: readonly Wire[],
  ): TensorSlip => ({
    rule,
    at: walkedWith(output, target, detour),
    sentence,
    place: "",
    marks: missing.length === 0 ? [] : [{ kind: "missing", wires: missing } satisfies Mark],
    through: [],
  });
  const ofSteps = (chosen: (parts: readonly Part[]) => Value | undefined) => (): TensorDetour => ({
    total: (node, parts) => (node === target ? chosen(inOrder(parts, steps)) : undefined),
  });
  const all = `${name} is used in ${steps.length} steps (${nodes.join(", ")})`;
  return [
    slip(
      "last-step-only",
      ofSteps((parts) => parts.at(-1)?.part),
      `${all}; every one of them adds to its gradient. You counted the last step only.`,
      wires.slice(0, -1),
    ),
    slip(
      "first-step-only",
      ofSteps((parts) => parts[0]?.part),
      `${all}; every one of them adds to its gradient. You counted the first step only.`,
      wires.slice(1),
    ),
    slip(
      "steps-averaged",
      ofSteps((parts) => div(added(parts.map(({ part }) => part))!, parts.length)),
      `${all}; what the steps bring adds up. You took the mean over the steps.`,
      [],
    ),
    slip(
      "time-path-missing",
      (): TensorDetour => ({
        part: ({ node, position }, right) =>
          throughTime(graph, steps, node, position) ? filledLike(right, 0) : undefined,
      }),
      `${all}, and each also acts through the steps after it. You counted each step by itself: the way back through time is missing.`,
      graph.edges
        .filter((edge) => throughTime(graph, steps, edge.to, edge.position))
        .map(({ to, position }): Wire => ({ node: to, position })),
    ),
    ...offByOne(graph, target, steps).map(({ detour, sentence }) => slip("step-off-by-one", detour, sentence, [])),
  ];
}

/** The uses of the node by one and the same operation, each computed from the one before. */
function stepsOf(graph: Graph, output: number, target: number): readonly Wire[] {
  const above = ancestorsOf(graph, output);
  const users = graph.nodes[target]!.users.filter((user) => above.has(user.node));
  const [first] = users;
  const alike = users.every(
    (user) =>
      user.position === first!.position && graph.nodes[user.node]!.primitive === graph.nodes[first!.node]!.primitive,
  );
  const chained = users.every((user, i) => i === 0 || descendantsOf(graph, users[i - 1]!.node).has(user.node));
  return users.length >= 2 && alike && chained ? users : [];
}

function inOrder(parts: readonly Part[], steps: readonly Wire[]): readonly Part[] {
  return steps.flatMap((step) =>
    parts.filter(({ wire }) => wire.node === step.node && wire.position === step.position),
  );
}

/** Whether the wire brings the state of an earlier step into a later one. */
function throughTime(graph: Graph, steps: readonly Wire[], node: number, position: number): boolean {
  const input = graph.nodes[node]!.inputs[position]!;
  return steps.some((step, i) => {
    const next = steps[i + 1];
    if (next === undefined) return false;
    const state = graph.nodes[next.node]!.inputs[1 - next.position];
    return node === next.node && position === 1 - next.position && input === state && input > step.node;
  });
}

/** The other operand of each step taken from the step after it, or before it. */
function offByOne(
  graph: Graph,
  target: number,
  steps: readonly Wire[],
): readonly { readonly detour: (point: TensorPoint) => TensorDetour; readonly sentence: string }[] {
  const states = steps.map((step) => graph.nodes[step.node]!.inputs[1 - step.position]);
  if (steps.some((step) => graph.nodes[step.node]!.inputs.length !== 2) || new Set(states).size < 2) return [];
  const after = nextState(graph, steps.at(-1)!, states.at(-1)!);
  const shifted: readonly (readonly (number | undefined)[])[] = [
    ...(after === undefined ? [] : [[...states.slice(1), after]]),
    [undefined, ...states.slice(0, -1)],
  ];
  const name = (index: number | undefined): string => (index === undefined ? "nothing" : graph.nodes[index]!.name);
  return shifted.map((others) => ({
    detour: ({ values }: TensorPoint): TensorDetour => ({
      part: ({ node, position }, right, upstream) => {
        const step = steps.findIndex((one) => one.node === node && one.position === position);
        if (step < 0) return undefined;
        const other = others[step];
        if (other === undefined) return filledLike(right, 0);
        return withOther(graph.nodes[node]!, position, values, other, upstream);
      },
    }),
    sentence:
      `Off by one step: ${graph.nodes[target]!.name} meets ${states.map(name).join(", ")} in its steps, ` +
      `so these stand in its gradient; you took ${others.map(name).join(", ")}.`,
  }));
}

/** What the step's operation passes back, had it met another operand. */
function withOther(
  node: GraphNode,
  position: number,
  values: readonly Value[],
  other: number,
  upstream: Value,
): Value | undefined {
  const inputs = node.inputs.map((input, at) => values[at === position ? input : other]!);
  return pullBack(node.primitive!.apply(inputs, node.value.parameters), upstream)[position];
}

/** The state that the step itself leads to: the first of that shape with a name that is computed from it. */
function nextState(graph: Graph, step: Wire, state: number): number | undefined {
  const later = descendantsOf(graph, step.node);
  const { shape } = graph.nodes[state]!.value;
  return graph.nodes.find(
    (node) => node.index > step.node && later.has(node.index) && node.named && sameShape(node.value.shape, shape),
  )?.index;
}
