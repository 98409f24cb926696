// The compiler's process as a startup snapshot: with the types of the language and of the library read and understood.
import { startupSnapshot } from "node:v8";
import { Compiler } from "./compiler.ts";
import { serve } from "./compiler-server.ts";
import { firstCells } from "./warm-up.ts";

const compiler = new Compiler();
compiler.warmUp(firstCells);
startupSnapshot.setDeserializeMainFunction(() => void serve(compiler));
