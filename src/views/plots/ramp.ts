import { formatNumber } from "../../graph/number-text.ts";
import { palette, ramps } from "../palette.ts";
import { round } from "../round.ts";
import { least } from "./axes.ts";
import type { Board, Json } from "./board.ts";
import type { Extent } from "./numbers.ts";

/** Which numbers have which colours. */
export interface Ramp {
  readonly low: number;
  readonly high: number;
  /** The channel that colours rows by a field. */
  readonly channel: (field: string) => Json;
  /** Black or white, whichever is read better on the number's colour. */
  readonly ink: (x: number) => string;
}

/** Colours for numbers of an extent: from zero to both sides where they lie on both, or as one asks. */
export function rampFor(extent: Extent | undefined, diverging: boolean = extent !== undefined && extent.low < 0): Ramp {
  const { low, high } = diverging ? around(extent) : upwards(extent);
  const range = diverging ? ramps.diverging : ramps.sequential;
  const domain = diverging ? [low, 0, high] : [low, high];
  return {
    low,
    high,
    channel: (field) => ({
      field,
      type: "quantitative",
      legend: null,
      scale: { domain, range, interpolate: "lab", clamp: true },
    }),
    ink: (x) => {
      const share = diverging ? Math.abs(x) / high : (x / 2 - low / 2) / (high / 2 - low / 2);
      return share > ramps.light ? "#FFFFFF" : "#000000";
    },
  };
}

function around(extent: Extent | undefined): Extent {
  const most = extent === undefined ? 0 : Math.max(Math.abs(extent.low), Math.abs(extent.high));
  return most < least ? { low: -1, high: 1 } : { low: -most, high: most };
}

/** From zero, where no number is below. */
function upwards(extent: Extent | undefined): Extent {
  if (extent === undefined) return { low: 0, high: 1 };
  const low = Math.min(0, extent.low);
  return { low, high: extent.high - low > least ? extent.high : low + 1 };
}

const slices = 40;

/** The colours with their ends' numbers, beside what they colour. */
export function colourBar(board: Board, ramp: Ramp, left: number, top: number, height: number): readonly Json[] {
  const { low, high } = ramp;
  const at = (share: number): number => low * (1 - share) + high * share;
  const marks = [low, ...(low < 0 && high > 0 ? [0] : []), high];
  const place = (x: number): number => top + height * (1 - (x / 2 - low / 2) / (high / 2 - low / 2));
  return [
    board.rects(
      Array.from({ length: slices }, (_, index) => ({
        v: at((index + 0.5) / slices),
        x1: left,
        x2: left + 12,
        y1: round(top + height * (1 - (index + 1) / slices)),
        y2: round(top + height * (1 - index / slices)),
      })),
      { strokeWidth: 0 },
      { fill: ramp.channel("v") },
    ),
    board.text(
      marks.map((x, index) => ({
        x: left + 17,
        y: round(place(x) + (index === 0 ? -5 : index === marks.length - 1 ? 5 : 0)),
        t: formatNumber(x),
      })),
      { color: palette.muted, size: 11 },
    ),
  ];
}
