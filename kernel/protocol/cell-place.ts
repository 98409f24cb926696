import { fileURLToPath } from "node:url";

/**
 * The notebook's file that VS Code names with each cell it runs, where no server says which notebook a kernel has:
 * vscode-notebook-cell:/folder/lesson.ipynb#cell. Undefined where the cell's id is no such address.
 */
export function notebookOfCell(cellId: unknown): string | undefined {
  if (typeof cellId !== "string" || !cellId.startsWith("vscode-notebook-cell:")) return undefined;
  try {
    const { pathname } = new URL(cellId);
    // A notebook that was never saved has a name and no path.
    return pathname.startsWith("/") ? fileURLToPath(`file://${pathname}`) : undefined;
  } catch {
    return undefined;
  }
}
