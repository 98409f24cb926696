import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { releaseLessons } from "../../kernel/course/release.ts";
import { graderMetadata } from "../../src/course/nbgrader.ts";
import { type CodeCell, type Output, readNotebook } from "../../src/course/notebook.ts";
import { type InstalledKernel, installedKernel } from "../support/installed.ts";
import { notebookOf } from "../support/notebooks.ts";
import { root } from "../support/paths.ts";

const lessons = readdirSync(path.join(root, "lessons")).filter((name) => name.endsWith(".ipynb"));

const vegaLite = "application/vnd.vegalite.v5+json";
const svg = "image/svg+xml";

/** A copy of each lesson, and the share of its points that running it from start to end earns. */
const copies = { solved: 1, released: 0 } as const;

describe("Jupyter's tools that run notebooks", () => {
  let jupyter: InstalledKernel;
  before(async () => {
    jupyter = await installedKernel();
    cpSync(path.join(root, "lessons"), path.join(jupyter.folder, "solved"), { recursive: true });
    const output = path.join(jupyter.folder, "released");
    await releaseLessons(path.join(root, "lessons"), { output, selfStudy: false });
  });
  after(() => jupyter.remove());

  const read = (file: string): string => readFileSync(path.join(jupyter.folder, file), "utf8");
  const cellsOf = (file: string): readonly CodeCell[] =>
    readNotebook(read(file)).cells.filter((cell): cell is CodeCell => cell.cell_type === "code");

  it("finds lessons to run", () => {
    assert.ok(lessons.length > 0);
  });

  for (const [copy, share] of Object.entries(copies)) {
    describe(`on lessons as they are ${copy}`, () => {
      // The released copies of all lessons are run by nbclient, in run.test.ts.
      for (const lesson of copy === "solved" ? lessons : lessons.filter((one) => one.startsWith("01-"))) {
        const name = lesson.slice(0, 2);
        const file = path.join(copy, lesson);

        it(`nbconvert --execute --to notebook: ${lesson}`, async () => {
          const args = ["--execute", "--to", "notebook", "--output", `${name}.executed.ipynb`];
          await jupyter.runTool("nbconvert", file, ...args);
          assertRun(cellsOf(path.join(copy, `${name}.executed.ipynb`)), share);
        });

        // Each tool has shown with one lesson that it can; what differs between lessons are the cells.
        if (!lesson.startsWith("01-")) continue;

        it(`nbconvert --execute --to html: ${lesson}`, async () => {
          await jupyter.runTool("nbconvert", file, "--execute", "--to", "html", "--output", `${name}.html`);
          const executed = cellsOf(path.join(copy, `${name}.executed.ipynb`)).flatMap(({ outputs }) => outputs);
          const page = read(path.join(copy, `${name}.html`));
          const figures = picturesOf(page);
          assert.equal(figures.length, executed.filter((output) => svg in dataOf(output)).length);
          assert.ok(figures.length > 0);
          for (const figure of figures) assert.match(figure, /^<svg[\s\S]*<\/svg>\s*$/);
          assert.ok(!page.includes("jp-OutputArea-error"), "no cell failed");
          for (const output of executed) {
            if (output.output_type === "stream") assert.ok(page.includes(asHtml(output.text)), output.text);
          }
        });

        it(`papermill: ${lesson}`, async () => {
          const output = path.join(copy, `${name}.papermill.ipynb`);
          await jupyter.runTool("papermill", file, output, "--no-progress-bar");
          const cells = cellsOf(output);
          assertRun(cells, share);
          assert.ok(cells.every((cell) => statusOf(cell) === "completed"));
        });
      }
    });
  }

  it("draws the figure of the running example in the page, node for node", async () => {
    write("figure.ipynb", [
      'import { variable } from "gradbook";\nconst x = variable(2), y = variable(3), w = variable(4);',
      "(x + y) * w",
    ]);
    await jupyter.runTool("nbconvert", "figure.ipynb", "--execute", "--to", "html");
    const [figure, ...others] = picturesOf(read("figure.html"));
    assert.equal(others.length, 0);
    for (const label of ["x = 2", "y = 3", "w = 4", "a = 5", "b = 20"])
      assert.ok(figure!.includes(`>${label}<`), label);
  });

  it("end with an error where a cell does, and say which and where", async () => {
    const tooFar = /RangeError\S*: too far\s+at In \[2\]:1:7/;
    write("error.ipynb", ["const before = 1;", "throw new RangeError('too far')", "before"]);
    await assert.rejects(jupyter.runTool("nbconvert", "error.ipynb", "--execute", "--to", "html"), tooFar);
    await assert.rejects(jupyter.runTool("papermill", "error.ipynb", "error-out.ipynb"), tooFar);
    const statuses = cellsOf("error-out.ipynb").map(statusOf);
    assert.deepEqual(statuses.slice(-3), ["completed", "failed", "pending"]);
  });

  describe("papermill with parameters", () => {
    const sources = [
      'let rate = 0.5;\nlet name = "none";\nlet deep = false;',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the cell's own template
      "console.log(`${name.toUpperCase()} at ${(2 * rate).toFixed(2)}, ${deep ? 'deep' : 'flat'}`);",
    ];
    const given = ["-p", "rate", "0.25", "-p", "name", "tanh", "-p", "deep", "true"];

    it("does not know TypeScript, and says so", async () => {
      write("parameters.ipynb", sources);
      await assert.rejects(jupyter.runTool("papermill", "parameters.ipynb", "out.ipynb", ...given), /'typescript'/);
    });

    it("takes numbers, text and truth values as C# writes them: --language .net-csharp", async () => {
      write("parameters.ipynb", sources);
      await jupyter.runTool("papermill", "parameters.ipynb", "csharp.ipynb", "--language", ".net-csharp", ...given);
      const [declared, injected, used] = cellsOf("csharp.ipynb");
      assert.equal(declared!.source, sources[0]);
      assert.deepEqual(injected!.metadata["tags"], ["injected-parameters"]);
      assert.deepEqual(textOf(used!.outputs), "TANH at 0.50, deep\n");
    });

    it("takes all that JSON can say from a translator of a few lines", async () => {
      write("parameters.ipynb", [
        "let sizes: number[] = [1];\nlet options: { note: string; seed: number | null } = { note: '', seed: 1 };",
        "console.log(sizes.map((size) => size * 2), options.note, options.seed, [...options.note].length);",
      ]);
      const yaml = '{sizes: [3, 4.5], options: {note: "\\"ü😀\\"", seed: null}}';
      await jupyter.runPython("papermill_typescript.py", "parameters.ipynb", "json.ipynb", "-y", yaml);
      const [, injected, used] = cellsOf("json.ipynb");
      assert.match(injected!.source, /^\/\/ Parameters\nlet sizes = \[3, 4\.5\];\nlet options = /);
      assert.equal(textOf(used!.outputs), '[ 6, 9 ] "ü😀" null 4\n');
    });

    it("reports a parameter of the wrong type where it is used, before anything of that cell runs", async () => {
      write("parameters.ipynb", sources);
      const run = jupyter.runPython("papermill_typescript.py", "parameters.ipynb", "wrong.ipynb", "-p", "name", "3");
      await assert.rejects(run, /TypeScriptError[\s\S]*toUpperCase/);
      const used = cellsOf("wrong.ipynb").at(-1)!;
      assert.deepEqual(
        used.outputs.map(({ output_type }) => output_type),
        ["error"],
      );
    });
  });

  /** Writes a notebook whose first cell is the one that holds parameters. */
  function write(file: string, sources: readonly string[]): void {
    const { cells, ...notebook } = notebookOf(...sources) as { cells: object[] };
    const tagged = { ...cells[0], metadata: { tags: ["parameters"] } };
    writeFileSync(path.join(jupyter.folder, file), JSON.stringify({ ...notebook, cells: [tagged, ...cells.slice(1)] }));
  }
});

/** Every cell ran, none failed or complained, each figure has its picture, and points are as many as the copy earns. */
function assertRun(cells: readonly CodeCell[], share: number): void {
  assert.ok(cells.length > 0);
  for (const { id, source, outputs, execution_count, metadata, ...rest } of cells) {
    assert.ok(source.trim() === "" || execution_count !== null, `${id} ran`);
    for (const output of outputs) {
      assert.notEqual(output.output_type, "error", `${id}: ${JSON.stringify(output)}`);
      if (output.output_type === "stream") assert.equal(output.name, "stdout", `${id}: ${output.text}`);
      if (vegaLite in dataOf(output)) assert.ok(svg in dataOf(output), `${id}: a figure without a picture`);
    }
    const { grade, points } = graderMetadata({ id, source, outputs, execution_count, metadata, ...rest }) ?? {};
    // What a choice hides is worth nothing itself: the cell after its answer counts.
    if (grade !== true || points === undefined || points === 0) continue;
    const last = outputs.at(-1);
    assert.equal(last === undefined ? undefined : dataOf(last)["text/plain"], String(points * share), id);
  }
  assert.ok(cells.some(({ outputs }) => outputs.some((output) => svg in dataOf(output))));
}

function dataOf(output: Output): Readonly<Record<string, unknown>> {
  return "data" in output ? output.data : {};
}

function textOf(outputs: readonly Output[]): string {
  return outputs.map((output) => (output.output_type === "stream" ? output.text : "")).join("");
}

/** What papermill noted of a cell. */
function statusOf({ metadata }: CodeCell): unknown {
  return (metadata["papermill"] as { readonly status?: unknown } | undefined)?.status;
}

/** The SVG pictures that nbconvert put into a page as outputs. */
function picturesOf(page: string): readonly string[] {
  const outputs = page.split('data-mime-type="image/svg+xml"').slice(1);
  return outputs.map((output) => {
    const [, encoded = ""] = /^[^<]*<img[^>]*src="data:image\/svg\+xml;base64,([^"]+)"/.exec(output) ?? [];
    return Buffer.from(encoded, "base64").toString("utf8");
  });
}

function asHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
