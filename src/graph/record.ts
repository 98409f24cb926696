import { fresh } from "./fresh.ts";
import { ElementLoop, type NumberFunction } from "./loops.ts";
import type { BlockPrimitive, Elementwise, Parameters, Primitive } from "./primitive.ts";
import { broadcastShapes, type Shape, sameShape } from "./shape.ts";
import { converted, type DType, isFloat, promote, type Storage } from "./storage.ts";
import {
  blockMark,
  constantCode,
  gradientMark,
  none,
  openSegment,
  ownCode,
  plainMark,
  primitives,
  type Segment,
  tape,
} from "./tape.ts";
import { blockLeaf, type Operand, scalarLeaf, Value } from "./value.ts";

/** Adds a primitive to the table and returns its code. */
export function register(primitive: Primitive): number {
  if (primitives.length >= ownCode) throw new RangeError("The table of primitives is full.");
  primitives.push(primitive);
  return primitives.length - 1;
}

/** @throws {TypeError} where an operand is neither a Value nor a number. */
export function lift(what: string, x: Operand, beside?: DType): Value {
  if (x instanceof Value) return x;
  if (typeof x !== "number") throw new TypeError(`${what} takes Values and numbers; this operand is ${described(x)}.`);
  // A bare number takes the type of the Value beside it, as far as that can hold it.
  if (beside === "float32") return blockLeaf(storageOf("float32", x), constantCode);
  if ((beside === "int32" || beside === "bool") && Number.isInteger(x)) {
    return blockLeaf(storageOf("int32", x), constantCode);
  }
  return scalarLeaf(x, constantCode);
}

function storageOf(dtype: "float32" | "int32", x: number): Storage {
  return converted(scalarLeaf(x, constantCode).storage, dtype);
}

/** What an operand is that is not what it should be. */
export function described(x: unknown): string {
  if (x === null) return "null";
  if (Array.isArray(x)) return "an array: make it a Value with constant(…) or variable(…)";
  // A Value of another copy of the library has its own tape: the two cannot meet in one graph.
  if (typeof x === "object" && x.constructor?.name === Value.name) {
    return "a Value of another tape: it was made by another copy of gradbook";
  }
  return `of type ${typeof x}`;
}

/** The types of the operands that are Values, met. */
function meeting(operands: readonly Operand[]): DType | undefined {
  let dtype: DType | undefined;
  for (const operand of operands) {
    if (operand instanceof Value) dtype = dtype === undefined ? operand.dtype : promote(dtype, operand.dtype);
  }
  return dtype;
}

const elementLoops = new Map<Elementwise, ElementLoop>();

/** The primitive's arithmetic as a loop over blocks. */
export function loopOf(primitive: Elementwise): ElementLoop {
  let loop = elementLoops.get(primitive);
  if (loop === undefined) {
    loop = new ElementLoop(primitive.evaluate as NumberFunction);
    elementLoops.set(primitive, loop);
  }
  return loop;
}

/**
 * Two blocks of one shape and one float type, number by number: what most operations on tensors are. Undefined where
 * the two are anything else.
 */
function recordPair(loop: ElementLoop, code: number, x: Value, y: Value): Value | undefined {
  const { segment: left, position: p } = x;
  const { segment: right, position: q } = y;
  const leftWord = left.words[3 * p]!;
  const rightWord = right.words[3 * q]!;
  if ((leftWord & rightWord & blockMark) === 0) return undefined;
  const a = left.blocks[left.scalars[p]!]!;
  const b = right.blocks[right.scalars[q]!]!;
  if (a.dtype !== b.dtype || !isFloat(a.dtype) || !a.packed || !b.packed || !sameShape(a.shape, b.shape))
    return undefined;
  const storage = loop.pair(a, b);
  const segment = openSegment();
  const position = segment.end++;
  const at = 3 * position;
  const { words } = segment;
  words[at] = code | blockMark | ((leftWord | rightWord) & gradientMark);
  words[at + 1] = segment.reference(x);
  words[at + 2] = segment.reference(y);
  segment.hold(position, storage);
  return new Value(segment, position);
}

/** The type of a result, from the type that the operands meet in. */
function resultType(primitive: Elementwise, met: DType): DType {
  switch (primitive.result) {
    case "bool":
      return "bool";
    case "float":
      return isFloat(met) ? met : "float64";
    case "same":
      return met === "bool" ? "int32" : met;
  }
}

/** Its name in a message about two: without one, the side it stands on. */
export function sideOf(value: Value, side: "left" | "right"): string {
  return value.name ?? `the ${side} side`;
}

/** Applies an elementwise primitive to whatever operands there are. */
export function recordElementwise(primitive: Elementwise, code: number, operands: readonly Operand[]): Value {
  const beside = meeting(operands);
  const inputs = operands.map((operand) => lift(primitive.name, operand, beside));
  let shape: Shape = inputs[0]!.shape;
  // The condition of `where` is no operand of its arithmetic.
  let met: DType | undefined;
  inputs.forEach((input, position) => {
    if (position > 0) {
      shape = broadcastShapes(primitive.name, shape, input.shape, () => [
        position > 1 ? "what came before" : inputs.length === 3 ? "the condition" : sideOf(inputs[0]!, "left"),
        sideOf(input, "right"),
      ]);
    }
    if (!(inputs.length === 3 && position === 0)) met = met === undefined ? input.dtype : promote(met, input.dtype);
  });
  const dtype = inputs.length === 3 ? met! : resultType(primitive, met!);
  if (shape.length === 0 && dtype === "float64") {
    const numbers = inputs.map((input) => input.segment.number(input.position));
    const node = scalarNode(code, primitive.evaluate(...numbers), inputs, true);
    if (inputs.length < 3 && inputs.every((input) => input.segment.isScalar(input.position))) {
      node.segment.words[3 * node.position]! |= plainMark;
    }
    return node;
  }
  return blockNode(
    code,
    loopOf(primitive).run(
      dtype,
      shape,
      inputs.map((input) => input.storage),
    ),
    inputs,
  );
}

/** Applies a primitive of one of the other families. */
export function recordBlock(
  primitive: BlockPrimitive,
  code: number,
  inputs: readonly Value[],
  parameters: Parameters,
): Value {
  const shape = primitive.shape(
    inputs.map((input) => input.shape),
    parameters,
  );
  const result = primitive.forward(
    inputs.map((input) => input.storage),
    parameters,
    shape,
  );
  const node = blockNode(code, result, inputs);
  node.segment.parameters ??= new Map();
  node.segment.parameters.set(node.position, parameters);
  return node;
}

/** A node of a primitive that one call made for itself. */
export function recordOwn(
  primitive: Primitive,
  storage: Storage,
  inputs: readonly Value[],
  parameters: Parameters,
): Value {
  const node = blockNode(ownCode, storage, inputs);
  node.segment.ownPrimitives ??= new Map();
  node.segment.ownPrimitives.set(node.position, primitive);
  node.segment.parameters ??= new Map();
  node.segment.parameters.set(node.position, parameters);
  return node;
}

function blockNode(code: number, storage: Storage, inputs: readonly Value[]): Value {
  if (storage.shape.length === 0 && storage.dtype === "float64") {
    return scalarNode(code, storage.data[storage.offset]!, inputs, true);
  }
  const node = scalarNode(code, Number.NaN, inputs, isFloat(storage.dtype));
  node.segment.hold(node.position, storage);
  return node;
}

function scalarNode(code: number, result: number, inputs: readonly Value[], differentiable: boolean): Value {
  const segment: Segment = openSegment();
  const position = segment.end++;
  const at = 3 * position;
  let marks = 0;
  for (const input of inputs) marks |= input.segment.words[3 * input.position]!;
  segment.words[at] = code | (differentiable ? marks & gradientMark : 0);
  segment.words[at + 1] = inputs.length > 0 ? segment.reference(inputs[0]!) : none;
  segment.words[at + 2] = inputs.length > 1 ? segment.reference(inputs[1]!) : none;
  if (inputs.length > 2) {
    segment.furtherInputs ??= new Map();
    segment.furtherInputs.set(position, inputs.slice(2));
  }
  segment.scalars[position] = result;
  return new Value(segment, position);
}

/** A plain node whose inputs lie anywhere on the tape; undefined where an input is a block. */
function recordPlain(primitive: Elementwise, code: number, x: Value, y?: Value): Value | undefined {
  const marks = x.segment.words[3 * x.position]! | (y === undefined ? 0 : y.segment.words[3 * y.position]!);
  if ((marks & blockMark) !== 0) return undefined;
  const segment = openSegment();
  const position = segment.end++;
  const at = 3 * position;
  segment.words[at] = code | plainMark | (marks & gradientMark);
  segment.words[at + 1] = segment.reference(x);
  segment.words[at + 2] = y === undefined ? none : segment.reference(y);
  const left = x.segment.scalars[x.position]!;
  segment.scalars[position] =
    y === undefined ? primitive.evaluate(left) : primitive.evaluate(left, y.segment.scalars[y.position]!);
  return new Value(segment, position);
}

type Tape = typeof tape;

// The two below are what nearly every node of a scalar graph goes through: its inputs lie on the newest segment, so that
// one pair of columns is read and written, and a Value is known by its segment alone. Each primitive gets a copy of the text
// (fresh.ts), so they use nothing but their arguments: 0x100 is gradientMark, 0x200 blockMark, 0x400 plainMark,
// 0x40000 the length of a slab, −0x80000000 none. The class is read from the tape, since the table is made before the class is.
// A missing operand is looked for first, and then nothing but the segment is asked for: of a number, it is undefined.

function makeUnary(
  evaluate: NumberFunction,
  code: number,
  line: Tape,
  general: (x: Operand) => Value,
): (x: Operand) => Value {
  return (x) => {
    const segment = line.current;
    const position = segment.end;
    if (x !== undefined && x !== null && (x as Value).segment === segment && position !== 0x40000) {
      const p = (x as Value).position;
      const words = segment.words;
      const marks = words[3 * p]!;
      if ((marks & 0x200) === 0) {
        segment.end = position + 1;
        const at = 3 * position;
        words[at] = code | 0x400 | (marks & 0x100);
        words[at + 1] = p;
        words[at + 2] = -0x8000_0000;
        const scalars = segment.scalars;
        scalars[position] = evaluate(scalars[p]!);
        return new line.Handle!(segment, position);
      }
    }
    return general(x);
  };
}

function makeBinary(
  evaluate: NumberFunction,
  code: number,
  line: Tape,
  general: (x: Operand, y: Operand) => Value,
): (x: Operand, y: Operand) => Value {
  return (x, y) => {
    if (x !== undefined && x !== null && y !== undefined && y !== null) {
      const segment = line.current;
      const position = segment.end;
      if ((x as Value).segment === segment && (y as Value).segment === segment && position !== 0x40000) {
        const p = (x as Value).position;
        const q = (y as Value).position;
        const words = segment.words;
        const marks = words[3 * p]! | words[3 * q]!;
        if ((marks & 0x200) === 0) {
          segment.end = position + 1;
          const at = 3 * position;
          words[at] = code | 0x400 | (marks & 0x100);
          words[at + 1] = p;
          words[at + 2] = q;
          const scalars = segment.scalars;
          scalars[position] = evaluate(scalars[p]!, scalars[q]!);
          return new line.Handle!(segment, position);
        }
      }
    }
    return general(x, y);
  };
}

/** The callable of a unary elementwise primitive. */
export function unaryOperation(primitive: Elementwise, code: number): (x: Operand) => Value {
  if (primitive.result === "bool") return (x) => recordElementwise(primitive, code, [x]);
  const general = (x: Operand): Value =>
    (x instanceof Value ? recordPlain(primitive, code, x) : undefined) ?? recordElementwise(primitive, code, [x]);
  return fresh(makeUnary)(primitive.evaluate as NumberFunction, code, tape, general);
}

/** What an operator of a cell comes to, whatever its operands are. */
type Operator = (a: unknown, b: unknown) => unknown;

/** The operations that are operators in cells, too. */
export interface OperatorOperation {
  (x: Operand, y: Operand): Value;
  /** The same as an operator: where the operands are not two Values, it is `otherwise`. */
  asOperator(otherwise: Operator): Operator;
}

/** The callable of a binary elementwise primitive. */
export function binaryOperation(
  primitive: Elementwise,
  code: number,
): ((x: Operand, y: Operand) => Value) | OperatorOperation {
  if (primitive.result === "bool") return (x, y) => recordElementwise(primitive, code, [x, y]);
  const loop = loopOf(primitive);
  const general = (x: Operand, y: Operand): Value => {
    if (x instanceof Value && y instanceof Value) {
      const node = recordPair(loop, code, x, y) ?? recordPlain(primitive, code, x, y);
      if (node !== undefined) return node;
    } else if (typeof y === "number" && isScalarValue(x)) {
      return operation(x, scalarLeaf(y, constantCode));
    } else if (typeof x === "number" && isScalarValue(y)) {
      return operation(scalarLeaf(x, constantCode), y);
    }
    return recordElementwise(primitive, code, [x, y]);
  };
  const quickOr = (rest: (x: Operand, y: Operand) => Value): ((x: Operand, y: Operand) => Value) =>
    fresh(makeBinary)(primitive.evaluate as NumberFunction, code, tape, rest);
  const operation = quickOr(general);
  return Object.assign(operation, {
    // The assertions hold as an operator is called with anything, and gives back what `otherwise` does.
    asOperator: (otherwise: Operator) =>
      quickOr((a, b) =>
        a instanceof Value && b instanceof Value ? general(a, b) : (otherwise(a, b) as Value),
      ) as Operator,
  });
}

function isScalarValue(x: unknown): x is Value {
  return x instanceof Value && x.segment.isScalar(x.position);
}
