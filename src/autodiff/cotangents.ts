import { type Formula, numberFunction, partialFormulas } from "../graph/formula.ts";
import { sumStorageTo } from "../graph/kernels.ts";
import { addStorages, ElementLoop } from "../graph/loops.ts";
import type { Elementwise } from "../graph/primitive.ts";
import type { Shape } from "../graph/shape.ts";
import { allocate, filled, onlyNumber, type Storage } from "../graph/storage.ts";
import { closeSegment, constantCode, type Segment } from "../graph/tape.ts";
import { blockLeaf, scalarLeaf, Value } from "../graph/value.ts";
import { pullBack } from "./rules.ts";
import { scalarSweep } from "./sweep.ts";

/** What reached the nodes of one segment. */
class Column {
  readonly segment: Segment;
  /** Of float64 scalars; the one of position p at p − shift. */
  readonly numbers: Float64Array;
  readonly shift: number;
  /** The latest position that was reached. */
  last = -1;
  /** Of all other nodes, by position. */
  blocks: Map<number, Storage> | undefined;

  constructor(segment: Segment) {
    const { data, offset } = allocate("float64", [segment.end - segment.start]);
    this.segment = segment;
    this.numbers = data as Float64Array;
    this.shift = segment.start - offset;
  }
}

/**
 * The backward pass over numbers alone, where nobody will differentiate its results: segment by segment, each a loop
 * from its end to its start.
 */
export class NumericPass {
  private readonly columns: Column[] = [];
  private latest: Column;
  /** Rules that are run as graph operations write to a stretch of tape of their own, which nothing holds. */
  private apart = false;

  constructor(z: Value, seed: Storage) {
    this.latest = this.columnOf(z.segment);
    this.give(z, seed);
    const sweep = scalarSweep();
    const open = [this.latest];
    for (let column = open.pop(); column !== undefined; column = newest(open)) {
      const { segment } = column;
      const known = this.columns.length;
      const abroad = allocate("float64", [segment.foreign.length]);
      const here = column;
      sweep(segment, column.numbers, column.shift, column.last, numbersFrom(abroad), (position) =>
        this.pass(here, position),
      );
      this.handOver(segment, abroad);
      for (const next of this.columns.slice(known)) open.push(next);
    }
    if (this.apart) closeSegment();
  }

  /** The gradient of a node; undefined where the output does not depend on it. */
  of(x: Value): Value | undefined {
    const column = this.find(x.segment);
    if (column === undefined || x.position > column.last) return undefined;
    if (x.segment.isScalar(x.position)) return scalarLeaf(column.numbers[x.position - column.shift]!, constantCode);
    const block = column.blocks?.get(x.position);
    return block === undefined ? undefined : blockLeaf(block, constantCode);
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

  private columnOf(segment: Segment): Column {
    let column = this.find(segment);
    if (column === undefined) {
      column = new Column(segment);
      this.columns.push(column);
      this.latest = column;
    }
    return column;
  }

  private give(x: Value, cotangent: Storage): void {
    const column = this.columnOf(x.segment);
    if (x.position > column.last) column.last = x.position;
    if (x.segment.isScalar(x.position)) {
      column.numbers[x.position - column.shift]! += onlyNumber(cotangent);
      return;
    }
    column.blocks ??= new Map();
    const before = column.blocks.get(x.position);
    column.blocks.set(x.position, before === undefined ? cotangent : addStorages(before, cotangent));
  }

  /** Numbers that reached nodes of older segments from scalars of this one. */
  private handOver(segment: Segment, { data, offset }: Storage): void {
    const { foreign } = segment;
    for (let i = 0; i < foreign.length; i++) {
      const amount = data[offset + i]!;
      if (amount === 0) continue;
      const x = foreign[i]!;
      if (!x.needsGradient) continue;
      const column = this.columnOf(x.segment);
      if (x.position > column.last) column.last = x.position;
      column.numbers[x.position - column.shift]! += amount;
    }
  }

  /** One operation that is no plain scalar. */
  private pass(column: Column, position: number): void {
    const { segment } = column;
    let cotangent = column.blocks?.get(position);
    if (segment.isScalar(position)) {
      const number = column.numbers[position - column.shift]!;
      if (number === 0) return;
      cotangent = filled("float64", scalarShape, number);
    }
    if (cotangent === undefined) return;
    const node = new Value(segment, position);
    const { inputs } = node;
    const primitive = node.primitive!;
    if (primitive.family === "elementwise") {
      inputs.forEach((input, i) => {
        if (input.needsGradient) this.give(input, elementwiseCotangent(primitive, i, cotangent, inputs, node));
      });
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

function numbersFrom({ data, offset }: Storage): Float64Array {
  return (offset === 0 ? data : data.subarray(offset)) as Float64Array;
}

/** Takes the newest of the columns that wait: what it hands on goes to older ones only. */
function newest(open: Column[]): Column | undefined {
  let best = 0;
  for (let i = 1; i < open.length; i++) {
    if (firstId(open[i]!) > firstId(open[best]!)) best = i;
  }
  return open.splice(best, 1)[0];
}

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
