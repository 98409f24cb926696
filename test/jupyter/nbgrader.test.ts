import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { lessonFiles } from "../../kernel/course/lessons.ts";
import { releaseLessons } from "../../kernel/course/release.ts";
import { courseMetadata } from "../../src/course/metadata.ts";
import { graderMetadata, isGrade, isSolution } from "../../src/course/nbgrader.ts";
import { type Cell, type Notebook, readNotebook, writeNotebook } from "../../src/course/notebook.ts";
import { withoutMarkers } from "../../src/course/regions.ts";
import { type InstalledKernel, installedKernel } from "../support/installed.ts";
import { root } from "../support/paths.ts";

const folder = path.join(root, "lessons");
const { lessons, data } = await lessonFiles(folder);
/** Two lessons stand for all, as one takes half a minute; `gradbook verify` counts the points of each. */
const graded = lessons.filter((name) => /^0[13]-/.test(name) && authorOf(name).cells.some(isGrade));

function authorOf(name: string): Notebook {
  return readNotebook(readFileSync(path.join(folder, name), "utf8"));
}

/** The released copy with the author's own work in those of its cells that `done` names. */
function submission(copy: Notebook, author: Notebook, done: (cell: Cell) => boolean): Notebook {
  const cells = copy.cells.map((cell): Cell => {
    const own = author.cells.find(({ id }) => id === cell.id)!;
    return isSolution(cell) && done(own) ? { ...cell, source: withoutMarkers(own.source) } : cell;
  });
  return { ...copy, cells };
}

const isAnswer = (cell: Cell): boolean => courseMetadata(cell).role === "answer";
const worth = (cells: readonly Cell[]): number =>
  cells.reduce((total, cell) => total + (isGrade(cell) ? (graderMetadata(cell)?.points ?? 0) : 0), 0);

describe("nbgrader", () => {
  let jupyter: InstalledKernel;
  before(async () => {
    jupyter = await installedKernel();
  });
  after(() => jupyter.remove());

  it("has lessons to grade", () => assert.equal(graded.length, 2));

  for (const name of graded) {
    it(`generates, validates and grades ${name} with the settings of a class release`, async () => {
      const lesson = path.basename(name, ".ipynb");
      const author = authorOf(name);
      const at = (...parts: readonly string[]): string => path.join(jupyter.folder, ...parts);
      const nbgrader = (...args: readonly string[]): Promise<string> => jupyter.runTool("nbgrader", ...args);
      const put = (place: string, notebook: Notebook): void => {
        mkdirSync(at(place), { recursive: true });
        for (const file of data) cpSync(path.join(folder, file), at(place, file), { recursive: true });
        writeFileSync(at(place, name), writeNotebook(notebook));
      };
      await releaseLessons(folder, { output: at("copies"), selfStudy: false });
      cpSync(at("copies", "nbgrader_config.py"), at("nbgrader_config.py"));
      const copy = readNotebook(readFileSync(at("copies", name), "utf8"));
      put(path.join("source", lesson), author);

      await nbgrader("generate_assignment", lesson);
      const generated = readNotebook(readFileSync(at("release", lesson, name), "utf8"));
      assert.deepEqual(
        generated.cells.map(({ id }) => id),
        copy.cells.map(({ id }) => id),
      );
      const tests = (notebook: Notebook): readonly unknown[] =>
        notebook.cells.filter((cell) => !isSolution(cell)).map((cell) => [cell.source, graderMetadata(cell)?.checksum]);
      assert.deepEqual(tests(generated), tests(copy));
      assert.ok(!generated.cells.some((cell) => "mistakes" in courseMetadata(cell)));

      const solved = submission(copy, author, () => true);
      const students = { solved, blank: copy, half: submission(copy, author, isAnswer) };
      for (const [student, notebook] of Object.entries(students))
        put(path.join("submitted", student, lesson), notebook);
      // A learner has no hidden tests to pass: to validation, what they are worth is missing.
      const hidden = author.cells.filter((cell) => isGrade(cell) && cell.source.includes("BEGIN HIDDEN TESTS"));
      const said = await nbgrader("validate", at("submitted", "solved", lesson, name));
      const errors = [...said.matchAll(/The error was:\s+(.*)/g)].map(([, error]) => error);
      assert.ok(errors.length <= hidden.length, said);
      if (errors.length === 0) assert.match(said, /Success! Your notebook passes/);
      for (const error of errors) assert.equal(error, "Partial credit; passed some but not all of the tests");
      assert.match(await nbgrader("validate", at("submitted", "blank", lesson, name)), /VALIDATION FAILED ON \d+ CELL/);

      await nbgrader("autograde", lesson);
      await nbgrader("export", `--to=${at("grades.csv")}`);
      const [header = [], ...all] = readFileSync(at("grades.csv"), "utf8")
        .trim()
        .split(/\r?\n/)
        .map((line) => line.split(","));
      const column = (row: readonly string[], title: string): string | undefined => row[header.indexOf(title)];
      const rows = all.filter((row) => column(row, "assignment") === lesson);
      const scores = Object.fromEntries(rows.map((row) => [column(row, "student_id"), Number(column(row, "score"))]));
      const answers = new Set(author.cells.filter(isAnswer).map((cell) => courseMetadata(cell).checkpoint));
      const byAnswers = author.cells.filter((cell) => {
        const [, asked] = /\bpoints\(\s*["'`]([\w-]+)["'`]/.exec(cell.source) ?? [];
        return isGrade(cell) && asked !== undefined && answers.has(asked);
      });
      assert.deepEqual(scores, { solved: worth(author.cells), blank: 0, half: worth(byAnswers) });
    });
  }
});
