import assert from "node:assert/strict";
import dagre from "@dagrejs/dagre";
import fc from "fast-check";
import { orderRanks } from "../../../src/views/ordering.ts";

interface Recipe {
  readonly sizes: readonly number[];
  /** From the smaller to the larger of two, with a label or without. */
  readonly wires: readonly (readonly [number, number, boolean])[];
}

const recipes: fc.Arbitrary<Recipe> = fc
  .array(fc.integer({ min: 10, max: 90 }), { minLength: 2, maxLength: 14 })
  .chain((sizes) => {
    const node = fc.nat(sizes.length - 1);
    return fc.record({
      sizes: fc.constant(sizes),
      wires: fc.array(fc.tuple(node, node, fc.boolean()), { minLength: 1, maxLength: 24 }),
    });
  });

function laidOut({ sizes, wires }: Recipe, options: object): unknown {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", ranksep: 30, nodesep: 8, edgesep: 6 });
  for (const [index, size] of sizes.entries()) graph.setNode(`n${index}`, { width: size, height: size / 2 });
  const counts = new Map<string, number>();
  for (const [index, [one, other, labelled]] of wires.entries()) {
    // Of three between the same two dagre loses one.
    const pair = [one, other].sort().join();
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
    if (one === other || counts.get(pair)! > 2) continue;
    const label = labelled ? { width: 40, height: 20, labelpos: "c" } : {};
    const [from, to] = [Math.min(one, other), Math.max(one, other)];
    graph.setEdge(`n${from}`, `n${to}`, { ...label, weight: labelled ? 1 : 8, minlen: 1 }, `w${index}`);
  }
  dagre.layout(graph, options);
  return {
    nodes: graph.nodes().map((name: string) => [name, graph.node(name).x, graph.node(name).y]),
    edges: graph.edges().map((edge: { v: string; w: string; name: string }) => [edge.name, graph.edge(edge).points]),
  };
}

describe("the order of ranks", () => {
  it("is dagre's own, in graphs with long wires, wires side by side, and parts without a connection", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        assert.deepEqual(laidOut(recipe, { customOrder: orderRanks }), laidOut(recipe, {}));
      }),
      { numRuns: 300 },
    );
  });
});
