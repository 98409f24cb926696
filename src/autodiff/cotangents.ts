import { type Formula, numberFunction, partialFormulas } from "../graph/formula.ts";
import { sumStorageTo } from "../graph/kernels.ts";
import { ElementLoop } from "../graph/loops.ts";
import type { Elementwise } from "../graph/primitive.ts";
import type { Shape } from "../graph/shape.ts";
import { type DType, filled, onlyNumber, type Storage } from "../graph/storage.ts";
import { closeSegment, constantCode, positionAbroad, primitives, type Segment } from "../graph/tape.ts";
import { blockLeaf, scalarLeaf, Value } from "../graph/value.ts";
import { Column, columnAt } from "./columns.ts";
import { pullBack } from "./rules.ts";
import { type SweptPass, scalarSweep } from "./sweep.ts";

/**
 * The backward pass over numbers alone, where nobody will differentiate its results: segment by segment, each from its end
 * to its start; a loop over its scalars, as far as the next block.
 */
export class NumericPass implements SweptPass {
  // Declared only: see Value.
  /** The columns, from the newest segment to the oldest. */
  declare private readonly newest: Column;
  /** The column that the walk is in. */
  declare private here: Column;
  declare private latest: Column;
  /** Rules that are run as graph operations write to a stretch of tape of their own, which nothing holds. */
  declare private apart: boolean;
  declare private readonly output: Value;
  declare private readonly seed: Storage;
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
