import path from "node:path";
import { placeText } from "../../src/checkpoints/example-text.ts";
import type { HiddenMistake, Lint, PossibleMistake } from "../../src/checkpoints/lint.ts";
import { courseMetadata } from "../../src/course/metadata.ts";
import type { Notebook } from "../../src/course/notebook.ts";
import { countOf } from "../../src/course/shape.ts";
import { shapeText } from "../../src/graph/shape.ts";
import { LessonError, readLesson, reasonOf, sourcesOf } from "./lessons.ts";
import { Stage } from "./rehearsal.ts";
import { twoAtATime } from "./two-at-a-time.ts";

/**
 * Says of every checkpoint of an author's notebook, or of all in a folder, which mistakes it does not show and which it
 * cannot tell apart; resolves to the exit code, 1 where a mistake does not show and the author gives no reason.
 */
export async function lintLessons(source: string): Promise<number> {
  const { folder, lessons } = await sourcesOf(source);
  if (lessons.length === 0) throw new Error(`There is no notebook (.ipynb) in ${source}.`);
  const stage = await Stage.in(folder);
  let failed = false;
  try {
    await twoAtATime(
      lessons,
      (name) => lintLesson(path.join(folder, name), stage),
      ({ lines, fails }) => {
        failed ||= fails;
        for (const line of lines) console.log(line);
      },
    );
  } finally {
    await stage.close();
  }
  return failed ? 1 : 0;
}

interface Findings {
  readonly lines: readonly string[];
  readonly fails: boolean;
}

async function lintLesson(file: string, stage: Stage): Promise<Findings> {
  const name = path.basename(file);
  try {
    const lesson = await readLesson(file);
    return await stage.rehearse(lesson, async ({ failure, ask }) => {
      if (failure !== undefined) throw new Error(`Cell ${failure.cell} (id ${failure.id}) fails: ${failure.error}`);
      const found = (await ask("gradbook.lessonSession.lint()")) as readonly Lint[];
      const findings = found.map((lint) => findingsOf(lint, reasonsFor(lesson, lint.checkpoint)));
      const lines = [name, ...findings.flatMap((each) => each.lines)];
      if (found.length === 0) lines.push("  there is no checkpoint in it");
      return { lines, fails: findings.some(({ fails }) => fails) };
    });
  } catch (error) {
    const reason = error instanceof LessonError ? error.message : `${name}: ${reasonOf(error)}`;
    return { lines: [reason], fails: true };
  }
}

/** Why mistakes are meant not to show, by rule. */
function reasonsFor(lesson: Notebook, checkpoint: string): Readonly<Record<string, string>> {
  const roles = lesson.cells.map(courseMetadata);
  return roles.find((each) => each.role === "checkpoint" && each.checkpoint === checkpoint)?.invisible ?? {};
}

function findingsOf(lint: Lint, reasons: Readonly<Record<string, string>>): Findings {
  const reasonFor = (rule: string): string | undefined => (Object.hasOwn(reasons, rule) ? reasons[rule] : undefined);
  const { invisible, alike, mistakes, numbers, shapes } = lint;
  const lines = [
    `  ${lint.checkpoint}: ${countOf(mistakes, "possible mistake")}, ${hiddenText(invisible.length, alike.length)}`,
  ];
  for (const mistake of invisible) {
    lines.push(`    ${invisibleText(mistake)}: ${reasonFor(mistake.rule) ?? `${mistake.remedy}, or say why not`}`);
  }
  for (const mistake of alike) {
    lines.push(`    ${labelOf(mistake)} looks right in numbers${becauseOf(mistake)}${suffix(reasonFor(mistake.rule))}`);
  }
  for (const group of lint.confusable) lines.push(`    cannot be told apart: ${labelsOf(group)}`);
  for (const group of lint.confusableNumbers) {
    lines.push(`    cannot be told apart in numbers: ${labelsOf(group)}`);
  }
  if (shapes !== undefined) {
    lines.push(`    sizes let through: ${labelsOf(shapes.stopped)}`, `    better sizes: ${shapesText(shapes.shapes)}`);
  }
  if (numbers !== undefined) lines.push(`    better numbers: ${numbersText(numbers)}`);
  else if (alike.length > 0) lines.push('    no small numbers do better; at: "anywhere" asks for formulas');
  return { lines, fails: [...invisible, ...alike].some(({ rule }) => reasonFor(rule) === undefined) };
}

function hiddenText(invisible: number, alike: number): string {
  if (invisible + alike === 0) return "all show";
  const parts = [
    ...(invisible > 0 ? [`${invisible} ${invisible === 1 ? "does" : "do"} not show`] : []),
    ...(alike > 0 ? [`${alike} ${alike === 1 ? "does" : "do"} not show in numbers`] : []),
  ];
  return parts.join(", ");
}

const labelOf = ({ rule, place }: PossibleMistake): string => `${rule} at ${place}`;
const labelsOf = (group: readonly PossibleMistake[]): string => [...new Set(group.map(labelOf))].join(", ");
const suffix = (reason: string | undefined): string => (reason === undefined ? "" : `: ${reason}`);

/** What does not show, and why as far as it is known; of what is no mistake at a place its own sentence. */
function invisibleText(mistake: HiddenMistake): string {
  const { rule, place, sentence } = mistake;
  if (place === "") return `${rule}: ${sentence.replace(/[.]$/, "")}`;
  return `${labelOf(mistake)} does not show${becauseOf(mistake)}`;
}

const becauseOf = ({ hiddenBy }: Pick<HiddenMistake, "hiddenBy">): string =>
  hiddenBy === undefined ? "" : ` (${hiddenBy})`;

/** Numbers beyond so many characters are the author's to choose. */
const longestNumbers = 100;

function numbersText(numbers: NonNullable<Lint["numbers"]>): string {
  const text = placeText(numbers);
  return text.length <= longestNumbers ? text : `any of both signs for ${Object.keys(numbers).join(", ")}`;
}

function shapesText(shapes: Readonly<Record<string, readonly number[]>>): string {
  return Object.entries(shapes)
    .map(([name, shape]) => `${name} ${shapeText(shape)}`)
    .join(", ");
}
