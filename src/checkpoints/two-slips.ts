import type { Graph } from "../graph/graph.ts";
import type { Wire } from "../views/marks.ts";
import type { Ask } from "./asks.ts";
import { type LocalMistake, localMistakes } from "./local-mistakes.ts";
import type { Slip } from "./mistakes.ts";
import { gradientsAt, type Point } from "./point.ts";
import { concerns, keysAt, wiresBetween, wordsOf, wrongLocalAt } from "./wires.ts";

/** A wrong derivative at one wire. */
interface Single {
  readonly mistake: LocalMistake;
  readonly wire: Wire;
  readonly wrongAt: (point: Point, right: number) => number;
}

/** At most so many pairs are tried: each costs a backward pass at a point. */
const mostPairs = 3000;

/** Too rare to be one of two. */
const lonely: ReadonlySet<string> = new Set(["link-twice", "link-inverted", "product-of-both", "maximum-value"]);

/**
 * Two mistakes at once, at different wires: looked for only where no single one explains the answer. Made one by one, so
 * that whoever finds what fits need not wait for the rest.
 */
export function* twoSlips(graph: Graph, ask: Ask, known: ReadonlySet<string>): Generator<Slip> {
  if (ask.kind !== "gradient") return;
  const { output, node } = ask;
  const singles = wiresBetween(graph, node, output)
    .filter((wire) => !keysAt(graph, output, wire).some((key) => known.has(key)))
    .flatMap((wire): Single[] =>
      localMistakes
        .filter((mistake) => !lonely.has(mistake.id) && concerns(graph, mistake, wire))
        .map((mistake) => ({ mistake, wire, wrongAt: wrongLocalAt(mistake, wire) })),
    );
  let tried = 0;
  // Mistakes that say most stand first; pairs of those are looked at first.
  const order = new Map(localMistakes.map((mistake, index) => [mistake, index]));
  const ranked = [...singles].sort((a, b) => order.get(a.mistake)! - order.get(b.mistake)!);
  for (const [index, second] of ranked.entries()) {
    for (const first of ranked.slice(0, index)) {
      if (first.wire.node === second.wire.node && first.wire.position === second.wire.position) continue;
      if (tried++ > mostPairs) return;
      yield together(graph, output, node, first, second);
    }
  }
}

function together(graph: Graph, output: number, node: number, first: Single, second: Single): Slip {
  const both = [first, second];
  const [one, other] = both.map(({ mistake, wire }) => mistake.sentence(wordsOf(graph, output, wire)));
  return {
    rule: "two-slips",
    at: (point) =>
      gradientsAt(point, output, {
        local: (at, position, right) =>
          both.find(({ wire }) => wire.node === at && wire.position === position)?.wrongAt(point, right) ?? right,
      })[node]!,
    sentence: `Two slips at once. ${one} And: ${other}`,
    place: "",
    marks: both.map(({ wire }) => ({ kind: "wrong", wire })),
    through: [],
  };
}
