import type { Graph } from "../../graph/graph.ts";
import { smooth } from "../../graph/primitive.ts";
import { type Shape, sameShape, shapeText } from "../../graph/shape.ts";
import type { NestedNumbers, Value } from "../../graph/value.ts";
import type { Ask } from "../asks.ts";
import { CheckpointError } from "../errors.ts";
import type { TensorExercise } from "../exercise.ts";
import {
  type Ground,
  type HiddenMistake,
  type Lint,
  type Mistake,
  type PossibleMistake,
  plain,
  Survey,
} from "../lint.ts";
import { tensorAsks } from "./exercise.ts";
import { looseConstants, withOtherSizes, withVarying } from "./loosened.ts";
import type { TensorPoint } from "./point.ts";
import { largest } from "./points.ts";
import { TensorReference } from "./reference.ts";
import type { TensorSlip } from "./slip.ts";
import { slipsAtAnyWire } from "./slips.ts";
import { sameTensor } from "./verdict.ts";

type TensorSurvey = Survey<TensorSlip, TensorPoint>;
type TensorMistakeMade = Mistake<TensorSlip>;

/**
 * Works out what a checkpoint about tensors cannot notice and what it cannot tell apart: by its asks, by the numbers that
 * stay as they are given, by its sizes.
 */
export function tensorLint(exercise: TensorExercise): Lint {
  const { id, graph, asks, reference, numbersCount, options } = exercise;
  const survey = surveyOf(reference, asks);
  const known = new Set([...survey.possible, ...survey.invisible].map(nameOf));
  const fixed = fixedNumbers(id, graph, asks, options.domain !== undefined).filter((one) => !known.has(nameOf(one)));
  const sizes = looseSizes(exercise, survey, known);
  const confusable = survey.confusedAt(reference.points);
  const { here } = reference;
  const numbers = numbersCount ? betterNumbers(reference, survey) : undefined;
  const invisible: readonly HiddenMistake[] = [
    ...survey.invisible.map((mistake) => ({
      ...plain(mistake),
      remedy: `ask for ${mistake.shownBy}`,
      ...hiddenBy(reference, mistake),
    })),
    ...fixed,
    ...(sizes?.hidden ?? []),
  ];
  return {
    checkpoint: id,
    mistakes: survey.possible.length + invisible.length,
    invisible,
    alike: numbersCount
      ? survey.alikeAt(here).map((mistake) => ({ ...plain(mistake), ...hiddenBy(reference, mistake) }))
      : [],
    confusable: confusable.map((group) => group.map(plain)),
    confusableNumbers: numbersCount ? survey.confusedHere(confusable).map((group) => group.map(plain)) : [],
    ...(numbers && { numbers }),
    ...(sizes !== undefined &&
      sizes.stopped.length > 0 && { shapes: { shapes: sizes.shapes, stopped: sizes.stopped } }),
  };
}

const nameOf = ({ rule, place }: PossibleMistake): string => `${rule}\n${place}`;

function surveyOf(reference: TensorReference, asks: readonly Ask[]): TensorSurvey {
  const { graph, points, here } = reference;
  const ground: Ground<TensorSlip, TensorPoint> = {
    graph,
    asks,
    everyAsk: everyAsk(graph, tensorAsks(graph), asks),
    points,
    here,
    // Shapes that do not fit stop a learner by themselves, before anything is compared.
    slipsOf: (ask) => reference.slipsOf(ask).filter(({ at }) => at(here) !== undefined),
    shows: (slip, ask, at) => {
      const scale = reference.scaleAt(ask, at);
      return at.some((point) => !sameTensor(slip.at(point)!, reference.rightAt(ask, point), scale));
    },
    written: (slip, ask, point) => writtenOut(slip === undefined ? reference.rightAt(ask, point) : slip.at(point)!),
  };
  return new Survey(ground);
}

function writtenOut(value: Value): string {
  const scale = Math.max(largest(value), 1e-300);
  // Digits below the rounding of the largest number say nothing.
  return `${value.shape.join("×")}: ${value.data.map((number) => Math.round((number / scale) * 1e7) + 0).join(" ")} ${scale.toPrecision(7)}`;
}

/** What is asked; the gradients at everything that moves, what has a name first; local derivatives number by number. */
function everyAsk({ nodes, outputs }: Graph, graphAsks: readonly Ask[], asks: readonly Ask[]): readonly Ask[] {
  const output = outputs[0]!;
  const unnamed = nodes
    .filter(
      ({ needsGradient, index, named, kind }) => needsGradient && index !== output && !named && kind === "operation",
    )
    .map(({ index }): Ask => ({ kind: "gradient", output, node: index }));
  const locals = nodes
    .filter(({ primitive }) => primitive?.family === "elementwise")
    .flatMap((node) =>
      [...new Set(node.inputs)]
        .filter((input) => nodes[input]!.needsGradient && sameShape(nodes[input]!.value.shape, node.value.shape))
        .map((input): Ask => ({ kind: "local", node: node.index, input })),
    );
  return [...asks, ...graphAsks, ...unnamed, ...locals];
}

/** What the numbers of constants hide, and the ranges that variables are drawn from: other ones would show it. */
function fixedNumbers(id: string, graph: Graph, asks: readonly Ask[], narrow: boolean): readonly HiddenMistake[] {
  const constants = looseConstants(graph);
  const wider = narrow ? shownIn(id, graph, asks) : undefined;
  const varied = constants.length > 0 ? withVarying(graph, constants) : undefined;
  const others = varied && shownIn(id, varied, asks);
  const names = constants.map(({ name }) => name).join(" or ");
  return [
    ...told(wider, "let the variables lie anywhere, without a domain"),
    ...told(others, `give ${names} other numbers`).filter(
      (one) => !wider?.survey.possible.some((other) => nameOf(other) === nameOf(one)),
    ),
  ];
}

interface Shown {
  readonly reference: TensorReference;
  readonly survey: TensorSurvey;
}

function told(shown: Shown | undefined, remedy: string): readonly HiddenMistake[] {
  return (shown?.survey.possible ?? []).map((mistake) => ({ ...plain(mistake), remedy }));
}

/** What can be seen of another graph with the same asks; undefined where it has too few points that tell anything. */
function shownIn(id: string, graph: Graph, asks: readonly Ask[]): Shown | undefined {
  try {
    const reference = new TensorReference(graph, asks, {}, `${id}/lint`, "");
    return { reference, survey: surveyOf(reference, asks) };
  } catch (error) {
    if (error instanceof CheckpointError) return undefined;
    throw error;
  }
}

interface LooseSizes {
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Mistakes that fit the present sizes and would not fit others. */
  readonly stopped: readonly PossibleMistake[];
  /** Mistakes that change nothing at the present sizes. */
  readonly hidden: readonly HiddenMistake[];
}

function looseSizes(
  exercise: TensorExercise,
  survey: TensorSurvey,
  known: ReadonlySet<string>,
): LooseSizes | undefined {
  const { id, graph, asks, reference } = exercise;
  const other = withOtherSizes(graph);
  const shown = other && shownIn(id, other.graph, asks);
  if (other === undefined || shown === undefined) return undefined;
  const shapes = Object.fromEntries(
    graph.nodes
      .filter(({ index, value }) => !sameShape(value.shape, other.shapes[index]!))
      .map(({ name, index }) => [name, other.shapes[index]!]),
  );
  const stopped = survey.possible.filter(
    (mistake) => fitsIn(reference, asks, mistake) === true && fitsIn(shown.reference, asks, mistake) === false,
  );
  const remedy = `give ${Object.entries(shapes)
    .map(([name, shape]) => `${name} the shape ${shapeText(shape)}`)
    .join(", ")}`;
  const hidden = shown.survey.possible
    .filter((mistake) => !known.has(nameOf(mistake)) && changesNothing(exercise, mistake))
    .map((mistake) => ({ ...plain(mistake), remedy }));
  return { shapes, stopped: stopped.map(plain), hidden };
}

/** Whether a mistake at a wire, in some form of it, gives the right shape wherever it leads; undefined where it cannot be made. */
function fitsIn(
  reference: TensorReference,
  asks: readonly Ask[],
  { rule, place }: PossibleMistake,
): boolean | undefined {
  const { here } = reference;
  const forms = new Map<string, boolean>();
  for (const ask of asks) {
    for (const slip of reference.slipsOf(ask)) {
      if (slip.rule !== rule || slip.place !== place) continue;
      const wrong = slip.at(here);
      const fits = wrong !== undefined && sameShape(wrong.shape, reference.rightAt(ask, here).shape);
      forms.set(slip.sentence, fits && (forms.get(slip.sentence) ?? true));
    }
  }
  return forms.size === 0 ? undefined : [...forms.values()].some(Boolean);
}

/** Whether a mistake at a wire, made where it is no mistake, leaves every answer right. */
function changesNothing({ graph, asks, reference }: TensorExercise, { rule, place }: PossibleMistake): boolean {
  const { here } = reference;
  const slips = asks.flatMap((ask) =>
    slipsAtAnyWire(graph, ask)
      .filter((slip) => slip.rule === rule && slip.place === place)
      .map((slip) => ({ ask, slip })),
  );
  return (
    slips.length > 0 &&
    slips.every(({ ask, slip }) => {
      const wrong = slip.at(here);
      return wrong !== undefined && sameTensor(wrong, reference.rightAt(ask, here), reference.scaleAt(ask, [here]));
    })
  );
}

/** What in the numbers of a mistake's wire hides it, as far as one can see. */
function hiddenBy({ graph, here }: TensorReference, { slips }: TensorMistakeMade): Pick<HiddenMistake, "hiddenBy"> {
  const [slip] = [...slips.values()].flat();
  const mark = slip?.marks.find((one) => one.kind === "wrong");
  if (mark?.kind !== "wrong") return {};
  const { inputs, primitive } = graph.nodes[mark.wire.node]!;
  const kinked = primitive?.family === "elementwise" && primitive.kink !== smooth;
  const [first] = inputs.flatMap((input) => {
    const trait = traitOf(here.values[input]!, kinked);
    return trait === undefined ? [] : [`${graph.nodes[input]!.name} ${trait}`];
  });
  return first === undefined ? {} : { hiddenBy: first };
}

/** What is special about the numbers of a tensor, as the end of a sentence. */
function traitOf(value: Value, kinked: boolean): string | undefined {
  const { shape, data } = value;
  if (data.length < 2) return undefined;
  if (data.every((number) => number === data[0])) return "is the same number everywhere";
  const [rows, columns] = shape;
  if (
    shape.length === 2 &&
    rows === columns &&
    data.every((number, i) => number === data[(i % rows!) * rows! + Math.floor(i / rows!)])
  )
    return "is symmetric";
  if (kinked && data.every((number) => number > 0)) return "is positive everywhere";
  if (kinked && data.every((number) => number < 0)) return "is negative everywhere";
  return undefined;
}

/** Small numbers for the variables at which less is unclear than at those the graph was run with. */
function betterNumbers(
  reference: TensorReference,
  survey: TensorSurvey,
): Readonly<Record<string, NestedNumbers>> | undefined {
  let best: TensorPoint | undefined;
  let least = survey.unclear(reference.here);
  if (least === 0) return undefined;
  reference.example((point) => {
    const amount = survey.unclear(point);
    if (amount < least) [best, least] = [point, amount];
    return least === 0;
  });
  const variables = reference.graph.nodes.filter(({ kind }) => kind === "variable");
  return best && Object.fromEntries(variables.map(({ name, index }) => [name, best!.values[index]!.toArray()]));
}
