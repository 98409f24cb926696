import type { Compiler } from "./compiler.ts";
import { type CompilerAnswer, type CompilerRequest, type CompilerRequests, descriptor } from "./compiler-protocol.ts";
import { FrameReader, frame } from "./user/frames.ts";

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
      compiler.commit();
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
  const requests = new FrameReader<CompilerRequest>((request) => pipe.write(frame(answer(request))));
  pipe.on("data", (bytes: Buffer) => requests.push(bytes));
  pipe.on("error", () => process.exit());
  pipe.on("close", () => process.exit());
}
