import type { Graph } from "../graph/graph.ts";
import { type Ask, keyOf, stepwiseAsks, symbolOf } from "./asks.ts";
import type { ScalarExercise } from "./exercise.ts";
import { localMistakes } from "./local-mistakes.ts";
import { type Slip, slipsFor } from "./mistakes.ts";
import { type Point, pointAt } from "./point.ts";
import { isValid } from "./points.ts";
import { randomFrom } from "./random.ts";
import type { Reference } from "./reference.ts";
import { close } from "./verdict.ts";
import { answerAt } from "./walks.ts";

/** A mistake that can be made on the way to what a checkpoint asks. */
export interface PossibleMistake {
  /** The rule's id. */
  readonly rule: string;
  /** The quantity that comes out wrong first: ∂a/∂x. */
  readonly place: string;
  readonly sentence: string;
}

/** What a checkpoint's author should know about it; it follows from the graph and from what is asked. */
export interface Lint {
  readonly checkpoint: string;
  /** How many mistakes of the catalogue can be made. */
  readonly mistakes: number;
  /** Mistakes after which every answer is right all the same, with a key that would show them if it were asked. */
  readonly invisible: readonly (PossibleMistake & { readonly shownBy: string })[];
  /** Mistakes that formulas show, and the numbers at the checkpoint's own point do not. */
  readonly alike: readonly PossibleMistake[];
  /** Mistakes of several rules that lead to the same answers, class by class. */
  readonly confusable: readonly (readonly PossibleMistake[])[];
  /** The same for answers in numbers, where numbers count and tell less than formulas. */
  readonly confusableNumbers: readonly (readonly PossibleMistake[])[];
  /** Numbers for the variables that tell more mistakes apart; left out where the present ones do as well. */
  readonly numbers?: Readonly<Record<string, number>>;
}

/** A mistake with its consequences: the slips that it is, by the key of what is asked. */
interface Mistake extends PossibleMistake {
  readonly slips: Map<string, Slip[]>;
}

/** What is said of an answer as it stands, by what it equals: nothing that goes wrong on the way to it. */
const descriptions: ReadonlySet<string> = new Set([
  ...["negated", "doubled", "halved", "inverted", "zero", "one"],
  ...["other-quantity", "other-variable", "other-node", "value-for-gradient"],
]);

/** Works out what the checkpoint cannot notice, what it cannot tell apart, and which numbers would. */
export function lint({ id, graph, asks, reference, numbersCount }: ScalarExercise): Lint {
  const { points, here } = reference;
  const everywhere = mistakesOf(graph, everyAsk(graph));
  const seen = (mistake: Mistake, from: readonly Ask[], at: readonly Point[]): string | undefined =>
    keyWhereSeen(reference, mistake, from, at);
  const possible: Mistake[] = [];
  const invisible: (PossibleMistake & { readonly shownBy: string })[] = [];
  for (const [name, mistake] of mistakesOf(graph, asks)) {
    if (seen(mistake, asks, points) !== undefined) {
      possible.push(mistake);
      continue;
    }
    // Where nothing at all comes out wrong, as where a factor 1 is forgotten, no mistake was made.
    const whole = everywhere.get(name);
    const shownBy = whole && seen(whole, everyAsk(graph), points);
    if (shownBy !== undefined) invisible.push({ ...plain(mistake), shownBy });
  }
  const alikeAt = (point: Point): readonly Mistake[] =>
    numbersCount ? possible.filter((mistake) => seen(mistake, asks, [point]) === undefined) : [];
  const confusedAt = (at: readonly Point[]): readonly (readonly Mistake[])[] => classes(reference, possible, asks, at);
  const confusable = confusedAt(points);
  const confusableNumbers = numbersCount ? confusedAt([here]).filter((group) => !within(group, confusable)) : [];
  const unclear = (point: Point): number =>
    100 * alikeAt(point).length + confusedAt([point]).reduce((total, group) => total + group.length, 0);
  const numbers = numbersCount ? betterNumbers(reference, id, unclear) : undefined;
  return {
    checkpoint: id,
    mistakes: possible.length + invisible.length,
    invisible,
    alike: alikeAt(here).map(plain),
    confusable: confusable.map((group) => group.map(plain)),
    confusableNumbers: confusableNumbers.map((group) => group.map(plain)),
    ...(numbers && { numbers }),
  };
}

const plain = ({ rule, place, sentence }: PossibleMistake): PossibleMistake => ({ rule, place, sentence });

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

/** The mistakes that can be made on the way to the asks. One at a wire is the same whatever it is made on the way to. */
function mistakesOf(graph: Graph, asks: readonly Ask[]): ReadonlyMap<string, Mistake> {
  const found = new Map<string, Mistake>();
  for (const ask of asks) {
    const key = askName(graph, ask);
    for (const slip of slipsFor(graph, ask)) {
      if (descriptions.has(slip.rule)) continue;
      const local = ask.kind === "local" && localRules.has(slip.rule);
      const place = local ? symbolOf(graph, ask) : slip.place;
      const name = place === "" ? `${slip.rule}\n${slip.sentence}` : `${slip.rule}\n${place}`;
      const { rule, sentence } = slip;
      const mistake = found.get(name) ?? {
        rule,
        sentence,
        place: place === "" ? symbolOf(graph, ask) : place,
        slips: new Map(),
      };
      found.set(name, mistake);
      mistake.slips.set(key, [...(mistake.slips.get(key) ?? []), slip]);
    }
  }
  return found;
}

const localRules: ReadonlySet<string> = new Set(localMistakes.map(({ id }) => id));

/** As `keyOf`, but a derivative of the output by its own input alone differs from that through every path. */
const askName = (graph: Graph, ask: Ask): string => `${ask.kind} ${keyOf(graph, ask)}`;

/** The key of the first ask at which a mistake gives another answer at one of the points. */
function keyWhereSeen(
  reference: Reference,
  mistake: Mistake,
  asks: readonly Ask[],
  points: readonly Point[],
): string | undefined {
  const { graph } = reference;
  const ask = asks.find((one) => {
    const scale = reference.scaleAt(one, points);
    const slips = mistake.slips.get(askName(graph, one)) ?? [];
    return slips.some((slip) => points.some((point) => !close(slip.at(point), reference.rightAt(one, point), scale)));
  });
  return ask === undefined ? undefined : keyOf(graph, ask);
}

/** Mistakes that lead to the same answers at the points, where they are of more than one rule. */
function classes(
  reference: Reference,
  mistakes: readonly Mistake[],
  asks: readonly Ask[],
  points: readonly Point[],
): readonly (readonly Mistake[])[] {
  const groups = new Map<string, Mistake[]>();
  for (const mistake of mistakes) {
    const answers = asks.flatMap((ask) => {
      const [slip] = mistake.slips.get(askName(reference.graph, ask)) ?? [];
      // Answers that the mistake does not touch stay right.
      return points.map((point) => (slip === undefined ? answerAt(point, ask) : slip.at(point)).toPrecision(7));
    });
    const signature = answers.join(" ");
    groups.set(signature, [...(groups.get(signature) ?? []), mistake]);
  }
  return [...groups.values()].filter((group) => new Set(group.map(({ rule }) => rule)).size > 1);
}

function within(group: readonly Mistake[], groups: readonly (readonly Mistake[])[]): boolean {
  return groups.some((other) => group.every((mistake) => other.includes(mistake)));
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
