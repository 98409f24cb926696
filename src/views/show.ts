import { type Graph, graphOf } from "../graph/graph.ts";
import { Value } from "../graph/value.ts";
import { Figure } from "./display.ts";
import type { Hidden, Marks } from "./marks.ts";
import { moduleView } from "./module-view.ts";
import { ancestorsWithin, overviewOf } from "./overview.ts";
import { modelOf } from "./reading.ts";
import { type Direction, sceneOf } from "./scene.ts";
import { specificationOf } from "./spec.ts";
import { summaryOf } from "./summary.ts";
import { tableOfGraph } from "./table.ts";
import type { Tangents } from "./tangents.ts";
import { asDescription, wordsOf } from "./words.ts";

export interface ShowOptions {
  readonly title?: string;
  /** In pixels, 320 to 760; a graph that needs more gets it. */
  readonly width?: number;
  /** By default from left to right where that fits the width, else from top to bottom. */
  readonly direction?: Direction;
  /** Variables to be drawn as parameters. */
  readonly parameters?: readonly Value[];
  /** The step it opens at: the last by default. */
  readonly step?: number;
  /** What is shown as `?`. */
  readonly hidden?: Hidden;
  /** What is drawn about an answer. */
  readonly marks?: Marks;
  /** Draws the graph by layers, with those of these names open: "layers.0", "lstm.step1", "lstm.gates" (of the last step). */
  readonly expand?: readonly string[];
  /** Draws the graph by layers, and recurrent ones step by step. */
  readonly unroll?: boolean;
  /** Of several outputs the one whose backward pass is drawn; that of their sum by default. */
  readonly of?: Value;
  /** Forward mode in place of the backward pass: how some values move, by name or Value; 1 for x is `{ x: 1 }`. */
  readonly tangents?: Tangents;
  /** Draws the decomposition table below, under the same slider. */
  readonly table?: boolean;
  /** A box to tick that plays the steps; nothing moves before it is ticked. */
  readonly autoplay?: boolean;
}

/** Up to this many values a figure shows every number; it also has a bit for each (see spec.ts). */
const mostTaught = 25;
const leastWidth = 320;
const usualWidth = 740;
const mostWidth = 760;

/** Draws the graph that one or several values were computed with: values forward, gradients backward, step by step. */
export function show(value: Value | readonly Value[], options: ShowOptions = {}): Figure {
  const values = value instanceof Value ? [value] : value;
  if (values.length === 0) throw new RangeError("show: there is nothing to draw: the list is empty.");
  const width = Math.min(mostWidth, Math.max(leastWidth, options.width ?? usualWidth));
  const size = ancestorsWithin(values);
  if (!size.more && (options.expand !== undefined || options.unroll === true)) {
    const value = options.of ?? values[0]!;
    const figure = moduleView(value, { ...options, width });
    return typeof figure === "string" ? summaryOf([value], figure, { ...options, width }) : figure;
  }
  if (size.count > mostTaught) return overviewOf(values, size, { ...options, width });
  return teachingFigure(graphOf(...values), options, width);
}

function teachingFigure(graph: Graph, options: ShowOptions, width: number): Figure {
  const model = modelOf(graph, options);
  const marks = options.marks?.marks ?? [];
  const caption = options.marks?.caption;
  const scene = sceneOf(model, marks, width, options.direction);
  const decomposition = options.table === true ? tableOfGraph(graph, options) : undefined;
  const words = wordsOf(model, caption, decomposition);
  const last = model.steps.length - 1;
  const step = Math.min(last, Math.max(0, Math.round(options.step ?? last)));
  const specification = specificationOf(model, scene, {
    title: options.title,
    description: asDescription(words),
    step,
    caption,
    marked: marks.length > 0,
    table: decomposition,
    autoplay: options.autoplay === true,
  });
  return new Figure(specification, options.title === undefined ? words : `${options.title}\n${words}`);
}
