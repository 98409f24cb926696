import { shapeText } from "../../graph/shape.ts";
import { Value } from "../../graph/value.ts";
import { isObject } from "../record.ts";

/** Numbers in their shape: of a scalar no axis. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  /** Whether they are of 32 bits, with seven digits instead of sixteen. */
  readonly single: boolean;
}

/** Why something is no numbers, as the end of a sentence: "a text". */
export interface Unreadable {
  readonly is: string;
}

/** What a function returned, by the names of its parts; of a result without parts under the empty name. */
export type Parts = ReadonlyMap<string, Numbers | Unreadable>;

/** Numbers, arrays, Values, or objects and lists of them. */
export function partsOf(result: unknown): Parts {
  const parts = new Map<string, Numbers | Unreadable>();
  const add = (name: string, part: unknown, depth: number): void => {
    const read = numbersOf(part);
    const inner = "is" in read && depth < 4 ? partsWithin(part) : undefined;
    if (inner === undefined) parts.set(name, read);
    else for (const [key, one] of inner) add(name === "" ? key : `${name}.${key}`, one, depth + 1);
  };
  add("", result, 0);
  return parts;
}

function partsWithin(part: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (part instanceof Map) return [...part].map(([key, one]) => [String(key), one] as const);
  if (Array.isArray(part)) return part.length > 0 && part.some(isLarger) ? [...part.entries()].map(indexed) : undefined;
  const prototype: unknown = isObject(part) ? Object.getPrototypeOf(part) : undefined;
  if (!isObject(part) || (prototype !== Object.prototype && prototype !== null)) return undefined;
  const entries = Object.entries(part);
  return entries.length === 0 ? undefined : entries;
}

const indexed = ([index, one]: readonly [number, unknown]): readonly [string, unknown] => [String(index), one];
const isLarger = (one: unknown): boolean => typeof one === "object" && one !== null;

/** One part: a number, nested arrays of one shape, a typed array or a Value. */
export function numbersOf(part: unknown): Numbers | Unreadable {
  if (typeof part === "number") return { shape: [], data: [part], single: false };
  if (typeof part === "boolean") return { shape: [], data: [part ? 1 : 0], single: false };
  if (part instanceof Value) {
    return { shape: part.shape, data: Array.from(part.data), single: part.dtype === "float32" };
  }
  if (ArrayBuffer.isView(part) && !(part instanceof DataView)) {
    const data = Array.from(part as unknown as ArrayLike<number>); // typed arrays hold numbers
    return { shape: [data.length], data, single: part instanceof Float32Array };
  }
  if (!Array.isArray(part)) return { is: kindOf(part) };
  if (part.length === 0) return { shape: [0], data: [], single: false };
  const rows = part.map(numbersOf);
  const odd = rows.find((row): row is Unreadable => "is" in row);
  if (odd !== undefined) return { is: `an array that holds ${odd.is}` };
  const whole = rows as readonly Numbers[]; // none is odd
  const { shape } = whole[0]!;
  if (whole.some((row) => shapeText(row.shape) !== shapeText(shape))) {
    return { is: "an array whose rows have different lengths" };
  }
  return {
    shape: [part.length, ...shape],
    data: whole.flatMap(({ data }) => data),
    single: whole.some(({ single }) => single),
  };
}

function kindOf(part: unknown): string {
  if (part === undefined) return "nothing (undefined)";
  if (part === null) return "null";
  if (typeof part === "function") return "a function";
  if (typeof part === "string") return `a text, ${JSON.stringify(part.slice(0, 30))}`;
  if (part instanceof Promise) return "a promise; the function must not be async";
  if (isObject(part) && Object.keys(part).length > 0)
    return `an object with ${Object.keys(part).slice(0, 6).join(", ")}`;
  return typeof part === "object" ? "an object without entries" : `a ${typeof part}`;
}

/** A number; a vector of 3 numbers; a matrix 2×3; a tensor 2×3×4. */
export function shapeWords(shape: readonly number[]): string {
  if (shape.length === 0) return "a number";
  if (shape.length === 1) return `an array of ${shape[0]} ${shape[0] === 1 ? "number" : "numbers"}`;
  return `${shape.length === 2 ? "a matrix" : "a tensor"} ${shape.join("×")}`;
}
