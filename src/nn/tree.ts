import { Value } from "../graph/value.ts";

/** Values in fields, in records and lists of them, as deep as one likes. */
export type ParameterTree = object;

/** One place of a tree that holds a Value. */
export interface Place {
  /** Field names from the outside in, with dots between. */
  readonly path: string;
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function isTree(x: unknown): x is Record<string, unknown> {
  return typeof x === "object" && x !== null && !(x instanceof Value) && !ArrayBuffer.isView(x);
}

/** Every place that holds a Value, in the order of the fields; each object is entered once. */
export function placesOf(tree: ParameterTree, path = "", entered: Set<object> = new Set()): Place[] {
  if (entered.has(tree)) return [];
  entered.add(tree);
  const holder = tree as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => {
    const part = holder[key];
    const own = path === "" ? key : `${path}.${key}`;
    if (part instanceof Value) return [{ path: own, holder, key }];
    return isTree(part) ? placesOf(part, own, entered) : [];
  });
}

/** The name of the field that holds `part`, in `whole` or in a list or record of it: "weight", "layers.0". */
export function fieldOf(whole: object, part: object, entered: Set<object> = new Set()): string | undefined {
  if (entered.has(whole)) return undefined;
  entered.add(whole);
  for (const [key, field] of Object.entries(whole)) {
    if (field === part) return key;
    // Lists and plain records belong to the object that holds them; other objects have fields of their own.
    if (isTree(field) && (Array.isArray(field) || Object.getPrototypeOf(field) === Object.prototype)) {
      const inner = fieldOf(field, part, entered);
      if (inner !== undefined) return `${key}.${inner}`;
    }
  }
  return undefined;
}
