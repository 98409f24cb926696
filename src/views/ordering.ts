/** What of dagre's graph is read and written: each wire passes every rank between its ends as a node of its own. */
export interface RankedGraph {
  nodes(): readonly string[];
  node(name: string): RankedNode;
  edges(): readonly { readonly v: string; readonly w: string }[];
  edge(edge: { readonly v: string; readonly w: string }): { readonly weight: number };
  successors(name: string): readonly string[] | undefined;
}

interface RankedNode {
  readonly rank: number;
  /** "edge" is a bend of a wire. */
  readonly dummy?: string;
  readonly edgeObj?: { readonly v: string; readonly w: string };
  order?: number;
}

/**
 * The order of what stands in each rank, for dagre: its own heuristic (Gansner et al. 1993: sweeps by barycentres, the
 * order with the fewest crossings wins) with its outcome, to the node, but on arrays of numbers. dagre makes two graphs of
 * each rank for it, which takes half the time of a layout.
 */
export function orderRanks(graph: RankedGraph): void {
  const names = graph.nodes();
  const labels = names.map((name) => graph.node(name));
  const indices = new Map(names.map((name, index) => [name, index]));
  const nodes = labels.map((label, index): Node => {
    const { edgeObj } = label;
    const pair = label.dummy === "edge" && edgeObj !== undefined ? `${edgeObj.v}\0${edgeObj.w}` : undefined;
    return { index, rank: label.rank, place: 0, order: 0, before: [], after: [], pair };
  });
  for (const edge of graph.edges()) {
    const [from, to] = [nodes[indices.get(edge.v)!]!, nodes[indices.get(edge.w)!]!];
    const weight = graph.edge(edge).weight;
    from.after.push({ node: to, weight });
    to.before.push({ node: from, weight });
  }
  const ranks: Node[][] = Array.from({ length: Math.max(...nodes.map(({ rank }) => rank)) + 1 }, () => []);
  for (const node of nodes) node.place = ranks[node.rank]!.push(node) - 1;

  const started = Array.from(ranks, (): Node[] => []);
  const found = new Set<Node>();
  const start = (node: Node): void => {
    if (found.has(node)) return;
    found.add(node);
    started[node.rank]!.push(node);
    for (const name of graph.successors(names[node.index]!) ?? []) start(nodes[indices.get(name)!]!);
  };
  for (const node of nodes.toSorted((a, b) => a.rank - b.rank)) start(node);
  started.forEach(assign);

  let fewest = Number.POSITIVE_INFINITY;
  let best: readonly number[] = [];
  for (let sweep = 0, idle = 0; idle < patience; sweep++, idle++) {
    const downward = sweep % 2 === 1;
    let rightFirst = true;
    for (const rank of downward ? ranks.slice(1) : ranks.slice(0, -1).reverse()) {
      const { sorted, tied } = sortedRank(rank, downward ? "before" : "after", rightFirst);
      if (tied && sweep % 4 >= 2) rightFirst = !rightFirst;
      assign(sorted);
    }
    const crossings = ranks.reduce((sum, rank) => sum + crossingsAfter(rank), 0);
    if (crossings > fewest) continue;
    best = nodes.map(({ order }) => order);
    if (crossings < fewest) idle = 0;
    fewest = crossings;
  }
  for (const [index, label] of labels.entries()) label.order = best[index]!;
}

/** So many sweeps without fewer crossings end the search. */
const patience = 4;

interface Node {
  readonly index: number;
  readonly rank: number;
  /** Its place in its rank as it was given. */
  place: number;
  order: number;
  readonly before: { readonly node: Node; readonly weight: number }[];
  readonly after: { readonly node: Node; readonly weight: number }[];
  /** What a bend of a wire connects: wires between the same two stay side by side. */
  readonly pair: string | undefined;
}

function assign(rank: readonly Node[]): void {
  for (const [order, node] of rank.entries()) node.order = order;
}

/** A rank by the weighted means of its neighbours' places; what has no neighbour on that side stays where it was given. */
function sortedRank(
  rank: readonly Node[],
  side: "before" | "after",
  rightFirst: boolean,
): { readonly sorted: readonly Node[]; readonly tied: boolean } {
  const entries: { readonly node: Node; readonly mean: number }[] = [];
  const free: Node[] = [];
  for (const node of rank.toReversed()) {
    const neighbours = node[side];
    if (neighbours.length === 0) {
      free.unshift(node);
      continue;
    }
    const weight = neighbours.reduce((sum, each) => sum + each.weight, 0);
    entries.push({ node, mean: neighbours.reduce((sum, each) => sum + each.weight * each.node.order, 0) / weight });
  }
  let tied = false;
  const followers = new Map<Node, Node[]>();
  for (let one = 0; one < entries.length; one++) {
    for (let other = one + 1; other < entries.length; other++) {
      const [{ node, mean }, next] = [entries[one]!, entries[other]!];
      if (mean === 0 || mean !== next.mean) continue;
      if (node.pair === undefined || node.pair !== next.node.pair) tied = true;
      else {
        followers.set(node, [next.node, ...(followers.get(node) ?? [])]);
        entries.splice(other--, 1);
      }
    }
  }
  entries.sort((a, b) => a.mean - b.mean || (rightFirst ? b.node.place - a.node.place : a.node.place - b.node.place));
  const means = entries.map(({ node }) => node);
  for (const [node, pair] of followers) means.splice(means.indexOf(node) + 1, 0, ...pair);
  const sorted: Node[] = [];
  const putFree = (): void => {
    while (free.length > 0 && free[0]!.place <= sorted.length) sorted.push(free.shift()!);
  };
  putFree();
  for (const node of means) {
    sorted.push(node);
    putFree();
  }
  return { sorted, tied };
}

/** Crossings, by weight, of what leaves a rank. */
function crossingsAfter(rank: readonly Node[]): number {
  const ends = rank
    .toSorted((a, b) => a.order - b.order)
    .map(({ after }) => after.map(({ node, weight }) => ({ at: node.order, weight })));
  let crossings = 0;
  for (const [index, later] of ends.entries()) {
    for (const earlier of ends.slice(0, index)) {
      for (const a of earlier) for (const b of later) if (a.at > b.at) crossings += a.weight * b.weight;
    }
  }
  return crossings;
}
