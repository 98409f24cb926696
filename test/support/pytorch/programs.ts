import * as library from "../../../src/index.ts";
import { backward, sum, type Value } from "../../../src/index.ts";
import { type Block, comparedWith, constantOf, type Finding, isFloat, leafOf } from "./blocks.ts";

/** Calls one after the other, each an operation's name and its arguments; "#3" stands for the fourth input or result so far. */
export type Program = readonly (readonly [name: string, ...args: unknown[]])[];

export interface ProgramCase {
  readonly kind?: undefined;
  /** The operation in question. */
  readonly of: string;
  readonly program: Program;
  readonly inputs: readonly Block[];
  readonly output: Block;
  readonly cotangent?: Block;
  /** By each input that is a float. */
  readonly gradients?: readonly Block[];
  /** What the gradients are multiplied by, and the gradients of the sum of that. */
  readonly directions?: readonly Block[];
  readonly second?: readonly Block[];
  /** Of a scalar function of scalars: all second derivatives, a row for each input. */
  readonly hessian?: Block;
}

/** An argument with the Values put in that it names. */
export function resolved(argument: unknown, values: readonly Value[]): unknown {
  if (typeof argument === "string" && argument.startsWith("#")) return values[Number(argument.slice(1))];
  if (Array.isArray(argument)) return argument.map((part) => resolved(part, values));
  if (typeof argument === "object" && argument !== null) {
    return Object.fromEntries(Object.entries(argument).map(([key, part]) => [key, resolved(part, values)]));
  }
  return argument;
}

// The recorded calls are the library's own, so their arguments fit.
const operations = library as unknown as Readonly<Record<string, (...args: unknown[]) => Value>>;

export function runProgram(program: Program, inputs: readonly Value[]): Value {
  const values = [...inputs];
  for (const [name, ...args] of program) {
    const operation = operations[name];
    if (operation === undefined) throw new Error(`There is no operation ${name}.`);
    values.push(operation(...args.map((argument) => resolved(argument, values))));
  }
  return values[values.length - 1]!;
}

export function compareProgram(example: ProgramCase): readonly Finding[] {
  const inputs = example.inputs.map(leafOf);
  const moving = inputs.filter((_, position) => isFloat(example.inputs[position]!));
  const output = runProgram(example.program, inputs);
  const findings = [comparedWith("value", output, example.output)];
  if (example.gradients === undefined || example.cotangent === undefined) return findings;
  const graph = example.second !== undefined || example.hessian !== undefined;
  const gradients = backward(output, { seed: constantOf(example.cotangent), graph });
  const first = moving.map((input) => gradients.of(input));
  compareAll("gradient", first, example.gradients, findings);
  if (graph) {
    // The pass over numbers alone must agree with the one that is recorded.
    const quick = backward(output, { seed: constantOf(example.cotangent) });
    compareAll(
      "gradient in numbers",
      moving.map((input) => quick.of(input)),
      example.gradients,
      findings,
    );
  }
  if (example.second !== undefined) {
    const total = first
      .map((gradient, position) => sum(gradient.mul(constantOf(example.directions![position]!))))
      .reduce((left, right) => left.add(right));
    compareAll("second derivative", gradientsOf(total, moving), example.second, findings);
  }
  if (example.hessian !== undefined) {
    const rows = first.map((gradient) => library.stack(gradientsOf(gradient, moving)));
    findings.push(comparedWith("Hessian", library.stack(rows), example.hessian));
  }
  return findings;
}

function compareAll(what: string, actual: readonly Value[], recorded: readonly Block[], findings: Finding[]): void {
  recorded.forEach((block, position) => {
    findings.push(comparedWith(`${what} ${position}`, actual[position]!, block));
  });
}

/** Zeros where a gradient is a constant: nothing moves it. */
function gradientsOf(output: Value, inputs: readonly Value[]): readonly Value[] {
  const gradients = output.needsGradient ? backward(output) : undefined;
  return inputs.map((input) => gradients?.of(input) ?? input.mul(0));
}
