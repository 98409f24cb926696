import { formatDigits } from "../../graph/number-text.ts";
import { textWidth } from "../text-width.ts";

/** Coloured cells hold their numbers where these can be read. */
const leastCellWithNumber = 24;
const numberSizes = [11, 10, 9, 8.5];

/** The numbers as texts that fit the cells, with three digits or with two; undefined where they do not. */
export function numbersInCells(
  cells: readonly { readonly v: number }[],
  cell: number,
): { readonly texts: readonly string[]; readonly size: number } | undefined {
  if (cell < leastCellWithNumber) return undefined;
  for (const digits of [3, 2]) {
    const texts = cells.map(({ v }) => formatDigits(v, digits));
    const size = numberSizes.find((each) => texts.every((text) => textWidth(text, each) <= cell - 3));
    if (size !== undefined) return { texts, size };
  }
  return undefined;
}
