import type { Parameters, Primitive } from "./primitive.ts";
import type { DType, Storage } from "./storage.ts";
import type { Value } from "./value.ts";

/**
 * The tape: every node that was made, in the order it was made, as columns of numbers. Order on the tape is a
 * topological order, so a walk backward is a loop.
 *
 * The tape is cut into segments. A handle (`Value`) holds its segment, a segment holds handles to the older nodes that
 * its own nodes read; when no handle reaches a segment, the garbage collector frees it. Nobody calls dispose.
 */
export class Segment {
  /** Id of the first node; ids grow along the tape, across segments. */
  readonly base: number;
  length = 0;
  /** Position of the primitive in `primitives`, or one of the two codes below. */
  codes: Uint8Array = new Uint8Array(initialCapacity);
  /** Inputs: a position in this segment, or −1 − position in `foreign`, or `none`. */
  first: Int32Array = new Int32Array(initialCapacity);
  second: Int32Array = new Int32Array(initialCapacity);
  /** Values of float64 scalars. */
  scalars: Float64Array = new Float64Array(initialCapacity);
  /** 1 where a variable is among the ancestors. */
  needsGradient: Uint8Array = new Uint8Array(initialCapacity);
  /** Values of all that is not a float64 scalar. */
  readonly storages: Map<number, Storage> = new Map();
  readonly parameters: Map<number, Parameters> = new Map();
  readonly names: Map<number, string> = new Map();
  /** Nodes of older segments that nodes of this one read. */
  readonly foreign: Value[] = [];

  constructor(base: number) {
    this.base = base;
  }

  grow(): void {
    const capacity = this.codes.length * 2;
    this.codes = extended(this.codes, new Uint8Array(capacity));
    this.first = extended(this.first, new Int32Array(capacity));
    this.second = extended(this.second, new Int32Array(capacity));
    this.scalars = extended(this.scalars, new Float64Array(capacity));
    this.needsGradient = extended(this.needsGradient, new Uint8Array(capacity));
  }

  /** Position of `input` as one of this segment's columns stores it. */
  reference(input: Value): number {
    if (input.segment === this) return input.position;
    this.foreign.push(input);
    return -this.foreign.length;
  }

  /** The value of a node, whatever holds it. */
  storage(position: number): Storage {
    return (
      this.storages.get(position) ?? { shape: [], dtype: "float64", data: Float64Array.of(this.scalars[position]!) }
    );
  }

  isScalar(position: number): boolean {
    return this.storages.size === 0 || !this.storages.has(position);
  }

  dtype(position: number): DType {
    return this.storages.get(position)?.dtype ?? "float64";
  }
}

const initialCapacity = 64;
/** A full segment is closed, so that what hangs on one node of it stays bounded. */
const largestCapacity = 65_536;

/** In place of a primitive's code. */
export const variableCode = 255;
export const constantCode = 254;
/** In place of an input. */
export const none: number = -0x8000_0000;

function extended<Column extends Uint8Array | Int32Array | Float64Array>(from: Column, to: Column): Column {
  to.set(from as never);
  return to;
}

let current = new Segment(0);

/** Starts a new segment; nodes made so far stay where they are. */
export function closeSegment(): void {
  if (current.length > 0) current = new Segment(current.base + current.length);
}

/** The segment that takes the next node, with room for it. */
export function openSegment(): Segment {
  if (current.length === current.codes.length) {
    if (current.length >= largestCapacity) closeSegment();
    else current.grow();
  }
  return current;
}

/** Primitives by code; filled by primitives.ts as it defines them. */
export const primitives: Primitive[] = [];
