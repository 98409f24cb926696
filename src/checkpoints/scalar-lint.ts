import type { Graph } from "../graph/graph.ts";
import { type Ask, stepwiseAsks } from "./asks.ts";
import type { ScalarExercise } from "./exercise.ts";
import { type Ground, type Lint, plain, Survey } from "./lint.ts";
import { type Slip, slipsFor } from "./mistakes.ts";
import { type Point, pointAt } from "./point.ts";
import { isValid } from "./points.ts";
import { randomFrom } from "./random.ts";
import type { Reference } from "./reference.ts";
import { close } from "./verdict.ts";

/** Works out what a checkpoint about numbers cannot notice, what it cannot tell apart, and which numbers would. */
export function scalarLint({ id, graph, asks, reference, numbersCount }: ScalarExercise): Lint {
  const { points, here } = reference;
  const ground: Ground<Slip, Point> = {
    graph,
    asks,
    everyAsk: everyAsk(graph),
    points,
    here,
    slipsOf: (ask) => slipsFor(graph, ask),
    shows: (slip, ask, at) => {
      const scale = reference.scaleAt(ask, at);
      return at.some((point) => !close(slip.at(point), reference.rightAt(ask, point), scale));
    },
    written: (slip, ask, point) => (slip?.at(point) ?? reference.rightAt(ask, point)).toPrecision(7),
  };
  const survey = new Survey(ground);
  const confusable = survey.confusedAt(points);
  const numbers = numbersCount ? betterNumbers(reference, id, (point) => survey.unclear(point)) : undefined;
  return {
    checkpoint: id,
    mistakes: survey.possible.length + survey.invisible.length,
    invisible: survey.invisible.map((mistake) => ({ ...plain(mistake), remedy: `ask for ${mistake.shownBy}` })),
    alike: numbersCount ? survey.alikeAt(here).map(plain) : [],
    confusable: confusable.map((group) => group.map(plain)),
    confusableNumbers: numbersCount ? survey.confusedHere(confusable).map((group) => group.map(plain)) : [],
    ...(numbers && { numbers }),
  };
}

/** All that can be asked about a graph. */
function everyAsk(graph: Graph): readonly Ask[] {
  const locals = graph.nodes
    .filter((node) => node.kind === "operation")
    .flatMap((node) =>
      [...new Set(node.inputs)]
        .filter((input) => graph.nodes[input]!.needsGradient)
        .map((input): Ask => ({ kind: "local", node: node.index, input })),
    );
  return [...stepwiseAsks(graph), ...locals];
}

const draws = 80;

/** Small numbers, distinct and of both signs if need be, at which less is unclear than at the checkpoint's own. */
function betterNumbers(
  { graph, domain, here }: Reference,
  id: string,
  unclear: (point: Point) => number,
): Readonly<Record<string, number>> | undefined {
  const random = randomFrom(`${id}/numbers`);
  const variables = graph.nodes.filter((node) => node.kind === "variable");
  let best: Point | undefined;
  let least = unclear(here);
  for (let draw = 0; draw < draws && least > 0; draw++) {
    const taken = new Set<number>();
    const leaves = new Map(
      variables.map(({ index, name }) => {
        const [low, high] = (Object.hasOwn(domain, name) ? domain[name] : undefined) ?? [draw < draws / 4 ? 2 : -6, 6];
        let number = 0;
        for (let again = 0; again < 20 && (number === 0 || taken.has(Math.abs(number))); again++) {
          const drawn = low + random() * (high - low);
          number = high - low >= 4 ? Math.round(drawn) : Number(drawn.toPrecision(2));
        }
        taken.add(Math.abs(number));
        return [index, number] as const;
      }),
    );
    const point = pointAt(graph, leaves);
    if (!isValid(point, graph.outputs[0]!)) continue;
    const amount = unclear(point);
    if (amount < least) [best, least] = [point, amount];
  }
  return best && Object.fromEntries(variables.map(({ index, name }) => [name, best.values[index]!]));
}
