// The texts of the notebooks, for the spelling checker: of each notebook a file below .cache/texts with what its
// Markdown cells say, every line with the number that it has in the notebook.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const texts = path.join(root, ".cache", "texts");
rmSync(texts, { recursive: true, force: true });

for (const folder of ["lessons", "kernel/course/template"]) {
  const notebooks = readdirSync(path.join(root, folder)).filter((name) => name.endsWith(".ipynb"));
  if (notebooks.length === 0) throw new Error(`There is no notebook in ${folder}.`);
  mkdirSync(path.join(texts, folder), { recursive: true });
  for (const name of notebooks) {
    const notebook = readFileSync(path.join(root, folder, name), "utf8");
    writeFileSync(path.join(texts, folder, `${name}.md`), textOf(notebook, path.join(folder, name)));
  }
}

/** Notebooks are kept as Jupyter writes them: a key, or a line of a text, is a line of the file. */
function textOf(notebook, file) {
  let markdown = false;
  let inside = false;
  let found = 0;
  const lines = notebook.split("\n").map((line) => {
    const kind = /^ {3}"cell_type": "(\w+)"/.exec(line)?.[1];
    if (kind !== undefined) markdown = kind === "markdown";
    if (inside && /^ {3}\]/.test(line)) inside = false;
    const text = inside && markdown ? JSON.parse(line.replace(/,\s*$/, "")).replace(/\n$/, "") : "";
    if (/^ {3}"source": \[$/.test(line)) inside = true;
    if (text !== "") found += 1;
    return text;
  });
  const wanted = JSON.parse(notebook).cells.filter((cell) => cell.cell_type === "markdown");
  if (found < wanted.length) throw new Error(`${file} is not laid out as Jupyter writes notebooks.`);
  return lines.join("\n");
}
