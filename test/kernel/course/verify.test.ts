import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { verify } from "../../../kernel/course/verify.ts";
import { type Notebook, writeNotebook } from "../../../src/course/notebook.ts";
import { solutionMetadata, testMetadata, textCell } from "../../src/course/sample.ts";
import { printedBy } from "../../support/printed.ts";
import { smallLesson, withCell } from "./small-lesson.ts";

/** Lessons that are broken each for a reason of its own, and what is said of them. */
const broken: Readonly<Record<string, readonly [lesson: Notebook | string, said: RegExp]>> = {
  "no notebook": ["{}", /The file is not a notebook/],
  "a cell that fails": [
    withCell("product", () => 'throw new Error("no luck");'),
    /In the solved copy, cell 3 \(id product\) fails: throw new Error\("no luck"\);\n +Error: no luck/,
  ],
  "a wrong answer": [
    withCell("product-answer", (source) => source.replace('"x"', '"z"')),
    /The solved copy earns 1 points of 2 in cell 5.*\n.*answers 1 of 2 at checkpoint “product”/,
  ],
  "a solution that fails its tests": [
    withCell("square", (source) => source.replace("number * number", "number + number")),
    /The solved copy earns 1 points of 2 in cell 7 \(id square-test\)/,
  ],
  "a test that returns no number": [
    withCell("square-test", (source) => source.replace(/score$/, "String(score)")),
    /The solved copy earns no number of points of 2 in cell 7[\s\S]*blank copy earns no number of points/,
  ],
  "points for nothing": [
    withCell("square-test", (source) =>
      source.replace("let score = 0", "let score = 1").replace("score += 1", "score += 0"),
    ),
    /A learner's blank copy earns 1 points in cell 7 \(id square-test\), not 0/,
  ],
  "a stub that breaks the run": [
    withCell("square-test", () => "(square(2) === 4 ? 1 : 0) + (square(3) === 9 ? 1 : 0)"),
    /In a learner's blank copy, cell 7 \(id square-test\) fails:.*\n +Error: Not written yet/,
  ],
  "an answer that nobody gave": [
    withCell("product-points", (source) => `answer("product", { "dz/dx": "w" });\n${source}`),
    /blank copy earns 1 points in cell 5[\s\S]*checkpoint “product” counts as attempted/,
  ],
  "a mistake diagnosed as another": [
    withCell("product-answer", {
      metadata: {
        nbgrader: solutionMetadata("product-answer"),
        gradbook: {
          role: "answer",
          checkpoint: "product",
          mistakes: [
            { answer: { "dz/dx": "x" }, expect: "subtrahend-sign" },
            { answer: { "dz/dx": "w" }, expect: "own-factor" },
          ],
        },
      },
    }),
    /cell 4 .*planted mistake {"dz\/dx":"x"} should be diagnosed as subtrahend-sign; found is own-factor.*\n.*found is nothing \(it is correct\)/,
  ],
  "outputs and counts": [
    withCell("product-points", {
      execution_count: 3,
      outputs: [{ output_type: "stream", name: "stdout", text: "2" }],
    }),
    /cell 5 \(id product-points\): its outputs are not cleared\n.*its execution count is not null/,
  ],
  "one grade id twice": [
    withCell("square-test", { metadata: { nbgrader: testMetadata("product-points", 2) } }),
    /cell 7 \(id square-test\): cell 5 has the same grade_id, product-points/,
  ],
  "metadata of no schema": [
    withCell("square", { metadata: { gradbook: { role: "hero" } } }),
    /cell 6 \(id square\): in its gradbook metadata "role" is not one of/,
  ],
  "an older format": [
    JSON.stringify({ ...(JSON.parse(writeNotebook(smallLesson)) as object), nbformat_minor: 4 }),
    /format 4.4, in which cells have no ids/,
  ],
  "a solution in a tag": [
    withCell("title", { metadata: { tags: ["return number * number;"] } }),
    /In the class release: cell 1 \(id title\): its metadata or outputs hold a line of a solution \(cell square\)/,
  ],
};

describe("gradbook verify", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gradbook-verify-"));
  });
  afterEach(async () => rm(folder, { recursive: true }));

  const write = async (name: string, lesson: Notebook | string): Promise<string> => {
    const file = path.join(folder, `${name}.ipynb`);
    await writeFile(file, typeof lesson === "string" ? lesson : writeNotebook(lesson));
    return file;
  };

  it("finds nothing wrong with a lesson that works, and what its shape lacks only when strict", async () => {
    const file = await write("good", smallLesson);
    const { said, result } = await printedBy(() => verify(file, { strict: false }));
    assert.match(said, /^ok {6}good\.ipynb: 1 checkpoint, 1 exercise, 1 planted mistake, 4 points, [\d.]+ s\n/);
    assert.match(said, /\(warning\) The lesson has 1 checkpoint;/);
    assert.equal(result, 0);
    const strict = await printedBy(() => verify(file, { strict: true }));
    assert.match(strict.said, /^FAILED {2}good\.ipynb: [\s\S]*\n {8}The beginning does not say how long it takes/);
    assert.equal(strict.result, 1);
  });

  it("says of each broken lesson what is wrong with it, and checks the others all the same", async () => {
    for (const [name, [lesson]] of Object.entries(broken)) await write(name, lesson);
    await write("good", smallLesson);
    const { said, result } = await printedBy(() => verify(folder, { strict: false }));
    assert.equal(result, 1);
    const reports = said.split(/^(?=FAILED|ok |\d+ of)/m);
    for (const [name, [, reason]] of Object.entries(broken)) {
      const report = reports.find((each) => each.startsWith(`FAILED  ${name}.ipynb: `)) ?? said;
      assert.match(report, reason);
    }
    assert.match(said, /^ok {6}good\.ipynb: /m);
    assert.equal(reports.at(-1), `1 of ${reports.length - 1} lessons ok\n`);
  }).timeout(240_000);

  it("says what it cannot find", async () => {
    await assert.rejects(verify(path.join(folder, "no"), { strict: false }), /no cannot be read: there is no/);
    await assert.rejects(verify(folder, { strict: false }), /There is no notebook/);
  });

  it("warns of links to nothing, and follows those that lead somewhere", async () => {
    const links =
      "# A lesson\n\n[on](next%20one.ipynb#top), [away](https://example.org), [lost](gone.ipynb), `[no](link.md)`";
    const file = await write("first", { ...smallLesson, cells: [textCell("title", links)] });
    await write("next one", smallLesson);
    const { said } = await printedBy(() => verify(file, { strict: false }));
    assert.deepEqual(said.match(/links to .*/g), ["links to gone.ipynb, which is not there"]);
  });
});
