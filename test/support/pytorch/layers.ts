import * as library from "../../../src/index.ts";
import { add, backward, nn, sum, Value } from "../../../src/index.ts";
import { type Block, type Blocks, comparedWith, constantOf, type Finding, isFloat, leafOf } from "./blocks.ts";
import { resolved } from "./programs.ts";

/** A layer with recorded parameters, called once. */
export interface LayerCase {
  readonly kind: "layer";
  readonly of: string;
  /** Its class and what it is made with; within, further layers in the same form, and functions by their names. */
  readonly layer: readonly unknown[];
  readonly training: boolean;
  readonly parameters: Blocks;
  readonly buffers: Blocks;
  readonly inputs: readonly Block[];
  /** What forward is called with; "#1" stands for the second input. */
  readonly call: readonly unknown[];
  /** By their place in what forward returns: "" for a Value alone, "state.cell". */
  readonly outputs: Blocks;
  readonly cotangents: Blocks;
  /** By each input that is a float. */
  readonly gradients: readonly Block[];
  readonly parameterGradients: Blocks;
  readonly buffersAfter: Blocks;
}

interface Layer extends nn.Module {
  forward(...inputs: unknown[]): unknown;
}

// Recorded layers and functions are the library's own, and are given what they take.
const layers = nn as unknown as Readonly<Record<string, new (...args: unknown[]) => Layer>>;
const functions = library as unknown as Readonly<Record<string, unknown>>;

function built(description: unknown): unknown {
  if (typeof description === "string") return functions[description];
  if (!Array.isArray(description) || typeof description[0] !== "string") return description;
  const [name, ...args] = description as [string, ...unknown[]];
  return new layers[name]!(...args.map(built));
}

function valuesIn(result: unknown, path = ""): readonly (readonly [path: string, value: Value])[] {
  if (result instanceof Value) return [[path, result]];
  return Object.entries(result as object).flatMap(([key, part]) =>
    valuesIn(part, path === "" ? key : `${path}.${key}`),
  );
}

export function compareLayer(example: LayerCase): readonly Finding[] {
  const layer = built(example.layer) as Layer;
  for (const [path, block] of Object.entries(example.parameters)) layer.setParameter(path, leafOf(block));
  for (const [path, block] of Object.entries(example.buffers)) layer.setParameter(path, constantOf(block));
  if (example.training) layer.train();
  else layer.eval();
  const inputs = example.inputs.map(leafOf);
  const call = example.call.map((argument) => resolved(argument, inputs));
  const outputs = new Map(valuesIn(layer.forward(...call)));
  const parameters = new Map(layer.namedParameters());
  const findings = compareNamed("output", outputs, example.outputs);
  const total = Object.entries(example.cotangents)
    .map(([path, cotangent]) => sum(outputs.get(path)!.mul(constantOf(cotangent))))
    .reduce((left, right) => add(left, right));
  const gradients = backward(total);
  const moving = inputs.filter((_, position) => isFloat(example.inputs[position]!));
  return [
    ...findings,
    ...example.gradients.map((block, i) => comparedWith(`gradient ${i}`, gradients.of(moving[i]!), block)),
    ...compareNamed(
      "gradient of",
      new Map([...parameters].map(([path, parameter]) => [path, gradients.of(parameter)])),
      example.parameterGradients,
    ),
    ...compareNamed("afterwards", new Map(layer.namedBuffers()), example.buffersAfter),
  ];
}

function compareNamed(what: string, actual: ReadonlyMap<string, Value>, recorded: Blocks): readonly Finding[] {
  const unlike = [...actual.keys()].sort().join() !== Object.keys(recorded).sort().join();
  if (unlike) throw new Error(`${what}: ${[...actual.keys()]}, recorded ${Object.keys(recorded)}`);
  return Object.entries(recorded).map(([path, block]) => comparedWith(`${what} ${path}`, actual.get(path)!, block));
}
