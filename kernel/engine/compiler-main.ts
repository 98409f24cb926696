// The compiler's process, where there is no startup snapshot of it.
import { Compiler } from "./compiler.ts";
import { serve } from "./compiler-server.ts";

await serve(new Compiler());
