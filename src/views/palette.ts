/**
 * Colours of all figures. Every text stands on an opaque chip of its own, so one palette serves light and dark pages;
 * inks have a contrast of at least 4.5 on their chips (a test holds it), lines are mid tones that show on both pages.
 */
export const palette = {
  ink: "#1B2733",
  muted: "#52606E",
  wire: "#7C8A9A",
  path: "#8E5BC4",
  pathInk: "#5B2A86",
  value: { ink: "#0B62A8", chip: "#E4F0FB", line: "#2A86D1" },
  gradient: { ink: "#A84300", chip: "#FFEBDD", line: "#D9601A" },
  tangent: { ink: "#0A6650", chip: "#DDF3EA", line: "#12936F" },
  local: { ink: "#3F4754", chip: "#FFFFFF" },
  wrong: { ink: "#B5124F", chip: "#FDE7EF", line: "#D63A75" },
  right: { ink: "#08664C", chip: "#DDF3EA" },
  counted: "#0369A1",
  tableHead: "#334155",
  panel: { fill: "#F7F9FC", edge: "#D3DCE6" },
} as const;

/** The cells of tensors: numbers are written on them in `palette.ink`. */
export const mapColours = {
  zero: "#FFFFFF",
  above: "#5FA8E6",
  below: "#F09A66",
  /** What is no finite number. */
  none: "#E58CB0",
  lines: "#AEB9C4",
} as const;

/** What a box can stand for. */
export type NodeKind = "input" | "parameter" | "constant" | "operation" | "intermediate" | "derivative" | "output";

export const nodeColours: Readonly<Record<NodeKind, { readonly fill: string; readonly edge: string }>> = {
  input: { fill: "#DCEBFA", edge: "#1F6FB5" },
  parameter: { fill: "#E9E2F5", edge: "#6A4BA3" },
  constant: { fill: "#F4F4F4", edge: "#8A939D" },
  operation: { fill: "#FFF3D1", edge: "#A87400" },
  intermediate: { fill: "#EEF1F5", edge: "#64748B" },
  /** What a backward pass recorded as a graph. */
  derivative: { fill: "#FFF3EA", edge: "#B8703F" },
  output: { fill: "#DDF3EA", edge: "#0A7A5A" },
};

/**
 * Classes and series of plots, told apart also by those who see colours differently: any two of the first six are at least
 * 20 apart (CIE Lab) in normal vision and under the three kinds of colour blindness; a shape or a dash says the same again.
 */
export const seriesColours: readonly string[] = ["#2A86D1", "#D9601A", "#0B3B2A", "#7A22E0", "#A07878", "#5C0A52"];

/**
 * Colours of numbers: from zero up, or from both sides of zero. Mixed in Lab, which neither greys out nor turns green on
 * its way. Up to `light` of the way black is read on them, white from there on.
 */
export const ramps = {
  sequential: ["#FFFFFF", "#0B62A8"],
  diverging: ["#A84300", "#FFFFFF", "#0B62A8"],
  light: 0.8605,
} as const;

export const textFont =
  'Inter, "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif';
export const mathFont =
  '"STIX Two Math", "STIX Two Text", "Cambria Math", "Latin Modern Math", "DejaVu Serif", Georgia, serif';
