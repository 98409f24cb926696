import { adam, adamw, backward, rmsprop, type SgdOptions, sgd, stack, type Value } from "../../../src/index.ts";
import { type Block, type Blocks, comparedWith, constantOf, type Finding, leafOf } from "./blocks.ts";
import { type Program, runProgram } from "./programs.ts";

/** An optimiser's way down a loss: every parameter after every step. */
export interface OptimiserCase {
  readonly kind: "optimiser";
  readonly of: string;
  readonly optimiser: "sgd" | "adam" | "adamw" | "rmsprop";
  readonly options: SgdOptions;
  /** The loss, over the parameters in their order and then the inputs. */
  readonly program: Program;
  readonly parameters: Blocks;
  readonly inputs: readonly Block[];
  /** [steps, …parameter] for each. */
  readonly path: Blocks;
}

const optimisers = { sgd, adam, adamw, rmsprop };

export function compareOptimiser(example: OptimiserCase): readonly Finding[] {
  const parameters = mapped(example.parameters, leafOf);
  const inputs = example.inputs.map(constantOf);
  const optimiser = optimisers[example.optimiser](parameters, example.options);
  const path: Record<string, Value[]> = mapped(example.path, () => []);
  const [[, [steps]]] = Object.values(example.path) as [Block];
  for (let step = 0; step < steps!; step++) {
    optimiser.step(backward(runProgram(example.program, [...Object.values(parameters), ...inputs])));
    for (const [name, parameter] of Object.entries(parameters)) path[name]!.push(parameter);
  }
  return Object.entries(example.path).map(([name, block]) =>
    comparedWith(`path of ${name}`, stack(path[name]!), block),
  );
}

function mapped<Result>(blocks: Blocks, make: (block: Block) => Result): Record<string, Result> {
  return Object.fromEntries(Object.entries(blocks).map(([name, block]) => [name, make(block)]));
}
