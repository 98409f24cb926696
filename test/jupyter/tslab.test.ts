import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Notebook, type Output, readNotebook } from "../../src/course/notebook.ts";
import { type InstalledKernel, installedKernel } from "../support/installed.ts";
import { root } from "../support/paths.ts";

/** Cells that come out otherwise here than in tslab, and why. */
type Differences = Readonly<Record<string, string>>;

const quoted = "a last expression is shown, and text among values has quotes";
const failing = "an error is an error to Jupyter, and no text on stderr";
const always = "a cell is TypeScript, also one of a JavaScript notebook";

interface Case {
  /** The kernel that the notebook was written for. */
  readonly kernel: "tslab" | "jslab";
  /** How many times its cells display something, or something in its place. */
  readonly displays: number;
  readonly differences: Differences;
}

/** The notebooks of test/fixtures/tslab. */
const notebooks: Readonly<Record<string, Case>> = {
  display: { kernel: "tslab", displays: 39, differences: {} },
  language: {
    kernel: "tslab",
    displays: 0,
    differences: {
      "last-object": "objects are shown two levels deeper",
      "last-text": quoted,
      "last-null": "null is a value: it is shown",
      "closures-later": "functions see the variables of the notebook, not those of the moment they were made",
      "for-await": "tslab runs it as if no cell could await: a syntax error",
      "type-error": failing,
      "syntax-error": failing,
      exception: failing,
      "browser-names": failing,
      jsx: failing,
      "module-import": "there are no modules in cells; they stand in files",
      dirname: "they are typed, so they are there",
    },
  },
  javascript: {
    kernel: "jslab",
    displays: 4,
    differences: {
      "class-checked": always,
      "type-error": failing,
      jsdoc: always,
      "jsdoc-nocheck": "tslab does not know // @ts-nocheck",
      jsx: always,
    },
  },
};

describe("notebooks written for tslab, and tslab itself", () => {
  let jupyter: InstalledKernel;
  before(async () => {
    jupyter = await installedKernel();
    installTslab(jupyter, "tslab");
    installTslab(jupyter, "jslab", "--js");
  });
  after(() => jupyter.remove());

  for (const [name, { kernel, displays, differences }] of Object.entries(notebooks)) {
    describe(`${name}.ipynb`, () => {
      const file = path.join(root, "test", "fixtures", "tslab", `${name}.ipynb`);
      let ours: Notebook;
      let theirs: Notebook;
      before(async () => {
        const run = async (kernelName: string): Promise<Notebook> => {
          // tslab refuses the cells that come within 200 ms after one that failed.
          const options = [
            "--allow-errors",
            "--kernel",
            kernelName,
            "--pause",
            kernelName === "gradbook" ? "0" : "0.5",
          ];
          return readNotebook(await jupyter.runPython("execute.py", file, ...options));
        };
        ours = await run("gradbook");
        theirs = await run(kernel);
      });

      it("shows what it was saved with", () => {
        assert.deepEqual(outputsOf(ours), outputsOf(readNotebook(readFileSync(file, "utf8"))));
      });

      it(`displays what ${kernel} displays, bundle by bundle, ${displays} times`, () => {
        assert.deepEqual(displaysOf(ours), displaysOf(theirs));
        assert.equal(displaysOf(ours).length, displays);
      });

      it(`prints what ${kernel} prints, but for ${Object.keys(differences).length} differences that are meant`, () => {
        const [left, right] = [outputsOf(ours), outputsOf(theirs)];
        const differing = Object.keys(left).filter((id) => transcript(left[id]!) !== transcript(right[id]!));
        assert.deepEqual(differing.sort(), Object.keys(differences).sort());
      });
    });
  }
});

/** A kernel spec as `tslab install` writes it, for the tslab that stands beside the tests. */
function installTslab(jupyter: InstalledKernel, name: string, ...options: readonly string[]): void {
  const folder = path.join(jupyter.environment["JUPYTER_PATH"]!, "kernels", name);
  const program = path.join(root, "node_modules", "tslab", "bin", "tslab");
  const argv = [process.execPath, program, "kernel", "--config-path", "{connection_file}", ...options];
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "kernel.json"), JSON.stringify({ argv, display_name: name, language: "typescript" }));
}

function outputsOf({ cells }: Notebook): Readonly<Record<string, readonly Output[]>> {
  return Object.fromEntries(cells.map((cell) => [cell.id, cell.cell_type === "code" ? cell.outputs : []]));
}

/** A message that displays, as execute.py keeps it. */
interface DisplayMessage {
  readonly cell: string;
  readonly message: "display_data" | "update_display_data";
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly transient?: { readonly display_id?: string };
}

/** What was displayed, and where in place of something else: each place has the number of its first display. */
function displaysOf({ metadata }: Notebook): readonly object[] {
  const places: string[] = [];
  return (metadata["displays"] as readonly DisplayMessage[]).map(({ cell, message, data, metadata, transient }) => {
    const id = transient?.display_id;
    if (id !== undefined && !places.includes(id)) places.push(id);
    return { cell, message, data, metadata, place: id === undefined ? undefined : places.indexOf(id) };
  });
}

/** What a reader sees, however it came there: tslab prints the last expression, where here it is the cell's result. */
function transcript(outputs: readonly Output[]): string {
  return outputs
    .map((output) => {
      if (output.output_type === "stream") return output.text;
      if (output.output_type === "error") return `${output.ename}: ${output.evalue}\n`;
      return output.output_type === "execute_result" ? `${output.data["text/plain"]}\n` : JSON.stringify(output.data);
    })
    .join("");
}
