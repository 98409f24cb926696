/**
 * A number as figures, tables and captions show it: whole numbers whole, others to three significant digits, with a real
 * minus sign. The one place where numbers become text.
 */
export function formatNumber(x: number): string {
  return formatDigits(x, 3);
}

/** The same to another number of significant digits. */
export function formatDigits(x: number, digits: number): string {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (Object.is(x, -0)) return "0";
  const size = Math.abs(x);
  const rounded = Number(x.toPrecision(digits));
  const text =
    (Number.isInteger(x) && size < 1e6) || (size >= 1e-3 && size < 1e5)
      ? String(Number.isInteger(x) ? x : rounded)
      : x
          .toExponential(digits - 1)
          .replace(/\.?0+e/, "e")
          .replace("e+", "e");
  return text.replaceAll("-", "−");
}
