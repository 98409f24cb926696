import { derivativeName, type Graph } from "../graph/graph.ts";
import type { Mark } from "../views/marks.ts";
import { type Ask, keyOf, symbolOf } from "./asks.ts";
import { plainName } from "./notation.ts";

/** A derivative as an answer may name it, dL/dY: one that is found before, or why it cannot be named. */
export interface Derivative {
  readonly top: string;
  readonly bottom: string;
  readonly meaning: { readonly source: Exclude<Ask, { kind: "value" }> } | { readonly refused: string };
}

/** Derivatives that are asked before this one can be used in it; others are named and refused, with the reason. */
export function derivativesFor(graph: Graph, asks: readonly Ask[], ask: Ask): readonly Derivative[] {
  if (ask.kind !== "gradient") return [];
  const { nodes } = graph;
  const own = keyOf(graph, ask);
  const asked = asks.filter((other) => other.kind !== "value");
  const known = new Set(asked.map((other) => keyOf(graph, other)));
  const further = askable(graph, ask.output).filter((other) => !known.has(keyOf(graph, other)));
  return [...asked, ...further].map((source): Derivative => {
    const [top, bottom] = source.kind === "gradient" ? [source.output, source.node] : [source.node, source.input];
    const symbol = symbolOf(graph, source);
    const refused =
      top === bottom
        ? `${symbol} is 1: write 1.`
        : keyOf(graph, source) === own
          ? `${symbol} is what is asked here: write what it is made of.`
          : !known.has(keyOf(graph, source))
            ? `${symbol} is not asked in this checkpoint, so it cannot be part of an answer: write what it is.`
            : comesLater(graph, source, ask)
              ? `${symbol} comes after ${symbolOf(graph, ask)} on the way back; write this one without it.`
              : undefined;
    return {
      top: nodes[top]!.name,
      bottom: nodes[bottom]!.name,
      meaning: refused === undefined ? { source } : { refused },
    };
  });
}

/** What a learner may want to name: the gradients of an output, and the derivatives of operations by their inputs. */
function askable({ nodes, outputs }: Graph, output: number): readonly Exclude<Ask, { kind: "value" }>[] {
  const moving = nodes.filter(({ needsGradient }) => needsGradient);
  return [
    ...moving
      .filter(({ index }) => index <= Math.max(output, outputs[0]!))
      .map(({ index }) => ({ kind: "gradient", output, node: index }) as const),
    ...moving.flatMap(({ index, inputs }) =>
      [...new Set(inputs)]
        .filter((input) => nodes[input]!.needsGradient && index !== output)
        .map((input) => ({ kind: "local", node: index, input }) as const),
    ),
  ];
}

type Gradient = Extract<Ask, { kind: "gradient" }>;

/** A gradient is found after those nearer to the output; derivatives of something before it rest on none of them. */
function comesLater(graph: Graph, source: Exclude<Ask, { kind: "value" }>, ask: Gradient): boolean {
  if (source.kind === "local") return false;
  if (source.output !== ask.output) return source.output > ask.output;
  return placeOf(graph, source) > placeOf(graph, ask);
}

/** When a gradient is found on the way back: operations from the last one on, then leaves. */
function placeOf({ nodes }: Graph, { node }: Gradient): number {
  return nodes[node]!.kind === "operation" ? nodes.length - node : nodes.length + node;
}

/**
 * Whether a slip can be made on the way from derivatives that an answer names: what lies behind them was found already.
 * Everything can where it names none.
 */
export function afterNamed(named: readonly Ask[]): (slip: { readonly marks: readonly Mark[] }) => boolean {
  const furthest = Math.max(...named.flatMap((ask) => (ask.kind === "gradient" ? [ask.node] : [])));
  return ({ marks }) =>
    furthest === Number.NEGATIVE_INFINITY || marks.every((mark) => mark.kind !== "wrong" || mark.wire.node <= furthest);
}

/** The name under which a derivative stands in a formula. */
export function nameIn({ top, bottom }: Derivative): string {
  return derivativeName(top, bottom);
}

/** dL/dY, ∂L/∂Y, with or without spaces, where no longer name follows. */
export function spelledDerivative({ top, bottom }: Derivative): RegExp {
  return new RegExp(
    `^[d∂𝜕]\\s*${spelled(top)}\\s*[/∕⁄÷]\\s*[d∂𝜕]\\s*${spelled(bottom)}(?!(?!ᵀ)[\\p{L}\\p{Nd}_₀-₉])`,
    "u",
  );
}

function spelled(name: string): string {
  const forms = [...new Set([name, name.normalize("NFC"), plainName(name)])];
  return `(?:${forms.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|")})`;
}
