import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { Compiler } from "../../../kernel/engine/compiler.ts";
import type { CellEvent } from "../../../kernel/engine/engine.ts";
import { typescript } from "../../bench/kernels/languages.ts";
import { collectGarbage, collectGarbageInCell } from "../../support/garbage.ts";
import { Session } from "./session.ts";

describe("of cells that are over", () => {
  let session: Session;
  before(async () => {
    session = await Session.start();
    await session.show(collectGarbageInCell);
  });
  after(() => session.engine.shutdown());

  async function manyCells(count: number): Promise<void> {
    for (let round = 0; round < count; round++) await session.show(`${round}`);
  }

  it("nothing stays in their process but what they declared", async () => {
    // Heaps waver by hundreds of kilobytes; a text that stays is to be noticed.
    const comment = (round: number): string => `/* ${`${round} `.repeat(5000)} */`;
    const heap = async (): Promise<number> =>
      Number(await session.show("await collectGarbage(); process.memoryUsage().heapUsed"));
    const rounds = async (from: number, to: number): Promise<void> => {
      for (let round = from; round < to; round++) {
        await session.show(`function again() { ${comment(round)} return ${round}; }\nconsole.log({ round: again() })`);
      }
    };
    await rounds(0, 50);
    const before = await heap();
    await rounds(50, 250);
    const kept = ((await heap()) - before) / 200;
    assert.ok(kept < comment(100).length / 5, `${kept} bytes of each cell, whose text has ${comment(100).length}`);
  });

  it("nothing is kept that they logged", async () => {
    await session.show("const logged: WeakRef<object>[] = [];");
    await session.show("{ const large = { of: [1, 2] }; logged.push(new WeakRef(large)); console.log(large); }");
    await session.show("1");
    assert.equal(await session.show("await collectGarbage(); logged[0]!.deref() === undefined"), "true");
  });

  it("the lines are told as long as a function is there that they declared", async () => {
    await session.show("function fail(): never {\n  throw new RangeError('of old');\n}");
    await manyCells(350);
    await session.show("await collectGarbage()");
    const { traceback } = await session.run("fail()");
    assert.match(stripVTControlCharacters(traceback), /of old\n.*fail \(In \[\d+\]:2:9\)\n.*In \[\d+\]:1:1/);
  });

  describe("that still speak", () => {
    const waiting = `let speak = () => {};
void new Promise<void>((done) => (speak = done)).then(() => console.log("late"));`;

    it("it is shown with them", async () => {
      const cell = await session.run(waiting);
      await manyCells(250);
      assert.equal((await session.run("speak(); await null")).stdout, "");
      assert.equal(cell.stdout, "late\n");
    });

    it("it is shown with the cell that ran last where they are long over", async () => {
      const cell = await session.run(waiting);
      await manyCells(350);
      assert.equal((await session.run("speak(); await null")).stdout, "late\n");
      assert.equal(cell.stdout, "");
    });
  });

  it("those who listen are let go of, and of messages over comms, too", async () => {
    const { engine } = session;
    const listeners: WeakRef<object>[] = [];
    const listener = (): ((event: CellEvent) => void) => {
      const events: CellEvent[] = [];
      const listen = (event: CellEvent): void => void events.push(event);
      listeners.push(new WeakRef(listen));
      return listen;
    };
    const alive = async (): Promise<number> => {
      await collectGarbage();
      return listeners.filter((each) => each.deref() !== undefined).length;
    };
    const comm = { action: "message", id: "none", target: "", data: {}, metadata: {}, buffers: [] } as const;
    for (let round = 0; round < 500; round++) await engine.comm(comm, listener());
    const ofComms = await alive();
    for (let round = 0; round < 500; round++) {
      await engine.execute(`${round}`, { executionCount: round, silent: false }, listener());
    }
    const ofAll = await alive();
    assert.ok(ofComms <= 110, `${ofComms} of messages`);
    assert.ok(ofAll - ofComms <= 310, `${ofAll - ofComms} of cells`);
    assert.ok(engine.debuggee.cells.size <= 200, `${engine.debuggee.cells.size} for a debugger`);
  });

  describe("the compiler holds no more than what they declared", () => {
    const many = `enum Kind { small, large }
type Range = [start: number, end: number];
type Shown<T> = { readonly [K in keyof T]: T[K] extends number ? string : T[K] };
class Line<T extends number> { constructor(readonly slopes: T[]) {} at(x: number): Shown<{ y: number; kind: Kind }> { return { y: String(this.slopes[0]! * x), kind: String(Kind.large) }; } }
function pick<T, K extends keyof T>(from: T, key: K): T[K] { return from[key]; }
const lines = [1, 2].map((slope) => new Line([slope]));
const ranges: Range[] = [[1, 2]], named = new Map(lines.map((line) => [line.at(1).y, line]));
const grown = [];
for (const [name, line] of named) grown.push({ name, line, range: ranges[0] });
const label = \`\${pick({ name: "one" as const }, "name")}-\${ranges[0]![0]}\`;
const found = await Promise.all([lines.find((line) => line.slopes.length > 1), ...grown]);
type Label = \`\${"a" | "b"}-\${Kind}\`;
[...found.entries(), label].length`;

    const cells: Readonly<Record<string, (round: number) => string>> = {
      "of a few types": (round) => `${typescript.small(round % 50)} + ${round}`,
      "of many types": (round) => `${many} + ${round}`,
      "that are wrong": (round) => `${many} + ${round};\nconst wrong: Label = found;`,
    };
    for (const [what, cell] of Object.entries(cells)) {
      it(what, async () => {
        const compiler = new Compiler();
        const compile = (round: number): void => {
          const isRight = compiler.compile(cell(round)).kind === "compiled";
          assert.equal(isRight, what !== "that are wrong");
          if (isRight) compiler.commit();
        };
        const heap = async (): Promise<number> => {
          await collectGarbage();
          return process.memoryUsage().heapUsed / 1000;
        };
        for (let round = 0; round < 200; round++) compile(round);
        const before = await heap();
        for (let round = 200; round < 400; round++) compile(round);
        const more = ((await heap()) - before) / 200;
        // What V8 makes of the compiler meanwhile is some ten; types that stay are sixty and more.
        assert.ok(more < 30, `${more} kB more of each cell`);
      });
    }
  });
});
