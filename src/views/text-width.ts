/**
 * How wide text is, without a font at hand: hundredths of an em for each character, of the widest font that the figures
 * fall back to (DejaVu Serif). Other fonts are narrower, so labels keep some slack.
 */
const widths: ReadonlyMap<string, number> = new Map(
  Object.entries({
    " .,·": 32,
    "ijl'′|‖˙": 33,
    "/:;()[]I": 40,
    "₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁻ʸᵀJt": 42,
    sr_: 52,
    "c?∂xyz": 56,
    abefghknopqdvuθβ: 64,
    "0123456789√λμ": 64,
    ESPFLYZXσα: 72,
    "ABCKRTUVΔΣ∇": 80,
    "DNOQGHw∞": 86,
    "=−+→×÷<>^✗": 84,
    "mMW@…": 103,
  }).flatMap(([characters, width]) => [...characters].map((character) => [character, width] as const)),
);

const unknownWidth = 90;
const boldness = 1.1;

/** The estimated width of a line of text in pixels. */
export function textWidth(text: string, fontSize: number, bold: boolean = false): number {
  let sum = 0;
  // Accents and dots above are as wide as what they stand on.
  for (const character of text.normalize("NFD").replace(/\p{Mn}/gu, "")) sum += widths.get(character) ?? unknownWidth;
  return (sum / 100) * fontSize * (bold ? boldness : 1);
}

/** The text, cut with an ellipsis so that it is at most `width` wide. */
export function fitText(text: string, width: number, fontSize: number, bold: boolean = false): string {
  if (textWidth(text, fontSize, bold) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(`${characters.join("")}…`, fontSize, bold) > width) characters.pop();
  return `${characters.join("").trimEnd()}…`;
}
