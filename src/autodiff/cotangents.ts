import { type Formula, numberFunction, partialFormulas } from "../graph/formula.ts";
import { sumStorageTo } from "../graph/kernels.ts";
import { addStorages, ElementLoop } from "../graph/loops.ts";
import type { Elementwise } from "../graph/primitive.ts";
import type { Shape } from "../graph/shape.ts";
import { allocate, filled, onlyNumber, type Storage } from "../graph/storage.ts";
import { closeSegment, constantCode, positionAbroad, type Segment } from "../graph/tape.ts";
import { blockLeaf, scalarLeaf, Value } from "../graph/value.ts";
import { pullBack } from "./rules.ts";
import { type SweptPass, scalarSweep } from "./sweep.ts";

/** What reached the nodes of one segment. */
class Column {
  readonly segment: Segment;
  /** Of float64 scalars; the one of position p at p − shift. Of other nodes that were reached, their place in `blocks`, from 1. */
  numbers: Float64Array;
  shift: number;
  /** Up to which position, not including it, there is room. */
  private room: number;
  /** The latest position that was reached. */
  last = -1;
  /** Whether the walk has been here. */
  done = false;
  /** Of all nodes whose values are blocks. */
  readonly blocks: Storage[] = [];

  constructor(segment: Segment, position: number) {
    const { data, offset } = allocate("float64", [position + 1 - segment.start]);
    this.segment = segment;
    this.numbers = data as Float64Array;
    this.shift = segment.start - offset;
    this.room = position + 1;
  }

  /** Where in `numbers` the one of `position` is. */
  reach(position: number): number {
    if (position > this.last) this.last = position;
    if (position >= this.room) this.grow(position);
    return position - this.shift;
  }

  private grow(position: number): void {
    const { start, end } = this.segment;
    const room = Math.min(end, Math.max(position + 1, start + 2 * (this.room - start)));
    const { data, offset } = allocate("float64", [room - start]);
    (data as Float64Array).set(this.numbers.subarray(start - this.shift, this.room - this.shift), offset);
    this.numbers = data as Float64Array;
    this.shift = start - offset;
    this.room = room;
  }
}

/**
 * The backward pass over numbers alone, where nobody will differentiate its results: segment by segment, each a loop
 * from its end to its start.
 */
export class NumericPass implements SweptPass {
  private readonly columns: Column[] = [];
  private latest: Column | undefined;
  /** The column that the walk is in. */
  private here!: Column;
  /** Rules that are run as graph operations write to a stretch of tape of their own, which nothing holds. */
  private apart = false;

  constructor(z: Value, seed: Storage) {
    const sweep = scalarSweep();
    this.give(z, seed);
    for (let column = this.newest(); column !== undefined; column = this.newest()) {
      this.here = column;
      sweep(this, column.segment, column.numbers, column.shift, column.last);
      column.done = true;
    }
    if (this.apart) closeSegment();
  }

  /** The newest of the columns that wait: what it hands on goes to older ones only. */
  private newest(): Column | undefined {
    let best: Column | undefined;
    for (const column of this.columns) {
      if (!column.done && (best === undefined || firstId(column) > firstId(best))) best = column;
    }
    return best;
  }

  /** The gradient of a node; undefined where the output does not depend on it. */
  of(x: Value): Value | undefined {
    const column = this.find(x.segment);
    if (column === undefined || x.position > column.last) return undefined;
    if (x.segment.isScalar(x.position)) return scalarLeaf(column.numbers[x.position - column.shift]!, constantCode);
    const place = column.numbers[x.position - column.shift]!;
    return place === 0 ? undefined : blockLeaf(column.blocks[place - 1]!, constantCode);
  }

  private find(segment: Segment): Column | undefined {
    if (this.latest?.segment === segment) return this.latest;
    for (const column of this.columns) {
      if (column.segment === segment) {
        this.latest = column;
        return column;
      }
    }
    return undefined;
  }

  private columnOf(segment: Segment, position: number): Column {
    let column = this.find(segment);
    if (column === undefined) {
      column = new Column(segment, position);
      this.columns.push(column);
      this.latest = column;
    }
    return column;
  }

  private give(x: Value, cotangent: Storage): void {
    const column = this.columnOf(x.segment, x.position);
    const at = column.reach(x.position);
    if (x.segment.isScalar(x.position)) {
      column.numbers[at]! += onlyNumber(cotangent);
      return;
    }
    const place = column.numbers[at]!;
    if (place === 0) column.numbers[at] = column.blocks.push(cotangent);
    else column.blocks[place - 1] = addStorages(column.blocks[place - 1]!, cotangent);
  }

  giveAbroad(reference: number, amount: number): void {
    const segment = this.here.segment.segmentAbroad(reference);
    const position = positionAbroad(reference);
    if (!segment.needsGradient(position)) return;
    const column = this.columnOf(segment, position);
    // The place first: there may be new numbers when it is found.
    const at = column.reach(position);
    column.numbers[at]! += amount;
  }

  visit(position: number): void {
    const column = this.here;
    const { segment } = column;
    const number = column.numbers[position - column.shift]!;
    const cotangent = segment.isScalar(position) ? filled("float64", scalarShape, number) : column.blocks[number - 1]!;
    const node = new Value(segment, position);
    const { inputs } = node;
    const primitive = node.primitive!;
    if (primitive.family === "elementwise") {
      for (let i = 0; i < inputs.length; i++) {
        const input = inputs[i]!;
        if (input.needsGradient) this.give(input, elementwiseCotangent(primitive, i, cotangent, inputs, node));
      }
      return;
    }
    if (!this.apart) closeSegment();
    this.apart = true;
    pullBack(node, blockLeaf(cotangent, constantCode)).forEach((part, i) => {
      if (part !== undefined && inputs[i]!.needsGradient) this.give(inputs[i]!, part.storage);
    });
  }
}

const scalarShape: Shape = [];

function firstId({ segment }: Column): number {
  return segment.base + segment.start;
}

interface CotangentLoop {
  /** Whether the cotangent goes on as it is. */
  readonly passes: boolean;
  readonly loop: ElementLoop;
  /** Which of inputs and, last, output the rule reads. */
  readonly reads: readonly number[];
}

const loops = new Map<Elementwise, readonly CotangentLoop[]>();

/** Cotangent times partial derivative in one loop, summed to the input's shape. */
function elementwiseCotangent(
  primitive: Elementwise,
  position: number,
  cotangent: Storage,
  inputs: readonly Value[],
  node: Value,
): Storage {
  let table = loops.get(primitive);
  if (table === undefined) {
    table = partialFormulas(primitive).map((formula) => cotangentLoop(primitive, formula));
    loops.set(primitive, table);
  }
  const { passes, loop, reads } = table[position]!;
  const input = inputs[position]!;
  const whole =
    passes && cotangent.dtype === input.dtype
      ? cotangent
      : loop.run(input.dtype, node.shape, [cotangent, ...reads.map((i) => (inputs[i] ?? node).storage)]);
  return sumStorageTo(whole, input.shape);
}

function cotangentLoop(primitive: Elementwise, formula: Formula): CotangentLoop {
  const names = ["x", "y", "w"].slice(0, primitive.partials.length).concat("output");
  const reads = [...names.keys()].filter((i) => reading(formula, names[i]!));
  const partial = numberFunction(
    formula,
    reads.map((i) => names[i]!),
  );
  const product = (
    [
      (c) => c! * partial(),
      (c, x) => c! * partial(x!),
      (c, x, y) => c! * partial(x!, y!),
      (c, x, y, w) => c! * partial(x!, y!, w!),
    ] satisfies ((...numbers: number[]) => number)[]
  )[reads.length]!;
  return { passes: formula.kind === "number" && formula.value === 1, loop: new ElementLoop(product), reads };
}

function reading(formula: Formula, name: string): boolean {
  if (formula.kind === "apply") return formula.inputs.some((input) => reading(input, name));
  return formula.kind === "name" && formula.name === name;
}
