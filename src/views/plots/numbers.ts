import { ShapeError } from "../../graph/errors.ts";
import { formatNumber } from "../../graph/number-text.ts";
import { shapeText } from "../../graph/shape.ts";
import { constant, type Data, type Operand, Value } from "../../graph/value.ts";

/** What plots take numbers from: a Value, arrays nested as deep as there are axes, a typed array, or a list of scalars. */
export type Plottable = Data | readonly Operand[];

/** The numbers with their shape. @throws {TypeError} of what holds no numbers. @throws {ShapeError} of ragged rows. */
export function plottedValue(given: Plottable): Value {
  if (given instanceof Value) return given;
  return constant(Array.isArray(given) ? (withoutValues(given) as Data) : (given as Data));
}

function withoutValues(list: readonly unknown[]): readonly unknown[] {
  return list.map((item) =>
    item instanceof Value ? item.toArray() : Array.isArray(item) ? withoutValues(item) : item,
  );
}

/** Things by name, and not numbers themselves. */
export function isNamed<Given>(
  given: Given | Readonly<Record<string, Given>>,
): given is Readonly<Record<string, Given>> {
  return (
    typeof given === "object" &&
    given !== null &&
    Object.getPrototypeOf(given) === Object.prototype &&
    !("shape" in given)
  );
}

/** All numbers, in row-major order, without −0, which plain data cannot say. */
export function numbersOf(given: Plottable): readonly number[] {
  return Array.from(plottedValue(given).data, (x) => x + 0);
}

/** Rows of as many numbers each. @throws {ShapeError} of any other shape. */
export function rowsOf(plot: string, what: string, given: Plottable, columns?: number): readonly (readonly number[])[] {
  const value = plottedValue(given);
  const [rows, width] = value.shape;
  if (value.shape.length !== 2 || (columns !== undefined && width !== columns)) {
    const wanted = columns === undefined ? "rows of numbers" : `rows of ${columns} numbers, [n, ${columns}]`;
    throw new ShapeError(`${plot}: ${what} must be ${wanted}; the shape is ${shapeText(value.shape)}.`);
  }
  const numbers = Array.from(value.data);
  return Array.from({ length: rows! }, (_, row) => numbers.slice(row * width!, (row + 1) * width!));
}

/** The number a function gave. @throws {TypeError} where it gave none. @throws {ShapeError} of more than one. */
export function numberFrom(plot: string, result: unknown): number {
  if (typeof result === "number") return result;
  if (!(result instanceof Value)) {
    throw new TypeError(`${plot}: the function must return a Value or a number; it returned ${kindOf(result)}.`);
  }
  if (result.data.length !== 1) {
    throw new ShapeError(`${plot}: the function must return one number; it returned ${shapeText(result.shape)}.`);
  }
  return result.data[0]!;
}

function kindOf(result: unknown): string {
  if (result === null || result === undefined) return String(result);
  return typeof result === "object" ? "an object" : `a value of type ${typeof result}`;
}

/** Two numbers, the first the lower. @throws {RangeError} of any others. */
export function checkRange(plot: string, what: string, low: number, high: number): void {
  if (Number.isFinite(low) && Number.isFinite(high) && low < high && Number.isFinite(high - low)) return;
  throw new RangeError(`${plot}: ${what} must go from a number to a larger one; it goes from ${low} to ${high}.`);
}

/** "2 NaN and 1 infinite", or nothing where all are finite. */
export function oddNumbers(numbers: readonly number[]): string | undefined {
  const missing = numbers.filter(Number.isNaN).length;
  const infinite = numbers.filter((x) => Math.abs(x) === Number.POSITIVE_INFINITY).length;
  const parts = [missing > 0 && `${formatNumber(missing)} NaN`, infinite > 0 && `${formatNumber(infinite)} infinite`];
  const said = parts.filter((part) => part !== false);
  return said.length === 0 ? undefined : said.join(" and ");
}

/** "1 point", "2 points". */
export function counted(count: number, thing: string, things: string = `${thing}s`): string {
  return `${formatNumber(count)} ${count === 1 ? thing : things}`;
}

export interface Extent {
  readonly low: number;
  readonly high: number;
}

/** The least and the largest of the finite numbers; undefined where there are none. */
export function extentOf(numbers: Iterable<number>): Extent | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const x of numbers) {
    if (!Number.isFinite(x)) continue;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  return low <= high ? { low, high } : undefined;
}
