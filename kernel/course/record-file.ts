import path from "node:path";

/** Where the record of the work in a notebook is kept beside it. */
export function recordFileOf(notebook: string): string {
  return path.join(path.dirname(notebook), `.${path.basename(notebook, ".ipynb")}.record.json`);
}
