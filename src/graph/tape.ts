import type { ModuleScope } from "./modules.ts";
import type { Parameters, Primitive } from "./primitive.ts";
import { type Shape, sizeOf } from "./shape.ts";
import { type DType, filled, onlyNumber, type Storage } from "./storage.ts";
import type { Value } from "./value.ts";

/**
 * How many nodes share one set of columns; a power of two, as positions are packed into references. So many that a graph
 * seldom crosses from one slab to the next: an input on another slab costs a node half as much again. What is not used yet takes no memory.
 */
const positionBits = 18;
const slabLength: number = 1 << positionBits;
/** How many older segments the references of one can tell apart. */
const slotLimit: number = 1 << (31 - positionBits);

/**
 * The tape: every node that was made, in the order it was made, as columns of numbers. Order on the tape is a
 * topological order, so a walk backward is a loop.
 *
 * The tape is cut into segments. A handle (`Value`) holds its segment, a segment holds the older segments that its own
 * nodes read; when no handle reaches a segment, the garbage collector frees it. Nobody calls dispose. Columns are shared by
 * neighbouring segments, so that a short segment costs nothing but itself.
 */
export class Segment {
  // Declared only: see Value.
  /** Three words a node: the code with its marks; the two inputs, each a position in this segment, a reference abroad (below 0), or `none`. */
  declare readonly words: Int32Array;
  /** Values of float64 scalars; for other nodes where in `blocks` their value is. */
  declare readonly scalars: Float64Array;
  /** Id of position 0; ids grow along the tape, across segments. */
  declare readonly base: number;
  /** Positions of this segment: from `start` up to, not including, `end`. */
  declare readonly start: number;
  declare end: number;
  /** Values of all that is not a float64 scalar. */
  declare readonly blocks: Storage[];
  /** Older segments that nodes of this one read. */
  declare readonly foreign: Segment[];
  /** The one of them that was read last, and its place: most often it is read again. */
  declare private near: Segment | undefined;
  declare private slot: number;
  declare private slots: Map<Segment, number> | undefined;
  /** What few nodes have; made when the first comes. */
  declare parameters: Map<number, Parameters> | undefined;
  declare names: Map<number, string> | undefined;
  /** Backward passes that were recorded as a graph, of which nodes of this segment are gradients. */
  declare gradients: GradientRecord[] | undefined;
  /** Inputs after the second. */
  declare furtherInputs: Map<number, readonly Value[]> | undefined;
  /** Primitives that one call made for itself. */
  declare ownPrimitives: Map<number, Primitive> | undefined;
  /** From which position on nodes belong to which layer's call. */
  declare scopes: { readonly from: number; readonly scope: ModuleScope | undefined }[] | undefined;
  /** How many numbers its blocks hold. */
  declare size: number;

  constructor(words: Int32Array, scalars: Float64Array, base: number, start: number) {
    this.words = words;
    this.scalars = scalars;
    this.base = base;
    this.start = start;
    this.end = start;
    this.blocks = [];
    this.foreign = [];
    this.near = undefined;
    this.slot = 0;
    this.slots = undefined;
    this.parameters = undefined;
    this.names = undefined;
    this.gradients = undefined;
    this.furtherInputs = undefined;
    this.ownPrimitives = undefined;
    this.scopes = undefined;
    this.size = 0;
  }

  /** How one of this segment's nodes refers to `input`. */
  reference(input: Value): number {
    const { segment, position } = input;
    if (segment === this) return position;
    if (segment !== this.near) {
      this.slot = this.slotOf(segment);
      this.near = segment;
    }
    return -1 - ((this.slot << positionBits) | position);
  }

  /** The segment that a reference abroad leads to. */
  segmentAbroad(reference: number): Segment {
    return this.foreign[(-1 - reference) >> positionBits]!;
  }

  private slotOf(segment: Segment): number {
    const { foreign } = this;
    const { length } = foreign;
    for (let slot = length - 1; slot >= 0 && slot >= length - 4; slot--) if (foreign[slot] === segment) return slot;
    if (length < 4) return foreign.push(segment) - 1;
    this.slots ??= new Map(foreign.map((known, slot) => [known, slot]));
    const known = this.slots.get(segment);
    if (known !== undefined) return known;
    this.slots.set(segment, length);
    // A node may add two: whoever comes next starts anew before there is no number left.
    if (length >= slotLimit - 3 && this === tape.current) closeSegment();
    return foreign.push(segment) - 1;
  }

  isScalar(position: number): boolean {
    return (this.words[3 * position]! & blockMark) === 0;
  }

  /** The value of a node, whatever holds it. */
  storage(position: number): Storage {
    if (this.isScalar(position)) return filled("float64", scalarShape, this.scalars[position]!);
    return this.blocks[this.scalars[position]!]!;
  }

  /** The block that is the value of a node; undefined where that is a float64 scalar. */
  block(position: number): Storage | undefined {
    return this.isScalar(position) ? undefined : this.blocks[this.scalars[position]!];
  }

  /** The number of a node that holds one. */
  number(position: number): number {
    return this.isScalar(position) ? this.scalars[position]! : onlyNumber(this.blocks[this.scalars[position]!]!);
  }

  shape(position: number): Shape {
    return this.isScalar(position) ? scalarShape : this.blocks[this.scalars[position]!]!.shape;
  }

  dtype(position: number): DType {
    return this.isScalar(position) ? "float64" : this.blocks[this.scalars[position]!]!.dtype;
  }

  code(position: number): number {
    return this.words[3 * position]! & codeMask;
  }

  needsGradient(position: number): boolean {
    return (this.words[3 * position]! & gradientMark) !== 0;
  }

  /** Takes the value of a node that is no float64 scalar. */
  hold(position: number, storage: Storage): void {
    this.words[3 * position]! |= blockMark;
    this.scalars[position] = this.blocks.push(storage) - 1;
    this.size += sizeOf(storage.shape);
    // Blocks of a graph that nobody holds any more are freed the sooner, the fewer hang together.
    if (this.blocks.length === manyBlocks && this === tape.current) closeSegment();
  }

  /** To differentiation the node is a constant from here on. */
  dropGradient(position: number): void {
    this.words[3 * position]! &= ~gradientMark;
  }

  /** To differentiation the node is an input of its own from here on, though it was computed. */
  markGradient(position: number): void {
    this.words[3 * position]! |= gradientMark;
  }

  scopeAt(position: number): ModuleScope | undefined {
    const { scopes } = this;
    if (scopes === undefined) return undefined;
    // The last note at or before the position: there may be thousands, and a walk asks about every node.
    let first = 0;
    for (let end = scopes.length; first < end; ) {
      const middle = (first + end) >> 1;
      if (scopes[middle]!.from <= position) first = middle + 1;
      else end = middle;
    }
    return scopes[first - 1]?.scope;
  }

  note(scope: ModuleScope | undefined): void {
    this.scopes ??= [];
    this.scopes.push({ from: this.end, scope });
  }
}

/** Which node is the gradient of which: ids of gradients with ids of what they are gradients of. */
export interface GradientRecord {
  readonly output: Value;
  readonly of: ReadonlyMap<number, number>;
}

const scalarShape: Shape = [];

/** The lowest byte of a node's first word is the code of its primitive, or one of these. */
export const codeMask = 0xff;
export const variableCode = 255;
export const constantCode = 254;
/** A primitive that one call made for itself: `ownPrimitives` has it. */
export const ownCode = 253;
/** Set where a variable is among the ancestors (or is the node itself), and derivatives exist. */
export const gradientMark = 0x100;
/** Set where the value is a block: all but float64 scalars. */
export const blockMark = 0x200;

/** Set where an elementwise primitive of one or two inputs made one float64 scalar from others: passes over such nodes are fast. */
export const plainMark = 0x400;

/** In place of an input. */
export const none: number = -0x8000_0000;

/** The position that a reference abroad leads to. */
export function positionAbroad(reference: number): number {
  return (-1 - reference) & positionMask;
}
/** Of a reference abroad, what is left of it when the segment is known: its position. */
export const positionMask: number = slabLength - 1;

function newSlab(base: number): Segment {
  return new Segment(new Int32Array(3 * slabLength), new Float64Array(slabLength), base, 0);
}

/** Where the next node goes. One object, so that code made from text can share it. */
export const tape: {
  current: Segment;
  scope: ModuleScope | undefined;
  /** The class of handles, which gives itself here: it cannot be imported by what it imports. */
  Handle: typeof Value | undefined;
  full(): Segment;
  readonly capacity: number;
} = {
  current: newSlab(0),
  scope: undefined,
  Handle: undefined,
  capacity: slabLength,
  /** A new segment on new columns; called when these are used up. */
  full() {
    return open(newSlab(this.current.base + slabLength));
  },
};

function open(segment: Segment): Segment {
  tape.current = segment;
  if (tape.scope !== undefined) segment.note(tape.scope);
  return segment;
}

/**
 * Starts a new segment; nodes made so far stay where they are. What comes next is often as long as what came before (the
 * next step of a training): where that would cross to another slab, it starts on the other.
 */
export function closeSegment(): void {
  const { words, scalars, base, start, end } = tape.current;
  if (end === start) return;
  open(2 * end - start > slabLength ? newSlab(base + slabLength) : new Segment(words, scalars, base, end));
}

/** How much of the tape may hang on a handle, so that passes over small graphs need not close a segment each. */
const fewNodes = 16;
const fewNumbers = 4096;
/** How many blocks hang together at most. */
const manyBlocks = 512;

/** Closes a segment that has grown: what comes next will not need what came before. */
export function closeGrownSegment(): void {
  const { start, end, size } = tape.current;
  if (end - start > fewNodes || size > fewNumbers) closeSegment();
}

/** The segment that takes the next node, with room for it. */
export function openSegment(): Segment {
  return tape.current.end === tape.capacity ? tape.full() : tape.current;
}

/** The id that the next node will have. */
export function nextId(): number {
  const { base, end } = openSegment();
  return base + end;
}

/** Primitives by code; filled by primitives.ts as it defines them. */
export const primitives: Primitive[] = [];
