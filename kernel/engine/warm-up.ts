/** What a first lesson does: compiled at the build, so that what it needs is there when a kernel starts. */
export const firstCells: readonly string[] = [
  "const xs = [1, 2, 3];\nfunction mean(values: number[]): number {\n  return values.reduce((a, b) => a + b, 0) / values.length;\n}\nmean(xs)",
  'import { backward, variable } from "gradbook";\nconst x = variable(2), y = variable(3), w = variable(4);\nconst a = x + y;\nconst z = a * w;\nbackward(z).of(x)',
  "class Line {\n  constructor(readonly slope: number) {}\n  at(x: number) { return -this.slope * x; }\n}\nconst { slope } = new Line(2);\nfor (const v of xs) console.log(v, slope);",
  "const wrong: string = 1;",
];

/**
 * What cells are made of, rehearsed in turn while nobody waits, so that V8 has optimised the compiler where the next cells
 * need it. Each is short: a request that comes meanwhile waits for one of them at most.
 */
export const rehearsals: readonly string[] = [
  firstCells[0]!,
  firstCells[1]!,
  firstCells[2]!.replace("of xs", "of [1, 2, 3]"),
  `interface Sample { readonly inputs: readonly number[]; readonly label: string }
function split<T>(values: readonly T[], isFirst: (value: T, index: number) => boolean): { first: T[]; second: T[] } {
  const first: T[] = [];
  const second: T[] = [];
  for (const [index, value] of values.entries()) (isFirst(value, index) ? first : second).push(value);
  return { first, second };
}
const samples: Sample[] = Array.from({ length: 4 }, (_, index) => ({
  inputs: [index, index ** 2],
  label: index > 2 ? "large" : "small",
}));
const { first, second } = split(samples, ({ inputs: [start = 0] }) => start < 2);
first.length + second.length`,
  `type Pair<T> = readonly [T, T];
const counts = new Map<string, number>();
for (const label of ["one", "two", "one"]) counts.set(label, (counts.get(label) ?? 0) + 1);
const pairs: Pair<number>[] = [1, 2, 3].map((value) => [value, value / 2]);
async function later<T>(value: T): Promise<T> {
  return await Promise.resolve(value);
}
try {
  console.log(await later(\`\${pairs.length} of \${[...counts.keys()].filter((key) => key === "one").length}\`));
} catch (error) {
  console.log(error instanceof Error ? error.message : String(error));
}
const [best] = Object.entries({ a: 1, b: 2 }).sort(([, left], [, right]) => right - left)[0] ?? [];
best`,
  `import { backward, variable } from "gradbook";
const weights = [1, 2].map((start) => variable(start));
const loss = weights.map((weight, index) => (weight * 3 - index) ** 2).reduce((total, term) => total + term);
let size = 0, step = 0.1;
while (size < 1 && weights.length > 0) size += step;
switch (weights.length) {
  case 1:
    size = -size;
    break;
  default:
    step /= 2;
}
const gradients = backward(loss);
[size, step, ...weights.map((weight) => gradients.of(weight).item())]`,
];
