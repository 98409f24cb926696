import type { Graph } from "../graph/graph.ts";
import type { ModuleScope } from "../graph/modules.ts";

/** One call of a layer, as far as a graph shows it. */
export interface Call {
  readonly scope: ModuleScope;
  /** What it is asked for by: "encoder.layers.0"; a second call of the same layer is "encoder.layers.0 2". */
  readonly path: string;
  /** The path without the number of the call. */
  readonly layer: string;
  readonly parent: Call | undefined;
  readonly inner: readonly Call[];
  /** Whether its inner calls are the steps of a recurrence. */
  readonly steps: number;
}

/** The calls of layers that made a graph's nodes. */
export interface Calls {
  /** In the order in which they were made; a call comes before those in it. */
  readonly all: readonly Call[];
  readonly roots: readonly Call[];
  /** The innermost call that made each node. */
  readonly of: readonly (Call | undefined)[];
}

interface Growing {
  readonly scope: ModuleScope;
  readonly path: string;
  readonly layer: string;
  readonly parent: Growing | undefined;
  readonly inner: Growing[];
  steps: number;
}

/** Reads from a graph's nodes which calls of layers there were. */
export function callsOf(graph: Graph): Calls {
  const known = new Map<ModuleScope, Growing>();
  const times = new Map<string, number>();
  const all: Growing[] = [];
  const callOf = (scope: ModuleScope | undefined): Growing | undefined => {
    if (scope === undefined) return undefined;
    const found = known.get(scope);
    if (found !== undefined) return found;
    const parent = callOf(scope.parent);
    const layer = parent === undefined ? scope.name : `${parent.path}.${scope.name}`;
    const time = (times.get(layer) ?? 0) + 1;
    times.set(layer, time);
    const call: Growing = {
      scope,
      path: time === 1 ? layer : `${layer} ${time}`,
      layer,
      parent,
      inner: [],
      steps: 0,
    };
    known.set(scope, call);
    all.push(call);
    parent?.inner.push(call);
    if (parent !== undefined && scope.step !== undefined) parent.steps++;
    return call;
  };
  const of = graph.nodes.map((node) => callOf(node.value.module));
  return { all, roots: all.filter((call) => call.parent === undefined), of };
}

/** What a call's card is headed: the layer's class, or its name where it has none of its own. */
export function headingOf({ scope }: Call): string {
  if (scope.step !== undefined) return `step ${scope.step}`;
  const { name } = scope.module.constructor;
  return name === "" || name === "Object" ? scope.name : name;
}

/** What its parent calls it, where that says more than the heading; with the number of the call where there are several. */
export function nameBeside(call: Call): string | undefined {
  const name = `${call.scope.name}${call.path.slice(call.layer.length)}`;
  const heading = headingOf(call);
  return call.scope.step !== undefined || name.toLowerCase() === heading.toLowerCase() ? undefined : name;
}

/**
 * The calls that names ask for: by their whole path or the end of one. The steps of a recurrence are alike: without a step's
 * number, "lstm.gates" is those of the last. @throws {RangeError} where there is none.
 */
export function callsNamed(calls: Calls, names: readonly string[]): readonly Call[] {
  return names.flatMap((name) => {
    const ends = (path: string): boolean => path === name || path.endsWith(`.${name}`);
    const found = calls.all.filter(({ path, layer }) => ends(path) || ends(layer));
    if (found.length > 0) return found;
    const inSteps = calls.all.findLast((call) => call.scope.step === undefined && ends(withoutSteps(call)));
    if (inSteps === undefined) throw noSuchLayer(calls, name);
    return [inSteps];
  });
}

function withoutSteps({ scope, parent }: Call): string {
  if (parent === undefined) return scope.name;
  return scope.step === undefined ? `${withoutSteps(parent)}.${scope.name}` : withoutSteps(parent);
}

const mostListed = 24;

function noSuchLayer({ all, roots }: Calls, name: string): RangeError {
  if (all.length === 0) {
    return new RangeError(`show: there is no layer ${name} to expand: no layer made any of these values.`);
  }
  const root = roots.length === 1 ? `${roots[0]!.path}.` : "";
  const known = [
    ...new Set(all.map(({ layer }) => (layer.startsWith(root) && root !== layer ? layer.slice(root.length) : layer))),
  ];
  const listed = known.slice(0, mostListed).join(", ");
  const more = known.length > mostListed ? `, and ${known.length - mostListed} more` : "";
  return new RangeError(`show: there is no layer ${name} to expand; there are ${listed}${more}.`);
}

/** Whether `outer` is the call or one around it. */
export function isInside(call: Call | undefined, outer: Call): boolean {
  for (let at = call; at !== undefined; at = at.parent) if (at === outer) return true;
  return false;
}
