import { Compiler } from "./compiler.ts";
import { saveCodeCache } from "./typescript.ts";

/** Run by the build: compiles what a first lesson does and keeps the machine code for later starts. */

const cells = [
  "const xs = [1, 2, 3];\nfunction mean(values: number[]): number {\n  return values.reduce((a, b) => a + b, 0) / values.length;\n}\nmean(xs)",
  'import { variable } from "gradbook";\nconst x = variable(2), y = variable(3), w = variable(4);\nconst a = x + y;\nconst z = a * w;\nz',
  "class Line {\n  constructor(readonly slope: number) {}\n  at(x: number) { return -this.slope * x; }\n}\nconst { slope } = new Line(2);\nfor (const v of xs) console.log(v, slope);",
  "const wrong: string = 1;",
];
const compiler = new Compiler(process.cwd());
for (const code of cells) {
  const compilation = compiler.compile(code);
  if (compilation.kind === "compiled") compilation.commit();
}
compiler.complete("z.", 2);
compiler.complete("me", 2);
compiler.inspect("mean(xs)", 1);
saveCodeCache();
