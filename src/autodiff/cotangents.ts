import { type Formula, numberFunction, partialFormulas } from "../graph/formula.ts";
import { sumStorageTo } from "../graph/kernels.ts";
import { addStorages, ElementLoop } from "../graph/loops.ts";
import type { Elementwise } from "../graph/primitive.ts";
import type { Shape } from "../graph/shape.ts";
import { filled, onlyNumber, room, type Storage } from "../graph/storage.ts";
import { closeSegment, constantCode, positionAbroad, primitives, type Segment } from "../graph/tape.ts";
import { blockLeaf, scalarLeaf, Value } from "../graph/value.ts";
import { pullBack } from "./rules.ts";
import { type SweptPass, scalarSweep } from "./sweep.ts";

/** Up to how many nodes a segment counts as short. */
const shortSegment = 128;

/** What reached the nodes of one segment. */
class Column {
  readonly segment: Segment;
  /** Of float64 scalars; the one of position p at p − shift. Of other nodes that were reached, their place among the blocks, from 1. */
  numbers: Float64Array;
  shift: number;
  /** Up to which position, not including it, there is room. */
  private stop: number;
  /** The latest position that was reached. */
  last = -1;
  /** The one of the next older segment that was reached. */
  older: Column | undefined;

  constructor(segment: Segment, position: number, older: Column | undefined) {
    const { start, end } = segment;
    // Of a short segment all of it: its nodes are reached one after the other.
    const stop = end - start <= shortSegment ? end : position + 1;
    const { data, offset } = room(stop - start);
    this.segment = segment;
    this.numbers = data;
    this.shift = start - offset;
    this.stop = stop;
    this.older = older;
  }

  /** Where in `numbers` the one of `position` is. */
  reach(position: number): number {
    if (position > this.last) this.last = position;
    if (position >= this.stop) this.grow(position);
    return position - this.shift;
  }

  private grow(position: number): void {
    const { start, end } = this.segment;
    const stop = Math.min(end, Math.max(position + 1, start + 2 * (this.stop - start)));
    const { data, offset } = room(stop - start);
    const from = start - this.shift;
    for (let i = 0; i < this.stop - start; i++) data[offset + i] = this.numbers[from + i]!;
    this.numbers = data;
    this.shift = start - offset;
    this.stop = stop;
  }
}

/**
 * The backward pass over numbers alone, where nobody will differentiate its results: segment by segment, each a loop
 * from its end to its start.
 */
export class NumericPass implements SweptPass {
  /** The columns, from the newest segment to the oldest. */
  private readonly newest: Column;
  /** The column that the walk is in. */
  private here: Column;
  private latest: Column;
  /** What reached the nodes whose values are blocks. There are places for a few from the first: most passes over little need no more. */
  private readonly blocks: (Storage | undefined)[] = [undefined, undefined, undefined, undefined];
  private blockCount = 0;
  /** Rules that are run as graph operations write to a stretch of tape of their own, which nothing holds. */
  private apart = false;

  constructor(z: Value, seed: Storage) {
    const sweep = scalarSweep();
    const { segment, position } = z;
    const newest = new Column(segment, position, undefined);
    this.newest = newest;
    this.here = newest;
    this.latest = newest;
    this.give(segment, position, seed);
    // What a segment hands on goes to older ones only.
    for (let column: Column | undefined = newest; column !== undefined; column = column.older) {
      this.here = column;
      sweep(this, column.segment, column.numbers, column.shift, column.last);
    }
    if (this.apart) closeSegment();
  }

  /** The gradient of a node; undefined where the output does not depend on it. */
  of(x: Value): Value | undefined {
    const { segment, position } = x;
    const column = columnAt(segment, this.newest);
    if (column.segment !== segment || position > column.last) return undefined;
    const number = column.numbers[position - column.shift]!;
    if (segment.isScalar(position)) return scalarLeaf(number, constantCode);
    return number === 0 ? undefined : blockLeaf(this.blocks[number - 1]!, constantCode);
  }

  /** The column of a segment, made when it is first reached from the one that the walk is in. */
  private columnOf(segment: Segment, position: number): Column {
    const { latest } = this;
    if (latest.segment === segment) return latest;
    let column = columnAt(segment, this.here);
    if (column.segment !== segment) {
      column.older = new Column(segment, position, column.older);
      column = column.older;
    }
    this.latest = column;
    return column;
  }

  private give(segment: Segment, position: number, cotangent: Storage): void {
    const column = this.columnOf(segment, position);
    const at = column.reach(position);
    const { numbers } = column;
    if (segment.isScalar(position)) {
      numbers[at]! += onlyNumber(cotangent);
      return;
    }
    const place = numbers[at]!;
    if (place > 0) this.blocks[place - 1] = addStorages(this.blocks[place - 1]!, cotangent);
    else {
      this.blocks[this.blockCount] = cotangent;
      numbers[at] = ++this.blockCount;
    }
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
    const cotangent = segment.isScalar(position)
      ? filled("float64", scalarShape, column.numbers[position - column.shift]!)
      : this.blocks[column.numbers[position - column.shift]! - 1]!;
    const primitive = primitives[segment.code(position)];
    if (primitive?.family === "elementwise") this.visitElementwise(primitive, position, cotangent);
    else this.visitOther(new Value(segment, position), cotangent);
  }

  private visitElementwise(primitive: Elementwise, position: number, cotangent: Storage): void {
    const { segment } = this.here;
    const rules = cotangentLoops(primitive, segment.code(position));
    for (let i = 0; i < rules.length; i++) {
      if (i >= 2) {
        const input = segment.furtherInputs!.get(position)![i - 2]!;
        this.giveThrough(rules[i]!, position, input.segment, input.position, cotangent);
        continue;
      }
      // No Value is made of an input whose gradient is the cotangent as it is, as that of a sum.
      const reference = segment.words[3 * position + 1 + i]!;
      if (reference >= 0) this.giveThrough(rules[i]!, position, segment, reference, cotangent);
      else {
        this.giveThrough(rules[i]!, position, segment.segmentAbroad(reference), positionAbroad(reference), cotangent);
      }
    }
  }

  /** What the node at `position` gives to its input at `to` in `segment`. */
  private giveThrough(rule: CotangentLoop, position: number, segment: Segment, to: number, cotangent: Storage): void {
    if (!segment.needsGradient(to)) return;
    const block = segment.block(to);
    const shape = block === undefined ? scalarShape : block.shape;
    const dtype = block === undefined ? "float64" : block.dtype;
    let whole = cotangent;
    if (!rule.passes || dtype !== cotangent.dtype) {
      const node = new Value(this.here.segment, position);
      const { inputs } = node;
      const read = [cotangent, ...rule.reads.map((which) => (inputs[which] ?? node).storage)];
      whole = rule.loop.run(dtype, cotangent.shape, read);
    }
    this.give(segment, to, sumStorageTo(whole, shape));
  }

  private visitOther(node: Value, cotangent: Storage): void {
    const { inputs } = node;
    if (!this.apart) closeSegment();
    this.apart = true;
    pullBack(node, blockLeaf(cotangent, constantCode)).forEach((part, i) => {
      const { segment, position, needsGradient } = inputs[i]!;
      if (part !== undefined && needsGradient) this.give(segment, position, part.storage);
    });
  }
}

const scalarShape: Shape = [];

/** Going back from a column: that of the segment, or else the one that it would come after. */
function columnAt(segment: Segment, from: Column): Column {
  const id = segment.base + segment.start;
  let column = from;
  for (let { older } = column; older !== undefined; older = older.older) {
    if (older.segment.base + older.segment.start < id) break;
    column = older;
  }
  return column;
}

interface CotangentLoop {
  /** Whether the cotangent goes on as it is. */
  readonly passes: boolean;
  readonly loop: ElementLoop;
  /** Which of inputs and, last, output the rule reads. */
  readonly reads: readonly number[];
}

/** By the primitive's code. */
const loops: (readonly CotangentLoop[] | undefined)[] = [];

/** Cotangent times partial derivative in one loop, for each input. */
function cotangentLoops(primitive: Elementwise, code: number): readonly CotangentLoop[] {
  let table = loops[code];
  if (table === undefined) {
    table = partialFormulas(primitive).map((formula) => cotangentLoop(primitive, formula));
    loops[code] = table;
  }
  return table;
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
