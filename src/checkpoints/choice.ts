import { CheckpointError } from "./errors.ts";
import { alikeBy, type HiddenMistake, type Lint, type PossibleMistake, plainLint } from "./lint.ts";
import { checkedOptions, checkedQuestion, chosen, type Options, promptText, worthText } from "./options.ts";
import { type Judged, type Question, replyTo, type Said } from "./question.ts";
import { type CheckpointRecord, isObject } from "./record.ts";
import { unseal } from "./sealing.ts";

/** A question with answers to choose from. */
export interface ChoiceOptions {
  readonly question: string;
  /** What can be chosen, by key: { a: "…", b: "…" }. */
  readonly options: Options;
  /** The key of the right one. Where it is not known, an answer is recorded and graded later. */
  readonly right?: string;
  /** Why each is right or wrong, by key. */
  readonly because?: Options;
  /** `right` and `because` as a self-study release writes them: not to be read at a glance. */
  readonly sealed?: string;
  readonly points?: number;
  readonly hints?: readonly string[];
}

/** What an author knows about a choice and a learner does not. */
interface Truth {
  readonly right?: string;
  readonly because: Options;
}

/** The key under which a choice is recorded. */
const choiceKey = "choice";

/** @throws {CheckpointError} where the author's options make no choice. */
export function choiceOf(id: string, options: ChoiceOptions): Question {
  checkedQuestion(id, options.question);
  const offered = checkedOptions(id, options.options);
  const { right, because } = truthOf(id, options);
  // Where the answer stands in the clear, as where a class is graded, nobody tries one after the other: the first counts.
  const counts = options.sealed === undefined && right !== undefined ? firstOnly() : always;
  for (const [key, what] of [[right, "right"], ...Object.keys(because).map((one) => [one, "because"])] as const) {
    if (key === undefined || Object.hasOwn(offered, key)) continue;
    const keys = Object.keys(offered).join(", ");
    throw new CheckpointError(`checkpoint “${id}”: ${what} names “${key}”; the options are ${keys}.`);
  }
  return {
    id,
    keys: [choiceKey],
    points: options.points,
    prompt: (record) =>
      promptText(
        `Checkpoint ${id}${worthText(options.points)}:`,
        options.question,
        offered,
        answeredText(record, right),
        `answer(${JSON.stringify(id)}, "")`,
      ),
    judge: (given) => judged(id, offered, { ...(right !== undefined && { right }), because }, given, counts),
    hints: () => [...(options.hints ?? []), ...exclusions(offered, right, because)],
    solution: () => (right === undefined ? undefined : solutionText(id, offered, right, because)),
    lint: () => choiceLint(id, offered, right, because),
  };
}

function truthOf(id: string, { right, because = {}, sealed }: ChoiceOptions): Truth {
  if (sealed === undefined) return { ...(right !== undefined && { right }), because };
  try {
    const truth: unknown = JSON.parse(unseal(sealed));
    if (isObject(truth) && typeof truth["right"] === "string") {
      return { right: truth["right"], because: (truth["because"] ?? {}) as Options }; // written by the release
    }
  } catch {
    // Not written by a release.
  }
  throw new CheckpointError(`checkpoint “${id}”: what is sealed cannot be read. Take a fresh copy of the lesson.`);
}

function answeredText({ answered, solutions, last }: CheckpointRecord, right: string | undefined): string {
  if (answered.length + solutions.length > 0) return "It is answered.";
  const given = last?.answers[choiceKey];
  return right === undefined && given !== undefined ? `You answered “${given}”; it is graded later.` : "";
}

/** The answer that counts once this one is given. */
type Counting = (key: string) => string;

const always: Counting = (key) => key;

function firstOnly(): Counting {
  let first: string | undefined;
  return (key) => {
    first ??= key;
    return first;
  };
}

function judged(id: string, offered: Options, { right, because }: Truth, given: unknown, counts: Counting): Judged {
  const choice = chosen(offered, given);
  if ("problem" in choice)
    return { reply: replyTo(id, "not-attempted", "", choice.problem === "" ? [] : [choice.problem]) };
  const { key } = choice;
  const correct = key === right;
  const counted = counts(key);
  const reasonOf = (one: string): readonly string[] => (Object.hasOwn(because, one) ? [because[one]!] : []);
  const others = Object.keys(offered).filter((one) => one !== key && Object.hasOwn(because, one));
  const sentences = [
    ...reasonOf(key),
    // What is wrong with the others gives the right one away, until it is found.
    ...(correct ? others.map((one) => `Not ${one}: ${because[one]}`) : []),
    ...(counted === key ? [] : [`Your first answer, “${counted}”, is the one that counts.`]),
  ];
  const earned = correct && counted === key;
  return {
    reply:
      right === undefined
        ? replyTo(id, "recorded", key, ["Your answer is recorded; it is graded later."])
        : replyTo(id, correct ? "correct" : "incorrect", key, sentences),
    graded: {
      typed: new Map([[choiceKey, key]]),
      correct: earned ? [choiceKey] : [],
      right: earned ? 1 : 0,
      of: 1,
    },
  };
}

/** One wrong option after the other, until two are left. */
function exclusions(offered: Options, right: string | undefined, because: Options): readonly string[] {
  if (right === undefined) return [];
  const wrong = Object.keys(offered).filter((key) => key !== right);
  return wrong.slice(1).map((key) => `It is not ${key}.${Object.hasOwn(because, key) ? ` ${because[key]}` : ""}`);
}

function solutionText(id: string, offered: Options, right: string, because: Options): Said {
  const lines = Object.keys(offered).filter((key) => Object.hasOwn(because, key));
  return {
    "text/markdown": [
      `**Checkpoint ${id}: solution** ${right}: ${offered[right]}`,
      "",
      ...lines.map((key) => `- **${key}**: ${because[key]}`),
    ].join("\n"),
    "text/plain": [
      `Checkpoint ${id}: solution`,
      `${right}: ${offered[right]}`,
      ...lines.map((key) => `  ${key}: ${because[key]}`),
    ].join("\n"),
  };
}

/** Options without a reason teach nothing to whoever chooses them, and equal ones cannot be told apart. */
function choiceLint(id: string, offered: Options, right: string | undefined, because: Options): Lint {
  const keys = Object.keys(offered);
  const reasonOf = (key: string): string => (Object.hasOwn(because, key) ? because[key]!.trim() : "");
  const chosenAs = (key: string): PossibleMistake => ({ rule: "chosen", place: key, sentence: offered[key]! });
  const alike = (some: readonly string[], textOf: (key: string) => string): readonly (readonly PossibleMistake[])[] =>
    alikeBy(some, textOf).map((group) => group.map(chosenAs));
  const explained = keys.filter((key) => reasonOf(key) !== "");
  const unanswered: HiddenMistake = {
    rule: "no-right-answer",
    place: "",
    sentence: "Nothing says which one is right.",
    remedy: "give right",
  };
  const unexplained = keys
    .filter((key) => !explained.includes(key))
    .map(
      (key): HiddenMistake => ({
        rule: "no-reason",
        place: "",
        sentence: `Whoever chooses ${key} does not learn why.`,
        remedy: `give a reason, because: { ${key}: "…" }`,
      }),
    );
  return {
    ...plainLint(id, keys.length - 1, [...(right === undefined ? [unanswered] : []), ...unexplained]),
    confusable: [...alike(keys, (key) => offered[key]!.trim().toLowerCase()), ...alike(explained, reasonOf)],
  };
}
