import type { Compiler } from "./compiler.ts";
import { type CompilerAnswer, type CompilerRequest, type CompilerRequests, descriptor } from "./compiler-protocol.ts";
import { FrameReader, frame } from "./user/frames.ts";
import { rehearsals } from "./warm-up.ts";

/** How long nobody has asked for anything before a cell is rehearsed (milliseconds). */
const idle = 300;
/** What is asked meanwhile does not wait for the next rehearsal (milliseconds). */
const between = 20;
/** After so many there is little left to learn; together they take a second and a half. */
const mostRehearsals = 60;
/** What a cell declares is read while it runs; a short cell has the machine for itself first (milliseconds). */
const commitAfter = 4;

/** Answers the kernel for as long as it is there. */
export async function serve(compiler: Compiler): Promise<void> {
  // Not before: a startup snapshot must not hold it.
  const { Socket } = await import("node:net");
  const answers: CompilerRequests = {
    open: (folder) => {
      compiler.place.folder = folder;
      return null;
    },
    compile: (code, options) => compiler.compile(code, options),
    compileUnchecked: (code) => compiler.compileUnchecked(code) ?? null,
    compileExpression: (expression, locals) => compiler.compileExpression(expression, locals),
    commit: () => {
      committing = setTimeout(commit, commitAfter);
      return null;
    },
    complete: (code, offset) => compiler.complete(code, offset),
    inspect: (code, offset) => compiler.inspect(code, offset) ?? null,
    isComplete: (code) => compiler.isComplete(code),
    forget: () => {
      compiler.forget();
      return null;
    },
  };
  let committing: NodeJS.Timeout | undefined;
  const commit = (): void => {
    if (committing === undefined) return;
    clearTimeout(committing);
    committing = undefined;
    try {
      compiler.commit();
    } catch {
      // Whoever uses what the cell declares hears that it is not there.
    }
  };
  const answer = ({ id, name, parameters }: CompilerRequest): CompilerAnswer => {
    try {
      // The kernel's own side wrote the request, by the same interface.
      const ask = answers[name] as (...parameters: readonly unknown[]) => unknown;
      return { id, result: ask(...parameters) };
    } catch (error) {
      return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  const pipe = new Socket({ fd: descriptor, readable: true, writable: true });
  let used = false;
  let rehearsed = 0;
  const rehearse = (): void => {
    compiler.rehearse(rehearsals[rehearsed++ % rehearsals.length]!);
    if (rehearsed < mostRehearsals) timer = setTimeout(rehearse, between);
  };
  let timer: NodeJS.Timeout | undefined;
  const requests = new FrameReader<CompilerRequest>((request) => {
    clearTimeout(timer);
    commit();
    pipe.write(frame(answer(request)));
    // Not before a first cell: many kernels are started and never used.
    used ||= request.name === "compile";
    if (used && rehearsed < mostRehearsals) timer = setTimeout(rehearse, idle);
  });
  pipe.on("data", (bytes: Buffer) => requests.push(bytes));
  pipe.on("error", () => process.exit());
  pipe.on("close", () => process.exit());
}
