import { type Formula, numberFunction, partialFormulas } from "../graph/formula.ts";
import { sumStorageTo } from "../graph/kernels.ts";
import { addStorages, ElementLoop } from "../graph/loops.ts";
import type { Elementwise } from "../graph/primitive.ts";
import type { Shape } from "../graph/shape.ts";
import { type DType, filled, onlyNumber, room, type Storage } from "../graph/storage.ts";
import { closeSegment, constantCode, positionAbroad, primitives, type Segment, tape } from "../graph/tape.ts";
import { blockLeaf, scalarLeaf, Value } from "../graph/value.ts";
import { pullBack } from "./rules.ts";
import { type SweptPass, scalarSweep } from "./sweep.ts";

/** Up to how many nodes a segment counts as short. */
const shortSegment = 128;
/** From how many numbers on they are borrowed. */
const manyNumbers = 1024;

/**
 * Numbers that passes over long segments take turns with, all zeros: to get new ones from the system costs a good part of
 * such a pass. At most two stay, as a pass over a graph of several segments has that many at a time.
 */
const spares: Float64Array[] = [];
const mostSpares = 2;

/** What reached the float64 scalars of one segment. Fields are declared only, here and below: see Value. */
class Scalars {
  declare private readonly segment: Segment;
  /** The one of position p at p − shift. */
  declare numbers: Float64Array;
  declare shift: number;
  /** From which position to before which one there are numbers. */
  declare private first: number;
  declare private stop: number;
  declare private borrowed: boolean;
  /** The latest position that was reached. */
  declare last: number;
  /** Between which positions the variables are that were reached; the first of them is seen last. */
  declare private lowest: number;
  declare private highest: number;

  constructor(segment: Segment, position: number) {
    const { start, end } = segment;
    this.segment = segment;
    this.first = start;
    this.last = position;
    this.lowest = start;
    this.highest = start - 1;
    // Of a short segment all of it: its nodes are reached one after the other.
    this.take(end - start <= shortSegment ? end : position + 1);
  }

  add(position: number, amount: number): void {
    if (position > this.last) this.last = position;
    if (position >= this.stop) this.grow(position);
    this.numbers[position - this.shift]! += amount;
  }

  at(position: number): number | undefined {
    return position >= this.first && position < this.stop ? this.numbers[position - this.shift] : undefined;
  }

  /** The walk has been at a variable. */
  meet(position: number): void {
    if (this.highest < this.lowest) this.highest = position;
    this.lowest = position;
  }

  /** Gives back what is borrowed. The stretch with the variables is kept, as few ask for other gradients. */
  settle(): void {
    if (!this.borrowed) return;
    const { numbers, shift, lowest, highest } = this;
    const size = highest - lowest + 1;
    if (2 * size > numbers.length) return;
    const { data, offset } = room(size);
    for (let i = 0; i < size; i++) data[offset + i] = numbers[lowest - shift + i]!;
    numbers.fill(0, this.first - shift, this.last + 1 - shift);
    if (spares.length < mostSpares) spares.push(numbers);
    this.numbers = data;
    this.shift = lowest - offset;
    this.first = lowest;
    this.stop = highest + 1;
  }

  /** Room for all positions before `stop`. */
  private take(stop: number): void {
    const { start } = this.segment;
    const size = stop - start;
    this.borrowed = size >= manyNumbers;
    if (this.borrowed) {
      this.numbers = spares.pop() ?? new Float64Array(tape.capacity);
      this.shift = start;
      this.stop = start + tape.capacity;
    } else {
      const { data, offset } = room(size);
      this.numbers = data;
      this.shift = start - offset;
      this.stop = stop;
    }
  }

  private grow(position: number): void {
    const { numbers, shift, stop, first } = this;
    this.take(Math.min(this.segment.end, Math.max(position + 1, 2 * stop - first)));
    for (let p = first; p < stop; p++) this.numbers[p - this.shift] = numbers[p - shift]!;
  }
}

/** What reached a node whose value is a block. */
class Reached {
  declare readonly position: number;
  declare cotangent: Storage;
  /** The next one further down the segment. */
  declare lower: Reached | undefined;

  constructor(position: number, cotangent: Storage, lower: Reached | undefined) {
    this.position = position;
    this.cotangent = cotangent;
    this.lower = lower;
  }
}

/** What reached the nodes of one segment. */
class Column {
  declare readonly segment: Segment;
  declare scalars: Scalars | undefined;
  /** The blocks, from the latest position down: few of them wait at a time, and tensors alone need no more. */
  declare private blocks: Reached | undefined;
  /** The last of them that the walk has been at. */
  declare private visited: Reached | undefined;
  /** The column of the next older segment that was reached. */
  declare older: Column | undefined;

  constructor(segment: Segment, older: Column | undefined) {
    this.segment = segment;
    this.scalars = undefined;
    this.blocks = undefined;
    this.visited = undefined;
    this.older = older;
  }

  addNumber(position: number, amount: number): void {
    this.scalars ??= new Scalars(this.segment, position);
    this.scalars.add(position, amount);
  }

  addBlock(position: number, cotangent: Storage): void {
    let higher = this.visited;
    let lower = higher === undefined ? this.blocks : higher.lower;
    while (lower !== undefined && lower.position > position) {
      higher = lower;
      lower = lower.lower;
    }
    if (lower?.position === position) lower.cotangent = addStorages(lower.cotangent, cotangent);
    else if (higher === undefined) this.blocks = new Reached(position, cotangent, lower);
    else higher.lower = new Reached(position, cotangent, lower);
  }

  /** Where the walk comes to a block next; below the segment where there is none. */
  get floor(): number {
    const waiting = this.visited === undefined ? this.blocks : this.visited.lower;
    return waiting === undefined ? this.segment.start - 1 : waiting.position;
  }

  /** The block that the walk comes to next: it is there now. */
  next(): Reached | undefined {
    const waiting = this.visited === undefined ? this.blocks : this.visited.lower;
    if (waiting !== undefined) this.visited = waiting;
    return waiting;
  }

  block(position: number): Storage | undefined {
    let reached = this.blocks;
    while (reached !== undefined && reached.position > position) reached = reached.lower;
    return reached?.position === position ? reached.cotangent : undefined;
  }
}

/**
 * The backward pass over numbers alone, where nobody will differentiate its results: segment by segment, each from its end
 * to its start; a loop over its scalars, as far as the next block.
 */
export class NumericPass implements SweptPass {
  /** The columns, from the newest segment to the oldest. */
  declare private readonly newest: Column;
  /** The column that the walk is in. */
  declare private here: Column;
  declare private latest: Column;
  /** Rules that are run as graph operations write to a stretch of tape of their own, which nothing holds. */
  declare private apart: boolean;
  declare private readonly output: Value;
  declare private readonly seed: Storage;
  declare private readonly keeps: "leaves" | "all";
  /** The same pass once more, where somebody asks for what this one did not keep. */
  declare private again: NumericPass | undefined;

  /** @param keeps of which scalars of long segments the gradients can be told without a second pass. */
  constructor(z: Value, seed: Storage, keeps: "leaves" | "all" = "leaves") {
    const newest = new Column(z.segment, undefined);
    this.newest = newest;
    this.here = newest;
    this.latest = newest;
    this.apart = false;
    this.output = z;
    this.seed = seed;
    this.keeps = keeps;
    this.again = undefined;
    this.give(z.segment, z.position, seed);
    // What a segment hands on goes to older ones only.
    for (let column: Column | undefined = newest; column !== undefined; column = column.older) {
      this.here = column;
      this.walk(column);
      if (keeps === "leaves") column.scalars?.settle();
    }
    if (this.apart) closeSegment();
  }

  private walk(column: Column): void {
    const { segment } = column;
    let last = segment.end;
    for (;;) {
      const { scalars } = column;
      if (scalars !== undefined) {
        last = Math.min(last, scalars.last);
        const { floor } = column;
        if (last > floor) scalarSweep()(this, segment, scalars.numbers, scalars.shift, last, floor);
      }
      const block = column.next();
      if (block === undefined) return;
      last = block.position - 1;
      if (segment.code(block.position) < constantCode) this.pass(block.position, block.cotangent);
    }
  }

  /** The gradient of a node; undefined where the output does not depend on it. */
  of(x: Value): Value | undefined {
    const { segment, position } = x;
    const column = columnAt(segment, this.newest);
    if (column.segment !== segment) return undefined;
    if (segment.isScalar(position)) {
      const { scalars } = column;
      if (scalars === undefined || position > scalars.last) return undefined;
      const number = scalars.at(position);
      if (number !== undefined) return scalarLeaf(number, constantCode);
      this.again ??= new NumericPass(this.output, this.seed, "all");
      return this.again.of(x);
    }
    const block = column.block(position);
    return block === undefined ? undefined : blockLeaf(block, constantCode);
  }

  /** The column of a segment, made when it is first reached from the one that the walk is in. */
  private columnOf(segment: Segment): Column {
    const { latest } = this;
    if (latest.segment === segment) return latest;
    let column = columnAt(segment, this.here);
    if (column.segment !== segment) {
      column.older = new Column(segment, column.older);
      column = column.older;
    }
    this.latest = column;
    return column;
  }

  private give(segment: Segment, position: number, cotangent: Storage): void {
    const column = this.columnOf(segment);
    if (segment.isScalar(position)) column.addNumber(position, onlyNumber(cotangent));
    else column.addBlock(position, cotangent);
  }

  giveAbroad(reference: number, amount: number): void {
    const segment = this.here.segment.segmentAbroad(reference);
    const position = positionAbroad(reference);
    if (segment.needsGradient(position)) this.columnOf(segment).addNumber(position, amount);
  }

  visit(position: number, number: number): number {
    this.pass(position, filled("float64", scalarShape, number));
    return this.here.floor;
  }

  meet(position: number): void {
    this.here.scalars!.meet(position);
  }

  /** What the operation at `position` hands on. */
  private pass(position: number, cotangent: Storage): void {
    const { segment } = this.here;
    const rules = cotangentLoops(segment.code(position));
    if (rules === null) {
      this.passOther(new Value(segment, position), cotangent);
      return;
    }
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
    if (block === undefined) {
      const whole = this.through(rule, position, "float64", cotangent);
      this.columnOf(segment).addNumber(to, onlyNumber(sumStorageTo(whole, scalarShape)));
    } else {
      const whole = this.through(rule, position, block.dtype, cotangent);
      this.columnOf(segment).addBlock(to, sumStorageTo(whole, block.shape));
    }
  }

  private through(rule: CotangentLoop, position: number, dtype: DType, cotangent: Storage): Storage {
    if (rule.passes && dtype === cotangent.dtype) return cotangent;
    const node = new Value(this.here.segment, position);
    const { inputs } = node;
    const read = [cotangent, ...rule.reads.map((which) => (inputs[which] ?? node).storage)];
    return rule.loop.run(dtype, cotangent.shape, read);
  }

  private passOther(node: Value, cotangent: Storage): void {
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

/** By the primitive's code; null for those that are not elementwise. */
const loops: (readonly CotangentLoop[] | null | undefined)[] = [];

/** Cotangent times partial derivative in one loop, for each input of an elementwise primitive. */
function cotangentLoops(code: number): readonly CotangentLoop[] | null {
  let table = loops[code];
  if (table === undefined) {
    const primitive = primitives[code];
    table =
      primitive?.family === "elementwise"
        ? partialFormulas(primitive).map((formula) => cotangentLoop(primitive, formula))
        : null;
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
