import { GradientError } from "../graph/errors.ts";
import { type Graph, type GraphNode, graphOf } from "../graph/graph.ts";
import { sizeOf } from "../graph/shape.ts";
import type { Storage } from "../graph/storage.ts";
import { closeSegment, nextId } from "../graph/tape.ts";
import { filledLike, nameOf, type Value } from "../graph/value.ts";
import { GraphPass } from "./backward.ts";
import { nested } from "./nesting.ts";
import { madeSince, multiplicationsOf } from "./rules.ts";
import { pushTangents } from "./transforms.ts";

/** What a pass costs. */
export interface Work {
  /** Numbers that were multiplied or divided; powers and functions such as exp count as one each. */
  readonly multiplications: number;
  /** Bytes that were written for results; a view of another value writes none. */
  readonly bytes: number;
}

/** A value that the forward pass must keep, since the backward pass reads it. */
export interface StoredValue {
  readonly node: GraphNode;
  readonly bytes: number;
  /** The operations whose derivative reads it. */
  readonly readBy: readonly GraphNode[];
}

/** What a gradient costs, counted on the graph that was run. */
export interface GradientCost {
  readonly graph: Graph;
  readonly forward: Work;
  readonly backward: Work;
  /** What the forward pass keeps for the backward pass, in the order it was made. */
  readonly stored: readonly StoredValue[];
  readonly storedBytes: number;
  /** Multiplications for the gradient by every number of every variable, in three ways. */
  readonly ways: {
    /** Forward once, backward once. */
    readonly reverse: number;
    /** Forward once, and one pass with tangents for each number of the variables. */
    readonly forwardMode: number;
    /** Forward twice for each number of the variables. */
    readonly differences: number;
  };
}

/**
 * Counts what the gradient of z costs: multiplications and bytes of the forward and the backward pass, and which
 * intermediate values have to be kept in between. Nothing is estimated: the backward pass is recorded and its
 * operations are counted. Of a graph with `remat` in it, the backward pass counts what is run again.
 *
 * @throws {GradientError} where z does not depend on a variable.
 *
 * @example
 * ```ts
 * import { costOf, mul, sum, variable } from "gradbook";
 * const x = variable([1, 2, 3]), w = variable([4, 5, 6]);
 * const cost = costOf(sum(mul(x, w)));
 * cost.forward.multiplications // 3
 * cost.backward.multiplications // 6
 * cost.stored.map(({ node }) => node.name) // [ 'x', 'w' ]
 * ```
 */
export function costOf(z: Value): GradientCost {
  if (!z.needsGradient) throw new GradientError(`costOf: ${nameOf(z)} does not depend on a variable.`);
  const graph = graphOf(z);
  const byId = new Map(graph.nodes.map((node) => [node.value.id, node]));
  const readers = new Map<GraphNode, GraphNode[]>();
  closeSegment();
  const start = nextId();
  const made = new Map<number, Value>();
  nested(
    () =>
      new GraphPass(z, filledLike(z, 1), 0, (node, parts) => {
        for (const value of madeSince(parts, start, made)) {
          for (const input of value.inputs) {
            const read = byId.get(input.id);
            if (read === undefined) continue;
            const list = readers.get(read) ?? [];
            const reader = byId.get(node.id)!;
            if (!list.includes(reader)) list.push(reader);
            readers.set(read, list);
          }
        }
      }),
  );
  const forward = workOf(graph.nodes.map(({ value }) => value));
  const backward = workOf([...made.values()]);
  const stored = graph.nodes.flatMap((node): StoredValue[] => {
    const readBy = readers.get(node);
    return readBy === undefined ? [] : [{ node, bytes: bytesWritten(node.value), readBy }];
  });
  const variables = graph.nodes.filter(({ kind }) => kind === "variable").map(({ value }) => value);
  let forwardMode = forward.multiplications;
  let count = 0;
  for (const variable of variables) {
    count += sizeOf(variable.shape);
    forwardMode += sizeOf(variable.shape) * tangentWork(z, variable);
  }
  closeSegment();
  return {
    graph,
    forward,
    backward,
    stored,
    storedBytes: stored.reduce((total, { bytes }) => total + bytes, 0),
    ways: {
      reverse: forward.multiplications + backward.multiplications,
      forwardMode,
      differences: 2 * count * forward.multiplications,
    },
  };
}

/** Multiplications of one pass of tangents from one variable. */
function tangentWork(z: Value, variable: Value): number {
  const start = nextId();
  const moving = new Map([[variable.id, filledLike(variable, 1)]]);
  nested(() => pushTangents(z, moving));
  return workOf(madeSince([...moving.values()], start)).multiplications;
}

function workOf(values: readonly Value[]): Work {
  let multiplications = 0;
  let bytes = 0;
  for (const value of values) {
    if (value.primitive === undefined) continue;
    multiplications += multiplicationsOf(value);
    bytes += bytesWritten(value);
  }
  return { multiplications, bytes };
}

const bytesOf = { float64: 8, float32: 4, int32: 4, bool: 1 } as const;

function bytesWritten(value: Value): number {
  if (value.segment.isScalar(value.position)) return bytesOf.float64;
  const own = value.storage;
  const shared = value.inputs.some((input) => !input.segment.isScalar(input.position) && isViewOf(own, input.storage));
  return shared ? 0 : sizeOf(value.shape) * bytesOf[value.dtype];
}

/** Blocks never overlap by chance: where one lies inside the other, it is a view. */
function isViewOf(x: Storage, y: Storage): boolean {
  if (x.data !== y.data) return false;
  const end = y.shape.reduce((at, length, axis) => at + Math.max(length - 1, 0) * y.strides[axis]!, y.offset);
  return x.offset >= y.offset && x.offset <= end;
}
