/** What a caller may hide in a figure or draw on it, as plain data. Nodes are positions in `graphOf(value).nodes`. */

/**
 * Something a figure or table shows about a graph. Hiding one hides what is computed from it too, for that would give
 * it away: with the value of a hidden, so are the values, local derivatives and gradients made from a.
 */
export type Quantity =
  /** What the node evaluates to. */
  | { readonly kind: "value"; readonly node: number }
  /** ∂node/∂input for its input at `position`: what stands on that wire. */
  | { readonly kind: "local"; readonly node: number; readonly position: number }
  /** ∂output/∂node. */
  | { readonly kind: "gradient"; readonly node: number };

/** Whether a quantity is to be shown as `?`. */
export type Hidden = (quantity: Quantity) => boolean;

/** The wire that carries a node's input at `position` into it. */
export interface Wire {
  readonly node: number;
  readonly position: number;
}

/** One thing drawn on a figure about an answer. */
export type Mark =
  /** Wires the answer accounted for: solid blue. The wire from an operation's circle to its result follows by itself. */
  | { readonly kind: "counted"; readonly wires: readonly Wire[] }
  /** Wires of a path the answer left out: dashed crimson, the label ("missing path b → d → e") on a crimson-edged chip. */
  | { readonly kind: "missing"; readonly wires: readonly Wire[]; readonly label?: string }
  /** A wire whose local derivative was wrong in the answer: solid crimson, the label ("yours ∂a/∂u = 0.731") on a chip. */
  | { readonly kind: "wrong"; readonly wire: Wire; readonly label?: string }
  /** A badge at a node with the learner's own value ("yours ∂e/∂b = 2 ✗"): white on crimson, under its gradient chip. */
  | { readonly kind: "answer"; readonly node: number; readonly label: string };

/** Colours of words in a caption, by what they speak of. `counted` and `missing` match the marks' wires. */
export type Tone = "plain" | "value" | "gradient" | "tangent" | "local" | "counted" | "missing" | "right" | "muted";

/** A piece of a caption's line, set from left to right. */
export type Token =
  | { readonly kind: "text"; readonly text: string; readonly tone?: Tone }
  /** Top over bottom with a rule between: ∂e over ∂b; beneath it, in small letters, its shape. */
  | {
      readonly kind: "fraction";
      readonly top: string;
      readonly bottom: string;
      readonly beneath?: string;
      readonly tone?: Tone;
    }
  /** A factor with, in small letters beneath, where it comes from: 0.197 over a · (1 − a). */
  | { readonly kind: "factor"; readonly text: string; readonly beneath: string; readonly tone?: Tone }
  /** The number a line arrives at, larger. */
  | { readonly kind: "result"; readonly text: string; readonly tone?: Tone }
  /** A remark in small grey letters: "you counted", "paths add up". */
  | { readonly kind: "note"; readonly text: string };

/** The panel under a figure: a title and lines of tokens. */
export interface Caption {
  readonly title: string;
  /** The title's colour: crimson for wrong, green for right. */
  readonly tone: "wrong" | "right" | "muted";
  /** At most four lines are shown. */
  readonly rows: readonly (readonly Token[])[];
}

/** Marks and, in place of the steps' captions, one about the answer. A marked figure stands at its last step. */
export interface Marks {
  readonly marks: readonly Mark[];
  readonly caption?: Caption;
}
