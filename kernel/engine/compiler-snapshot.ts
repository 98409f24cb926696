// The compiler's process as a startup snapshot: with the types of the language and of the library read and understood.
import { setFlagsFromString, startupSnapshot } from "node:v8";
import { Compiler } from "./compiler.ts";
import { serve } from "./compiler-server.ts";
import { firstCells } from "./warm-up.ts";

const compiler = new Compiler();
compiler.warmUp(firstCells);
startupSnapshot.setDeserializeMainFunction(() => {
  // Each cell makes much garbage and little that stays: V8 is to collect it before it takes much more memory, but not so
  // soon that it spends its time on looking at what stays. Said here, since a snapshot is read with the flags only that
  // it was made with.
  setFlagsFromString("--optimize-for-size");
  setFlagsFromString("--heap-growing-percent=50");
  void serve(compiler);
});
