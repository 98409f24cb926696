import { inspect, types } from "node:util";
import type { MimeBundle } from "../engine.ts";
import { bundleOf, isValue } from "./display.ts";
import type { InspectedVariable } from "./messages.ts";

// What a debugger shows of variables. It asks through V8's inspector, also while it holds this thread.

interface Child {
  readonly name: string;
  readonly value: unknown;
  /** What is shown instead of the value. */
  readonly text?: string;
}

/** A value whose children may be asked for, or the bindings of a scope. */
type Holder = { readonly value: object } | { readonly bindings: readonly object[] };

const shortText = {
  depth: 1,
  maxArrayLength: 20,
  maxStringLength: 200,
  breakLength: Number.POSITIVE_INFINITY,
} as const;
const longestText = 400;

/** The variables of the notebook and of stopped functions as lists of texts, with numbers to ask for more. */
export class Inspection {
  private readonly holders = new Map<number, Holder>();
  private last = 0;
  readonly scope: Readonly<Record<string, unknown>>;

  constructor(scope: Readonly<Record<string, unknown>>) {
    this.scope = scope;
  }

  /** Forgets what was shown: the numbers given so far mean nothing any more. */
  forget(): void {
    this.holders.clear();
  }

  /** The notebook's variables, and a number to ask for them by. */
  globals(): { readonly reference: number; readonly names: readonly string[] } {
    return this.locals(this.scope);
  }

  /** The same of a function's scopes, the innermost first. */
  locals(...bindings: readonly object[]): { readonly reference: number; readonly names: readonly string[] } {
    return { reference: this.hold({ bindings }), names: namesIn(bindings) };
  }

  /** The names that scopes bind, nothing held for later. */
  names(...bindings: readonly object[]): readonly string[] {
    return namesIn(bindings);
  }

  variables(reference: number, start = 0, count: number = mostChildren): readonly InspectedVariable[] | undefined {
    const holder = this.holders.get(reference);
    if (holder === undefined) return undefined;
    const children = this.childrenOf(holder);
    const shown = children.slice(start, start + (count > 0 ? count : mostChildren)).map((child) => this.shown(child));
    const left = children.length - start - shown.length;
    if (left <= 0 || count !== mostChildren) return shown;
    return [...shown, { name: "…", value: `${left} more`, type: "", reference: 0 }];
  }

  /** A value as a variable of a name. */
  shown({ name, value, text }: Child): InspectedVariable {
    return {
      name,
      value: text ?? textOf(value),
      type: text === undefined ? typeOf(value) : "",
      reference: text === undefined && isExpandable(value) ? this.hold({ value }) : 0,
    };
  }

  bundle(value: unknown): MimeBundle {
    return bundleOf(value) ?? { "text/plain": textOf(value) };
  }

  private childrenOf(holder: Holder): readonly Child[] {
    if ("bindings" in holder) return bindingsOf(holder.bindings);
    if (!isValue(holder.value)) return childrenOf(holder.value);
    return partsOfValue(holder.value, Object.values(this.scope).filter(isGradients));
  }

  private hold(holder: Holder): number {
    this.holders.set(++this.last, holder);
    return this.last;
  }
}

const mostChildren = 200;

function isExpandable(value: unknown): value is object {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return false;
  if (value instanceof Map || value instanceof Set) return value.size > 0;
  return isValue(value) || Object.keys(value).length > 0;
}

function textOf(value: unknown): string {
  if (typeof value === "function" && !types.isProxy(value))
    return `${isClass(value) ? "class" : "function"} ${value.name}`;
  const text = attempt(() => inspect(value, shortText).replace(/\s*\n\s*/g, " "));
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

/** What looking at a value gives, or why it cannot be looked at: a getter fails, a transform traces without numbers. */
function attempt(look: () => string): string {
  try {
    return look();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isClass(value: object): boolean {
  return Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  if (isValue(value)) return "Value";
  if (types.isProxy(value)) return "Proxy";
  const prototype: unknown = Object.getPrototypeOf(value);
  const made = prototype === null ? undefined : ownValue(prototype as object, "constructor");
  return typeof made === "function" && made.name !== "" ? made.name : "Object";
}

/** A property's value where reading it runs nobody's code. */
function ownValue(object: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(object, name)?.value;
}

/** Names that a learner chose: what starts with two underscores is the kernel's. */
function namesIn(bindings: readonly object[]): string[] {
  const names = new Set(bindings.flatMap((object) => Object.keys(object)));
  return [...names].filter((name) => !name.startsWith("__"));
}

/** What was computed comes first, then functions, which are mostly imported. */
function bindingsOf(bindings: readonly object[]): readonly Child[] {
  const children = namesIn(bindings).map((name) => {
    const owner = bindings.find((object) => Object.hasOwn(object, name))!;
    return { name, value: (owner as Record<string, unknown>)[name] };
  });
  const isFunction = ({ value }: Child): boolean => typeof value === "function";
  return [...children.filter((child) => !isFunction(child)), ...children.filter(isFunction)];
}

function childrenOf(value: object): readonly Child[] {
  if (types.isProxy(value)) return [];
  if (value instanceof Map) return [...value].map(([key, held]) => ({ name: textOf(key), value: held }));
  if (value instanceof Set) return [...value].map((held, index) => ({ name: String(index), value: held }));
  const elements = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  if (!elements) return propertiesOf(value);
  return Array.from(value as ArrayLike<unknown>, (held, index) => ({ name: String(index), value: held }));
}

function propertiesOf(object: object): readonly Child[] {
  return Object.entries(Object.getOwnPropertyDescriptors(object))
    .filter(([, { enumerable }]) => enumerable)
    .map(([name, property]) =>
      property.get === undefined ? { name, value: property.value } : { name, value: undefined, text: "[Getter]" },
    );
}

type Node = Readonly<
  Record<"shape" | "dtype" | "name" | "kind" | "primitive" | "inputs" | "needsGradient", unknown>
> & {
  toArray(): unknown;
};
type Gradients = { readonly output: Node; of(value: object): unknown };

/** What a node of the graph knows of itself, and its gradients in what backward passes of the notebook returned. */
function partsOfValue(value: object, passes: readonly Gradients[]): readonly Child[] {
  const node = value as object as Node; // the library's Value has these
  const parts: readonly (readonly [string, () => unknown])[] = [
    ["value", () => node.toArray()],
    ["shape", () => node.shape],
    ["dtype", () => node.dtype],
    ["name", () => node.name],
    ["kind", () => node.kind],
    ["primitive", () => (node.primitive as { readonly name: string } | undefined)?.name],
    ["inputs", () => node.inputs],
    ...(node.needsGradient === true
      ? passes.map((pass) => [`gradient of ${pass.output.name ?? "output"}`, () => pass.of(value)] as const)
      : []),
  ];
  return parts.map(([name, read]) => partOf(name, read)).filter(({ value, text }) => value !== undefined || text);
}

function partOf(name: string, read: () => unknown): Child {
  let value: unknown;
  const text = attempt(() => {
    value = read();
    return "";
  });
  return text === "" ? { name, value } : { name, value, text };
}

function isGradients(value: unknown): value is Gradients {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return false;
  return isValue(ownValue(value, "output")) && typeof (value as { readonly of?: unknown }).of === "function";
}
