import type { Specification } from "./display.ts";
import { mathFont, palette, textFont } from "./palette.ts";
import { round } from "./round.ts";
import { fitText, textWidth } from "./text-width.ts";

// What the layers of all drawings share. Vega-Lite's time goes by layers, encodings and scales: a layer states each
// property on its mark, read from a row or computed from it, and positions are pixels from the upper left corner.

export type Json = Readonly<Record<string, unknown>>;

/** A property that each row states itself. */
export const field = (name: string): Json => ({ expr: `datum.${name}` });

/** A property computed from a row (datum) and the figure's parameters. */
export const computed = (expr: string): Json => ({ expr });

export const point: Json = { x: field("x"), y: field("y") };
export const corners: Json = { x: field("x1"), x2: field("x2"), y: field("y1"), y2: field("y2") };

/** The sides of one rectangle. */
export const sides = (x: number, y: number, x2: number, y2: number): Json => ({
  x: round(x),
  x2: round(x2),
  y: round(y),
  y2: round(y2),
});

/** A layer that draws the mark once for each row of the dataset of its name, or of another. */
export function layer(name: string, mark: Json, { dataset = name, ...rest }: Json & { dataset?: string } = {}): Json {
  return { name, data: { name: dataset }, mark, encoding: {}, ...rest };
}

/** A layer that draws the mark once. */
export function once(name: string, mark: Json): Json {
  return { name, data: { values: [{}] }, mark, encoding: {} };
}

/** A channel of an encoding that takes a position in pixels from the rows. */
export const pixels = (field: string): Json => ({ field, type: "quantitative", scale: null, axis: null });

/** The tip is at the origin; the mark's angle turns it. */
export const arrow = "M0,0L-9,-4.2L-6.8,0L-9,4.2Z";
export const titleRow = 26;

export const panel: Json = { type: "rect", fill: palette.panel.fill, stroke: palette.panel.edge };
/** Words in the font of names and formulas, those of the sentences around them in another. */
export const mathText: Json = { type: "text", font: mathFont, baseline: "middle" };
export const plainText: Json = { type: "text", baseline: "middle" };

/** The parts all figures share: sizes in pixels, no page colour of its own, no menu. */
export function frame(width: number, height: number, title: string, description: string, rest: Json): Specification {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    description,
    usermeta: { title, embedOptions: { actions: false, renderer: "svg" } },
    background: "transparent",
    padding: 4,
    width: round(width),
    height: round(height),
    ...rest,
    config: { view: { stroke: null }, font: textFont, mark: { aria: false } },
  };
}

/** The row under the pointer, by its id. Marks without ids select too, so what counts is `over`: an id, or −1. */
export const hoverParameter: Json = {
  name: "hover",
  select: { type: "point", fields: ["id"], on: "mouseover", clear: "mouseout", toggle: false },
};
export const overParameter: Json = {
  name: "over",
  expr: "isValid(hover.id) && isValid(hover.id[0]) ? hover.id[0] : -1",
};

/** The colours of a chip, of one of the palette's kinds of quantities. */
export const chipColoursOf = ({ chip, ink }: ChipTone): ChipColours => ({ fill: chip, edge: ink, ink });

interface ChipTone {
  readonly chip: string;
  readonly ink: string;
}
interface ChipColours {
  readonly fill: string;
  readonly edge: string;
  readonly ink: string;
}

/** A table that expressions look colours up in. */
export const colours = (name: string, value: Json): Json => ({ name, value });

/** The words of a legend on the row that begins at `top`: chips as they are drawn below, and what they stand for. */
export function legendLayers(top: number, fill: Json, stroke: Json, ink: Json = stroke): readonly Json[] {
  const y = top + 13;
  const chip = { ...corners, y: top + 5, y2: top + 21 };
  return [
    layer("legendChips", { type: "rect", cornerRadius: 8, strokeWidth: 0.8, ...chip, fill, stroke }, legendRows),
    layer("legendSymbols", { ...mathText, fontSize: 11, ...point, y, text: field("t"), fill: ink }, legendRows),
    layer(
      "legendTexts",
      { ...plainText, align: "left", fontSize: 11, x: field("xn"), y, text: field("n"), fill: palette.muted },
      legendRows,
    ),
  ];
}
const legendRows = { dataset: "legend" };

/** Sentences under or in place of a drawing, a row each. */
export function noteLayer(name: string, rest: Json = {}): Json {
  return layer(
    name,
    { ...plainText, align: "left", fontSize: noteSize, fill: palette.ink, x: 14, y: field("y"), text: field("t") },
    rest,
  );
}
export const noteSize = 12.5;

/** The title above a drawing, on a chip of its own. */
export function titleLayers(title: string, width: number): readonly Json[] {
  const text = fitText(title, width - 24, 14, true);
  const wide = textWidth(text, 14, true) + 24;
  return [
    once("titlePanel", { type: "rect", cornerRadius: 8, fill: palette.panel.fill, ...sides(0, 0, wide, 22) }),
    once("title", {
      ...plainText,
      align: "left",
      fontSize: 14,
      fontWeight: 600,
      fill: palette.ink,
      x: 10,
      y: 11,
      text,
    }),
  ];
}
