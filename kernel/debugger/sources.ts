import { tmpdir } from "node:os";
import path from "node:path";
import { murmur2 } from "./murmur2.ts";

/**
 * How cells are called as sources. The front end computes the same names from these; that they look like files is the
 * protocol's wish, and no file is written.
 */
export const naming: {
  readonly hashMethod: "Murmur2";
  readonly hashSeed: number;
  readonly tmpFilePrefix: string;
  readonly tmpFileSuffix: string;
} = {
  hashMethod: "Murmur2",
  hashSeed: 0x67726164,
  tmpFilePrefix: path.join(tmpdir(), `gradbook_${process.pid}`) + path.sep,
  tmpFileSuffix: ".ts",
};

/** The name of a cell's text as a source: the same for each of its runs. */
export function pathOf(code: string): string {
  return `${naming.tmpFilePrefix}${murmur2(code, naming.hashSeed)}${naming.tmpFileSuffix}`;
}
