import { readFileSync } from "node:fs";
import path from "node:path";
import { loadTypeScript, type TypeScript } from "../../kernel/engine/typescript.ts";
import { root } from "./paths.ts";

/** A fenced block of TypeScript in a doc comment or in a text. */
export interface Example {
  readonly file: string;
  /** Where its code begins, counted from 1. */
  readonly line: number;
  readonly code: string;
  /** Whether it says that it is not to be run. */
  readonly ignored: boolean;
}

/** Code up to an expression, and what the comment behind that says it prints; the last piece may say nothing. */
export interface Piece {
  readonly code: string;
  readonly expected: string | undefined;
}

const fence = /^[ \t]*```ts( ignore)?[ \t]*\n([\s\S]*?)^[ \t]*```[ \t]*$/gm;

/** The examples of a file: of TypeScript those in doc comments, of any other text all. */
export function examplesOf(file: string): readonly Example[] {
  const whole = readFileSync(path.join(root, file), "utf8");
  const text = file.endsWith(".ts") ? commentsAlone(whole) : whole;
  return [...text.matchAll(fence)].map((match) => {
    // What the pattern always captures, and what it may.
    const [block, mark, code] = match as unknown as [string, string | undefined, string];
    const line = text.slice(0, match.index + block.indexOf("\n") + 1).split("\n").length;
    return { file, line, code, ignored: mark !== undefined };
  });
}

/** The text with all but doc comments left out, line by line in its place. */
function commentsAlone(text: string): string {
  let kept = "";
  let end = 0;
  for (const { 0: comment, index } of text.matchAll(/^[ \t]*\/\*\*[\s\S]*?\*\//gm)) {
    kept += text.slice(end, index).replace(/[^\n]/g, "");
    kept += comment.replace(/^[ \t]*(?:\/\*\*|\*\/|\* ?)/gm, "");
    end = index + comment.length;
  }
  return kept;
}

let typescript: TypeScript | undefined;

/** Cuts an example behind each expression with a comment on its last line. */
export function piecesOf(code: string): readonly Piece[] {
  typescript ??= loadTypeScript();
  const file = typescript.createSourceFile("example.ts", code, typescript.ScriptTarget.ES2022, true);
  const pieces: Piece[] = [];
  let start = 0;
  for (const statement of file.statements) {
    if (!typescript.isExpressionStatement(statement)) continue;
    const comment = /^[ \t]*\/\/ ?(.*)/.exec(code.slice(statement.end));
    if (comment === null) continue;
    const end = statement.end + comment[0].length;
    pieces.push({ code: code.slice(start, end), expected: comment[1]!.trim() });
    start = end;
  }
  const rest = code.slice(start);
  return rest.trim() === "" ? pieces : [...pieces, { code: rest, expected: undefined }];
}
