import type { Token } from "./marks.ts";
import type { NodeKind } from "./palette.ts";
import type { TensorMap } from "./tensor-map.ts";

/** A graph and its passes as a figure tells them: all texts made, nothing placed yet. */
export interface FigureModel {
  /** The outputs' names: "z", "a and b". */
  readonly output: string;
  /** What flows beside the values: gradients backward or tangents forward. */
  readonly flow: FlowKind;
  /** How ∂ of what is differentiated is written: "∂z". */
  readonly differential: string;
  readonly nodes: readonly FigureNode[];
  readonly wires: readonly FigureWire[];
  readonly steps: readonly FigureStep[];
}

export type FlowKind = "gradient" | "tangent";

/** Words on a chip or in a box; beside those of a tensor its numbers as a map. */
export interface Written {
  readonly text: string;
  readonly map: TensorMap | undefined;
}

export interface FigureNode {
  readonly index: number;
  readonly kind: Exclude<NodeKind, "operation">;
  readonly name: string;
  /** "x = 2", "W 2×3": the name alone until the node is evaluated. */
  readonly label: Written;
  /** "∂z/∂x = 4" or "ẋ = 1"; constants and graphs without a variable have none. */
  readonly flow: Written | undefined;
  readonly operation: { readonly symbol: string; readonly describes: string } | undefined;
  /** The step that evaluates it. */
  readonly forward: number;
  /** The step in which its own operation passes its gradient on. */
  readonly visited: number | undefined;
  /** The step in which its gradient is complete, or its tangent known. */
  readonly flowed: number | undefined;
  /** Every path to the output, in words. */
  readonly paths: PathTexts | undefined;
}

export interface PathTexts {
  readonly title: string;
  /** For where there is too little room for the title. */
  readonly shortTitle: string;
  /** Each path, with its product of local derivatives where they are numbers. */
  readonly lines: readonly { readonly route: string; readonly product: string; readonly result: string }[];
}

export interface FigureWire {
  readonly from: number;
  readonly to: number;
  readonly position: number;
  readonly value: Written;
  /** What flows over it beside the value: back from its target, or forward from its source. */
  readonly flow: Written | undefined;
  /** "∂a/∂x = 1", and "·1" where there is little room. */
  readonly local: { readonly long: string; readonly short: string } | undefined;
  /** When its value is there, when it is used. */
  readonly known: number;
  readonly used: number;
  /** When its gradient flows back. */
  readonly backward: number | undefined;
}

export interface FigureStep {
  readonly phase: "start" | "forward" | "backward" | "done";
  readonly title: string;
  readonly rows: readonly (readonly Token[])[];
}
