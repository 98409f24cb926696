// The compiler's process as a startup snapshot: with the types of the language and of the library read and understood.
import { setFlagsFromString, startupSnapshot } from "node:v8";
import { Compiler } from "./compiler.ts";
import { serve } from "./compiler-server.ts";
import { firstCells } from "./warm-up.ts";

const compiler = new Compiler();
compiler.warmUp(firstCells);
startupSnapshot.setDeserializeMainFunction(() => {
  // Each cell makes much garbage and little that stays: V8 is to collect it before it takes more memory. Said here, since
  // a snapshot is read with the flags only that it was made with.
  setFlagsFromString("--optimize-for-size");
  void serve(compiler);
});
