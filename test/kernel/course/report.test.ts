import assert from "node:assert/strict";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type ReportOptions, report } from "../../../kernel/course/report.ts";
import { CheckpointSession } from "../../../src/checkpoints/session.ts";
import { type Notebook, writeNotebook } from "../../../src/course/notebook.ts";
import type { CheckpointReport } from "../../../src/course/report.ts";
import { bindName, variable } from "../../../src/graph/value.ts";
import { withRecord } from "../../src/course/worked.ts";
import { printedBy } from "../../support/printed.ts";
import { smallLesson } from "./small-lesson.ts";

/** A copy of the small lesson in which somebody gave these answers; its cells would leave a trace if they were run. */
function handedIn(...attempts: readonly Readonly<Record<string, string>>[]): Notebook {
  const session = new CheckpointSession();
  const z = variable(2, "x").mul(variable(3, "w"));
  bindName(z, "z");
  session.checkpoint("product", z, { ask: ["dz/dx", "dz/dw"] });
  for (const answers of attempts) session.answer("product", answers);
  const cells = smallLesson.cells.map((cell) => {
    const trap = cell.cell_type === "code" ? { ...cell, source: 'await import("./trap.mjs")' } : cell;
    return cell.id === "product-answer" ? withRecord(trap, session.record) : trap;
  });
  return { ...smallLesson, cells };
}

describe("gradbook report", () => {
  let folder: string;
  const at = (...parts: readonly string[]): string => path.join(folder, ...parts);

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gradbook-report-"));
    for (const below of ["lessons", "class/ada/week1", "class/ben", "class/.ipynb_checkpoints"]) {
      await mkdir(at(below), { recursive: true });
    }
    await writeFile(at("lessons", "01-products.ipynb"), writeNotebook(smallLesson));
    await writeFile(at("lessons", "trap.mjs"), `import { writeFileSync } from "node:fs"; writeFileSync("sprung", "");`);
    const right = { "dz/dx": "w", "dz/dw": "x" };
    const copies: Readonly<Record<string, Notebook>> = {
      "ada/week1/01-products.ipynb": handedIn(right),
      "ben/renamed.ipynb": handedIn({ "dz/dx": "x" }, { "dz/dx": "x + w" }, right),
      "cy.ipynb": handedIn({ "dz/dx": "x", "dz/dw": "process.exit(1)" }),
      "di.ipynb": handedIn(),
      ".ipynb_checkpoints/cy-checkpoint.ipynb": handedIn(right),
    };
    for (const [file, copy] of Object.entries(copies)) await writeFile(at("class", file), writeNotebook(copy));
    await writeFile(at("class", "eve.ipynb"), "{");
  });
  afterEach(async () => rm(folder, { recursive: true }));

  const reportOf = async (options: ReportOptions): Promise<{ readonly said: string; readonly told: string }> => {
    const { error } = console;
    let told = "";
    console.error = (line: string): void => {
      told += `${line}\n`;
    };
    try {
      return { said: (await printedBy(() => report(at("class"), options))).said, told };
    } finally {
      console.error = error;
    }
  };

  it("counts every learner, names mistakes by the author's graph, and runs nothing of theirs", async () => {
    const { said } = await reportOf({ lessons: at("lessons"), json: true });
    const { checkpoints, problems } = JSON.parse(said) as { checkpoints: CheckpointReport[]; problems: string[] };
    const [product, ...others] = checkpoints;
    assert.equal(others.length, 0);
    const { mistakes, ...counts } = product!;
    assert.deepEqual(counts, {
      lesson: "01-products.ipynb",
      checkpoint: "product",
      learners: 4,
      tried: 3,
      firstTry: 1,
      right: 2,
      hints: 0,
      solutions: 0,
    });
    assert.deepEqual([mistakes[0]?.key, mistakes[0]?.learners], ["dz/dx", 2]);
    assert.ok(mistakes[0]!.rules.includes("own-factor"));
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, /^eve\.ipynb: The file is not a notebook: it is not valid JSON/);
    for (const place of ["lessons", "class"]) await assert.rejects(access(at(place, "sprung")));
  });

  it("is a table with what could not be counted beside it, also without the author's lessons", async () => {
    const { said, told } = await reportOf({});
    assert.match(said, /^Lesson {4}Checkpoint {2}Learners .*\nA lesson {2}product {12}4 /);
    assert.match(told, /^Not counted: eve\.ipynb: The file is not a notebook/);
  });

  it("says where there is nothing", async () => {
    await assert.rejects(report(at("no"), {}), /The notebooks in .*no cannot be read: there is no/);
    await mkdir(at("empty"));
    assert.match((await printedBy(() => report(at("empty"), {}))).said, /No notebook there carries work/);
  });
});
