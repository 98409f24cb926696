import { tape } from "./tape.ts";

/** One call of a layer: the nodes made during it belong to it. */
export interface ModuleScope {
  readonly module: object;
  /** What its parent calls it: the name of the field that holds it. */
  readonly name: string;
  /** The call of the layer that called it. */
  readonly parent: ModuleScope | undefined;
  /** Of a recurrent layer's steps: which one it is, from 1 on. */
  readonly step?: number;
}

/**
 * Runs a layer's forward pass, so that each node made in it knows the layer. The layer of the call that is under way
 * becomes the parent.
 *
 * @example
 * ```ts
 * import { exp, inModule, modulePath, variable } from "gradbook";
 * const y = inModule({}, "encoder", () => exp(variable(1)));
 * modulePath(y.module) // [ 'encoder' ]
 * ```
 */
export function inModule<Result>(module: object, name: string, run: () => Result): Result {
  return inScope({ module, name, parent: tape.scope }, run);
}

/**
 * Runs one step of the recurrent layer whose call is under way, so that each node made in it knows the step.
 *
 * @example
 * ```ts
 * import { modulePath, nn, variable } from "gradbook";
 * const { state } = new nn.RNN(2, 3).forward(variable([[[1, 2], [3, 4]]]));
 * modulePath(state.module) // [ 'rnn', 'step2' ]
 * ```
 */
export function inStep<Result>(step: number, run: () => Result): Result {
  const parent = tape.scope;
  return parent === undefined ? run() : inScope({ module: parent.module, name: `step${step}`, parent, step }, run);
}

/** Runs what belongs to no layer: a backward pass in the middle of one. */
export function outsideModules<Result>(run: () => Result): Result {
  return tape.scope === undefined ? run() : inScope(undefined, run);
}

function inScope<Result>(scope: ModuleScope | undefined, run: () => Result): Result {
  const outer = tape.scope;
  tape.scope = scope;
  tape.current.note(scope);
  try {
    return run();
  } finally {
    tape.scope = outer;
    tape.current.note(outer);
  }
}

/**
 * The names of a scope and those around it, outermost first.
 *
 * @example
 * ```ts
 * import { modulePath, nn, relu, variable } from "gradbook";
 * const net = new nn.Sequential(new nn.Linear(2, 3), relu);
 * modulePath(net.forward(variable([1, 2])).inputs[0]!.module) // [ 'sequential', 'layers.0' ]
 * ```
 */
export function modulePath(scope: ModuleScope | undefined): readonly string[] {
  const path: string[] = [];
  for (let at = scope; at !== undefined; at = at.parent) path.unshift(at.name);
  return path;
}
