/** What a first lesson does: compiled at the build, so that what it needs is there when a kernel starts. */
export const firstCells: readonly string[] = [
  "const xs = [1, 2, 3];\nfunction mean(values: number[]): number {\n  return values.reduce((a, b) => a + b, 0) / values.length;\n}\nmean(xs)",
  'import { backward, variable } from "gradbook";\nconst x = variable(2), y = variable(3), w = variable(4);\nconst a = x + y;\nconst z = a * w;\nbackward(z).of(x)',
  "class Line {\n  constructor(readonly slope: number) {}\n  at(x: number) { return -this.slope * x; }\n}\nconst { slope } = new Line(2);\nfor (const v of xs) console.log(v, slope);",
  "const wrong: string = 1;",
];
