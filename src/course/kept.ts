import { isObject, recordType } from "../checkpoints/record.ts";
import { unseal } from "../checkpoints/sealing.ts";

// What a saved notebook keeps for the session that runs it. Read without schemas: a kernel has no time for them, and
// what is broken is left away.

/** The records of work in the outputs of a notebook's cells. */
export function keptRecords(notebook: unknown): readonly unknown[] {
  return cellsOf(notebook).flatMap((cell) => {
    const outputs: readonly unknown[] = Array.isArray(cell["outputs"]) ? cell["outputs"] : [];
    return outputs.flatMap((output) => {
      const data = isObject(output) ? output["data"] : undefined;
      return isObject(data) && data[recordType] !== undefined ? [data[recordType]] : [];
    });
  });
}

/**
 * The worked solution of the exercise with this id, as a self-study release keeps it: of the solution cells that have
 * the id as their grade_id or name it as their checkpoint. Undefined where there is none.
 */
export function exerciseSolution(notebook: unknown, id: string): string | undefined {
  const found = cellsOf(notebook).flatMap(({ metadata }) => {
    const { gradbook, nbgrader } = isObject(metadata) ? metadata : {};
    if (!isObject(gradbook) || typeof gradbook["solution"] !== "string") return [];
    const named = gradbook["checkpoint"] === id || (isObject(nbgrader) && nbgrader["grade_id"] === id);
    return named ? [unseal(gradbook["solution"])] : [];
  });
  return found.length === 0 ? undefined : found.join("\n\n");
}

function cellsOf(notebook: unknown): readonly Readonly<Record<string, unknown>>[] {
  const cells = isObject(notebook) ? notebook["cells"] : undefined;
  return Array.isArray(cells) ? cells.filter(isObject) : [];
}
