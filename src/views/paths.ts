import type { Graph } from "../graph/graph.ts";

/** One wire on a path, by the operation it leads into. */
export interface PathStep {
  readonly node: number;
  readonly position: number;
}

const mostPaths = 3;

/** How many paths lead from a node to one of `ends`, and the first of them. */
export function pathsTo(
  graph: Graph,
  from: number,
  ends: ReadonlySet<number>,
): { readonly total: number; readonly listed: readonly (readonly PathStep[])[] } {
  const counts = new Array<number>(graph.nodes.length).fill(0);
  for (const node of [...graph.nodes].reverse()) {
    const own = ends.has(node.index) ? 1 : 0;
    counts[node.index] = node.users.reduce((sum, user) => sum + counts[user.node]!, own);
  }
  const listed: (readonly PathStep[])[] = [];
  const follow = (node: number, path: readonly PathStep[]): void => {
    if (ends.has(node) && listed.length < mostPaths) listed.push(path);
    for (const user of graph.nodes[node]!.users) {
      if (listed.length < mostPaths && counts[user.node]! > 0) follow(user.node, [...path, user]);
    }
  };
  follow(from, []);
  return { total: counts[from]!, listed };
}
