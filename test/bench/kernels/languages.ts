/** The loops that an interrupt has to get out of. */
export type Loop = "sync loop" | "pending await" | "loop after await" | "microtask loop" | "timer loop";

/** The same cells in the language of a kernel. Each has a number in it that makes it new. */
export interface Language {
  /** A cell as a learner writes it: a type, a function, a loop, a result. */
  small(round: number): string;
  /** One of 50 lines. */
  long(round: number): string;
  /** A new declaration, and the beginning of a member's name behind it that only the declaration tells. */
  unfinished(round: number): { readonly code: string; readonly expected: string };
  /** Computes without a pause for so many seconds. */
  computing(seconds: number): string;
  /** Prints so many lines: the word line and the line's number. */
  lines(count: number): string;
  readonly loops: Readonly<Record<Loop, string>>;
  /** Declares what must outlive an interrupt, 41. */
  readonly keep: string;
  /** Is 42 where it did. */
  readonly kept: string;
}

export const typescript: Language = {
  small: (round) => `interface Point${round} { x: number; y: number }
function squares${round}(points: Point${round}[]): number[] {
  return points.map((point) => point.x ** 2 + point.y ** 2);
}
const result${round} = squares${round}([{ x: ${round}, y: 1 }, { x: 2, y: 3 }]);
for (const [index, value] of result${round}.entries()) console.log(index, value);
result${round}.length`,
  long: (round) =>
    [
      ...Array.from({ length: 8 }, (_, part) => {
        const name = `${round}_${part}`;
        return `interface Series${name} { readonly start: number; readonly step: number }
function terms${name}({ start, step }: Series${name}, count: number): number[] {
  return Array.from({ length: count }, (_, index) => start + step * index);
}
const total${name} = terms${name}({ start: ${part}, step: ${round} }, 10).reduce((sum, term) => sum + term, 0);
const label${name} = total${name} > 100 ? "large" : "small";`;
      }),
      `console.log(label${round}_0, label${round}_7);`,
      `total${round}_0 + total${round}_7`,
    ].join("\n"),
  unfinished: (round) => ({ code: `const edited${round} = [${round}, 2, 3];\nedited${round}.ma`, expected: "map" }),
  computing: (seconds) => `{ const end = Date.now() + ${seconds * 1000}; while (Date.now() < end); }`,
  lines: (count) => `for (let i = 0; i < ${count}; i++) console.log("line", i);`,
  loops: {
    "sync loop": "while (true) {}",
    "pending await": "await new Promise(() => {});",
    "loop after await": "await null; while (true) {}",
    "microtask loop": "while (true) await null;",
    "timer loop": "setTimeout(() => { while (true) {} }, 10); await new Promise(() => {});",
  },
  keep: "let kept = 41;",
  kept: "kept + 1",
};

export const python: Language = {
  small: (round) => `from dataclasses import dataclass
@dataclass
class Point${round}: x: float; y: float
def squares${round}(points: list[Point${round}]) -> list[float]:
    return [point.x ** 2 + point.y ** 2 for point in points]
result${round} = squares${round}([Point${round}(${round}, 1), Point${round}(2, 3)])
for index, value in enumerate(result${round}): print(index, value)
len(result${round})`,
  long: (round) =>
    [
      ...Array.from({ length: 8 }, (_, part) => {
        const name = `${round}_${part}`;
        return `class Series${name}:
    def __init__(self, start: float, step: float): self.start, self.step = start, step
def terms${name}(series: Series${name}, count: int) -> list[float]:
    return [series.start + series.step * index for index in range(count)]
total${name} = sum(terms${name}(Series${name}(${part}, ${round}), 10))
label${name} = "large" if total${name} > 100 else "small"`;
      }),
      `print(label${round}_0, label${round}_7)`,
      `total${round}_0 + total${round}_7`,
    ].join("\n"),
  unfinished: (round) => ({ code: `edited${round} = [${round}, 2, 3]\nedited${round}.ap`, expected: "append" }),
  computing: (seconds) => `import time\nend = time.time() + ${seconds}\nwhile time.time() < end: pass`,
  lines: (count) => `for i in range(${count}): print("line", i)`,
  loops: {
    "sync loop": "while True: pass",
    "pending await": "import asyncio\nawait asyncio.Future()",
    "loop after await": "import asyncio\nawait asyncio.sleep(0)\nwhile True: pass",
    "microtask loop": "import asyncio\nwhile True: await asyncio.sleep(0)",
    "timer loop": `import asyncio
def spin():
    while True: pass
asyncio.get_running_loop().call_later(0.01, spin)
await asyncio.Future()`,
  },
  keep: "kept = 41",
  kept: "kept + 1",
};
