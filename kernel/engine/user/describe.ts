import { inspect } from "node:util";
import type { Gradients, Value } from "../../../src/index.ts";
import type { MimeBundle } from "../engine.ts";
import { isValue, valueLibrary } from "./display.ts";

// What a Value is at present, for whoever asks about its name: what it holds, what it was made from, and its derivatives.

/** Above so many nodes the derivatives are not worked out for the asking. */
const mostNodes = 1000;
const mostNumbers = 12;

/** Undefined for anything but a Value. */
export function describe(name: string, value: unknown): MimeBundle | undefined {
  if (!isValue(value)) return undefined;
  const described = value as Value; // isValue says so
  const { shape, dtype, primitive, inputs } = described;
  const form = shape.length === 0 ? `a ${dtype} scalar` : `${dtype}, shape ${shape.join("×")}`;
  const made = primitive === undefined ? described.kind : `${primitive.name}(${inputs.map(nameOf).join(", ")})`;
  const lines = [`${name} = ${numbersOf(described)} (${form}; ${made})`, ...derivatives(name, described)];
  return {
    "text/plain": lines.join("\n"),
    "text/markdown": `${lines[0]}${lines
      .slice(1)
      .map((line) => `\n- ${line}`)
      .join("")}`,
  };
}

function derivatives(name: string, value: Value): readonly string[] {
  const variables = variablesBelow(value);
  const { backward } = valueLibrary();
  if (variables === undefined || !value.needsGradient || value.shape.length > 0 || backward === undefined) return [];
  const gradients = (backward as (z: Value) => Gradients)(value);
  const by = (input: Value, derivative: Value): string => `∂${name}/∂${nameOf(input)} = ${numbersOf(derivative)}`;
  const local = gradients.steps
    .find(({ node }) => node.id === value.id)
    ?.terms.flatMap((term) => (term.local === undefined ? [] : [by(term.input, term.local)]));
  const whole = variables.filter((input) => input.id !== value.id).map((input) => by(input, gradients.of(input)));
  return [
    ...(local === undefined || local.length === 0 ? [] : [`local derivatives: ${local.join(", ")}`]),
    ...(whole.length === 0 ? [] : [`gradient: ${whole.join(", ")}`]),
  ];
}

/** The variables that a value was computed from; undefined where its graph is large. */
function variablesBelow(value: Value): readonly Value[] | undefined {
  const found = new Map([[value.id, value]]);
  for (const node of found.values()) {
    for (const input of node.inputs) found.set(input.id, input);
    if (found.size > mostNodes) return undefined;
  }
  return [...found.values()].filter(({ kind }) => kind === "variable").sort((a, b) => a.id - b.id);
}

function nameOf(value: Value): string {
  return value.name ?? (value.shape.length === 0 && value.kind === "constant" ? numbersOf(value) : "…");
}

function numbersOf(value: Value): string {
  const { data, shape } = value;
  if (shape.length === 0) return String(data[0]);
  const shown = [...data.slice(0, mostNumbers)].map((number) => Number(number.toPrecision(6)));
  const rest = data.length - shown.length;
  return inspect(rest > 0 ? [...shown, `… ${rest} more`] : shown, { breakLength: Number.POSITIVE_INFINITY }).replaceAll(
    "'",
    "",
  );
}
