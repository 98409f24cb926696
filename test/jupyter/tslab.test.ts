import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type CodeCell, type Output, readNotebook } from "../../src/course/notebook.ts";
import { type InstalledKernel, installedKernel } from "../support/installed.ts";
import { root } from "../support/paths.ts";

/** Cells that come out otherwise here than in tslab, and why. */
type Differences = Readonly<Record<string, string>>;

const quoted = "a last expression is shown, and text among values has quotes";
const failing = "an error is an error to Jupyter, and no text on stderr";
const always = "a cell is TypeScript, also one of a JavaScript notebook";

/** The notebooks of test/fixtures/tslab, each with the kernel that it was written for. */
const notebooks: Readonly<Record<string, { readonly kernel: "tslab" | "jslab"; readonly differences: Differences }>> = {
  display: { kernel: "tslab", differences: {} },
  language: {
    kernel: "tslab",
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

  for (const [name, { kernel, differences }] of Object.entries(notebooks)) {
    describe(`${name}.ipynb`, () => {
      const file = path.join(root, "test", "fixtures", "tslab", `${name}.ipynb`);
      const written = codeCells(readFileSync(file, "utf8"));
      let ours: readonly CodeCell[];
      let theirs: readonly CodeCell[];
      before(async () => {
        const run = async (kernelName: string): Promise<readonly CodeCell[]> => {
          // tslab refuses the cells that come within 200 ms after one that failed.
          const options = ["--allow-errors", "--kernel", kernelName, "--pause", kernelName === "gradbook" ? "0" : "0.5"];
          return codeCells(await jupyter.runPython("execute.py", file, ...options));
        };
        ours = await run("gradbook");
        theirs = await run(kernel);
      });

      it("shows what it was saved with", () => {
        assert.deepEqual(outputsOf(ours), outputsOf(written));
      });

      it(`displays what ${kernel} displays, bundle by bundle`, () => {
        const displays = outputsOf(ours, isDisplay);
        assert.deepEqual(displays, outputsOf(theirs, isDisplay));
        assert.ok(Object.values(displays).flat().length > 1);
      });

      it(`prints what ${kernel} prints, but for ${Object.keys(differences).length} differences that are meant`, () => {
        const differing = ours.filter((cell, i) => transcript(cell.outputs) !== transcript(theirs[i]!.outputs));
        assert.deepEqual(differing.map(({ id }) => id).sort(), Object.keys(differences).sort());
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

function codeCells(text: string): readonly CodeCell[] {
  return readNotebook(text).cells.filter((cell): cell is CodeCell => cell.cell_type === "code");
}

function isDisplay(output: Output): boolean {
  return output.output_type === "display_data";
}

function outputsOf(
  cells: readonly CodeCell[],
  which: (output: Output) => boolean = () => true,
): Readonly<Record<string, readonly Output[]>> {
  return Object.fromEntries(cells.map(({ id, outputs }) => [id, outputs.filter(which)]));
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
