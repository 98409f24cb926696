import type { Graph } from "../graph/graph.ts";
import type { NestedNumbers } from "../graph/value.ts";
import { type Ask, keyOf, symbolOf } from "./asks.ts";
import { localMistakes } from "./local-mistakes.ts";

/** A mistake that can be made on the way to what a checkpoint asks. */
export interface PossibleMistake {
  /** The rule's id. */
  readonly rule: string;
  /** The quantity that comes out wrong first: ∂a/∂x. */
  readonly place: string;
  readonly sentence: string;
}

/** A mistake after which everything is right all the same. */
export interface HiddenMistake extends PossibleMistake {
  /** What would show it, as something an author can do: "ask for da/db". */
  readonly remedy: string;
  /** What hides it, as far as one can see: "W is symmetric". */
  readonly hiddenBy?: string;
}

/** What a checkpoint's author should know about it; it follows from what is asked and from what is given. */
export interface Lint {
  readonly checkpoint: string;
  /** How many mistakes can be made: those of the catalogue that change something. */
  readonly mistakes: number;
  /** Mistakes after which every answer is right all the same. */
  readonly invisible: readonly HiddenMistake[];
  /** Mistakes that formulas show, and the numbers at the checkpoint's own point do not. */
  readonly alike: readonly (PossibleMistake & Pick<HiddenMistake, "hiddenBy">)[];
  /** Mistakes of several rules that lead to the same answers, class by class. */
  readonly confusable: readonly (readonly PossibleMistake[])[];
  /** The same for answers in numbers, where numbers count and tell less than formulas. */
  readonly confusableNumbers: readonly (readonly PossibleMistake[])[];
  /** Numbers for the variables that tell more mistakes apart; left out where the present ones do as well. */
  readonly numbers?: Readonly<Record<string, NestedNumbers>>;
  /** Mistakes that its sizes let pass and other sizes would stop: sizes that are equal by chance, and a batch of one. */
  readonly shapes?: LoosenedShapes;
}

/** Sizes that differ wherever they can. */
export interface LoosenedShapes {
  /** By name, what should have another shape. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Mistakes whose shapes would not fit then. */
  readonly stopped: readonly PossibleMistake[];
}

/** What is known of a checkpoint that asks for nothing in a graph: there is nothing to be mistaken about but this. */
export function plainLint(checkpoint: string, mistakes: number, invisible: readonly HiddenMistake[]): Lint {
  return { checkpoint, mistakes, invisible, alike: [], confusable: [], confusableNumbers: [] };
}

/** What has the same text, group by group. */
export function alikeBy<Item>(items: readonly Item[], textOf: (item: Item) => string): readonly (readonly Item[])[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const text = textOf(item);
    groups.set(text, [...(groups.get(text) ?? []), item]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** A graph with its asks and mistakes, as a lint walks over it: of numbers or of tensors. */
export interface Ground<Slip extends PossibleMistake, Point> {
  readonly graph: Graph;
  readonly asks: readonly Ask[];
  /** All that could be asked about the graph. */
  readonly everyAsk: readonly Ask[];
  /** Where answers are compared, and where numbers count. */
  readonly points: readonly Point[];
  readonly here: Point;
  readonly slipsOf: (ask: Ask) => readonly Slip[];
  /** Whether the answer under the slip is another one at some of the points. */
  readonly shows: (slip: Slip, ask: Ask, points: readonly Point[]) => boolean;
  /** The answer under the slip, or the right one: equal texts are equal answers. */
  readonly written: (slip: Slip | undefined, ask: Ask, point: Point) => string;
}

/** A mistake with its consequences: the slips that it is, by what is asked. */
export interface Mistake<Slip> extends PossibleMistake {
  readonly slips: Map<string, Slip[]>;
}

/** What is said of an answer as it stands, by what it equals: nothing that goes wrong on the way to it. */
const descriptions: ReadonlySet<string> = new Set([
  ...["negated", "doubled", "halved", "inverted", "zero", "one", "batch-factor-extra", "batch-factor-missing"],
  ...["other-quantity", "other-variable", "other-node", "value-for-gradient", "form-of-other-step"],
]);

const localRules: ReadonlySet<string> = new Set(localMistakes.map(({ id }) => id));

/** As `keyOf`, but a derivative of the output by its own input alone differs from that through every path. */
const askName = (graph: Graph, ask: Ask): string => `${ask.kind} ${keyOf(graph, ask)}`;

export const plain = ({ rule, place, sentence }: PossibleMistake): PossibleMistake => ({ rule, place, sentence });

/** What can go wrong on a ground, and what of it is seen. */
export class Survey<Slip extends PossibleMistake, Point> {
  /** Mistakes that some answer shows. */
  readonly possible: readonly Mistake<Slip>[];
  /** Mistakes that no answer shows, with the key that would if it were asked. */
  readonly invisible: readonly (Mistake<Slip> & { readonly shownBy: string })[];
  private readonly ground: Ground<Slip, Point>;

  constructor(ground: Ground<Slip, Point>) {
    this.ground = ground;
    const { asks, everyAsk, points } = ground;
    const everywhere = this.mistakesOf(everyAsk);
    const possible: Mistake<Slip>[] = [];
    const invisible: (Mistake<Slip> & { readonly shownBy: string })[] = [];
    for (const [name, mistake] of this.mistakesOf(asks)) {
      if (this.keyWhereSeen(mistake, asks, points) !== undefined) {
        possible.push(mistake);
        continue;
      }
      // Where nothing at all comes out wrong, as where a factor 1 is forgotten, no mistake was made.
      const whole = everywhere.get(name);
      const shownBy = whole && this.keyWhereSeen(whole, everyAsk, points);
      if (shownBy !== undefined) invisible.push({ ...mistake, shownBy });
    }
    this.possible = possible;
    this.invisible = invisible;
  }

  /** Mistakes that formulas show and numbers at the point do not. */
  alikeAt(point: Point): readonly Mistake<Slip>[] {
    return this.possible.filter((mistake) => this.keyWhereSeen(mistake, this.ground.asks, [point]) === undefined);
  }

  /** Mistakes that lead to the same answers at the points, where they are of more than one rule. */
  confusedAt(points: readonly Point[]): readonly (readonly Mistake<Slip>[])[] {
    const { graph, asks, written } = this.ground;
    const answersOf = (mistake: Mistake<Slip>): string =>
      asks
        .flatMap((ask) => {
          const [slip] = mistake.slips.get(askName(graph, ask)) ?? [];
          // Answers that the mistake does not touch stay right.
          return points.map((point) => written(slip, ask, point));
        })
        .join(" ");
    return alikeBy(this.possible, answersOf).filter((group) => new Set(group.map(({ rule }) => rule)).size > 1);
  }

  /** How much numbers at a point leave open. */
  unclear(point: Point): number {
    return (
      100 * this.alikeAt(point).length + this.confusedAt([point]).reduce((total, group) => total + group.length, 0)
    );
  }

  /** Where numbers count, those of `confusedAt` that only they leave open. */
  confusedHere(confused: readonly (readonly Mistake<Slip>[])[]): readonly (readonly Mistake<Slip>[])[] {
    return this.confusedAt([this.ground.here]).filter(
      (group) => !confused.some((other) => group.every((mistake) => other.includes(mistake))),
    );
  }

  /** The mistakes that can be made on the way to the asks. One at a wire is the same whatever it is made on the way to. */
  private mistakesOf(asks: readonly Ask[]): ReadonlyMap<string, Mistake<Slip>> {
    const { graph, slipsOf } = this.ground;
    const found = new Map<string, Mistake<Slip>>();
    for (const ask of asks) {
      const key = askName(graph, ask);
      for (const slip of slipsOf(ask)) {
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

  /** The key of the first ask at which a mistake gives another answer at one of the points. */
  private keyWhereSeen(mistake: Mistake<Slip>, asks: readonly Ask[], points: readonly Point[]): string | undefined {
    const { graph, shows } = this.ground;
    const ask = asks.find((one) =>
      (mistake.slips.get(askName(graph, one)) ?? []).some((slip) => shows(slip, one, points)),
    );
    return ask && keyOf(graph, ask);
  }
}
