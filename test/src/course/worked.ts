import { recordType } from "../../../src/checkpoints/record.ts";
import type { Cell } from "../../../src/course/notebook.ts";

/** A cell whose output carries a record of work, as an answer's does. */
export function withRecord(cell: Cell, record: unknown): Cell {
  const data = { "text/plain": "…", [recordType]: record };
  return { ...cell, outputs: [{ output_type: "display_data", data, metadata: {} }] } as Cell;
}
