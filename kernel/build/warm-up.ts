// Compiles what a first lesson does and keeps the machine code for later starts.
import { Compiler } from "../engine/compiler.ts";
import { saveCodeCache } from "../engine/typescript.ts";
import { firstCells } from "../engine/warm-up.ts";

const compiler = new Compiler();
for (const code of firstCells) {
  if (compiler.compile(code).kind === "compiled") compiler.commit();
}
compiler.complete("z.", 2);
compiler.complete("me", 2);
compiler.inspect("mean(xs)", 1);
saveCodeCache();
