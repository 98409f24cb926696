import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Session } from "./session.ts";

describe("cells, one after the other", () => {
  let session: Session;
  const folder = mkdtempSync(path.join(tmpdir(), "gradbook-cells-"));
  before(async () => {
    writeFileSync(path.join(folder, "data.json"), '{ "rows": [1, 2, 3] }');
    writeFileSync(
      path.join(folder, "double.mjs"),
      "export const double = (x) => 2 * x;\nexport default 'the default';\n",
    );
    writeFileSync(
      path.join(folder, "double.d.mts"),
      "export declare const double: (x: number) => number;\ndeclare const name: string;\nexport default name;\n",
    );
    session = await Session.start(folder);
  });
  after(async () => {
    await session.engine.shutdown();
    rmSync(folder, { recursive: true });
  });

  /** Cells, and what the last of them shows. */
  const cases: Readonly<Record<string, readonly (readonly [...cells: string[], shown: string | undefined])[]>> = {
    "share live bindings": [
      ["let c = 0; const inc = () => ++c", "inc(); inc()", "2"],
      ["c = 10; inc()", "11"],
      ["inc.name", "'inc'"],
      ["let rate = 1; const scaled = () => rate * 10", "let rate = 5", "scaled()", "50"],
    ],
    "redeclare everything": [
      ["const k = 1", "const k = 'text'; k.toUpperCase()", "'TEXT'"],
      ["k.length + 1", "5"],
      [
        "class P { x = 1; sum() { return this.x } }\nconst p = new P();",
        "class P { other = 'o' } new P().other",
        "'o'",
      ],
      ["p.sum() + p.x", "2"],
      [
        "interface Row { a: number }\nconst row: Row = { a: 1 };",
        "interface Row { b: string }\nconst newer: Row = { b: 's' }; newer.b + row.a",
        "'s1'",
      ],
      ["function twice(n: number) { return 2 * n }", "function twice(s: string) { return s + s }\ntwice('a')", "'aa'"],
      ["function base() { return 1 } function user() { return base() }", "function base() { return 2 }", "user()", "2"],
    ],
    "keep functions, classes, enums, namespaces and types": [
      ["const r = early(); function early() { return later() } function later() { return 42 } r", "42"],
      ["function fact(n: number): number { return n <= 1 ? 1 : n * fact(n - 1) } fact(5)", "120"],
      [
        "class Counter { static made = 0; #secret = 2; constructor(public k = 5) { Counter.made++ } sum() { return this.#secret + this.k }\n  clone(): Counter { return new Counter(this.k) } }\nnew Counter().clone().sum() + Counter.made",
        "9",
      ],
      ["class Wider extends Counter { z = 9 } new Wider().z + new Wider().sum()", "16"],
      [
        "abstract class Shape { abstract area(): number } class Square extends Shape { constructor(public s: number) { super() } area() { return this.s ** 2 } } new Square(3).area()",
        "9",
      ],
      ["enum Colour { Red, Green = 5, Blue } Colour.Blue", "6"],
      ["const colour: Colour = Colour.Green; Colour[colour]", "'Green'"],
      ["const enum Size { Small = 1, Large } Size.Large", "2"],
      ["namespace NS { export const k = 3; export const twice = k * 2; export type T = string } NS.twice", "6"],
      [
        "type Pair<A> = [A, A]; const pair: Pair<number> = [1, 2]; const text: NS.T = 't'; [pair, text]",
        "[ [ 1, 2 ], 't' ]",
      ],
      [
        "function over(a: string): string; function over(a: number): number; function over(a: any) { return a }",
        "over(3) * 2",
        "6",
      ],
      ["const identity = <T,>(v: T) => v", "identity(4) + 1", "5"],
      ["const made = (() => { class Hidden { a = 1 } return new Hidden() })();", "made.a + 1", "2"],
      ["const symbol = Symbol('q'); const bySymbol = { [symbol]: 1 };", "bySymbol[symbol]", "1"],
    ],
    "take patterns, loops and vars": [
      [
        "const { a, b: [d = 7, ...e], f = a + 1, ...rest } = { a: 1, b: [undefined, 2, 3] as (number | undefined)[], g: 4 } as { a: number; b: (number | undefined)[]; f?: number; g: number };\n[a, d, e, f, rest]",
        "[ 1, 7, [ 2, 3 ], 2, { g: 4 } ]",
      ],
      ["a + d + f + rest.g", "14"],
      [
        "let s1 = 1, s2 = 2; [s1, s2] = [s2, s1]; ({ s1, s2 = 4 } = { s1: 8, s2: undefined as number | undefined }); [s1, s2]",
        "[ 8, 4 ]",
      ],
      ["for (var i = 0; i < 3; i++) {} for (var v of [1, 2]) {} [i, v!]", "[ 3, 2 ]"],
      ["i + v", "5"],
      ["for (const q of [1]) { var inner = q } inner!", "inner + 1", "2"],
      [
        "const closures: (() => number)[] = []; for (let j = 0; j < 3; j++) closures.push(() => j); closures.map(g => g())",
        "[ 0, 1, 2 ]",
      ],
      ["function shadow(c: number) { const k = c; return { k, c } } shadow(3)", "{ k: 3, c: 3 }"],
      ["label: for (const q of [1, 2]) { if (q) continue label } 1", "1"],
    ],
    "dispose of what they use": [
      [
        "const log: string[] = []; const open = (name: string) => ({ name, [Symbol.dispose]() { log.push(name) } }); log",
        "[]",
      ],
      ["{ using a = open('a'), b = open('b'); log.push(a.name + b.name) } log", "[ 'ab', 'b', 'a' ]"],
      ["using c = open('c'); let seenC = c.name; seenC", "'c'"],
      ["[log.at(-1), seenC]", "[ 'c', 'c' ]"],
      ["await using d = { async [Symbol.asyncDispose]() { log.push('d') } }; log.length", "4"],
      ["log.at(-1)", "'d'"],
    ],
    "may use names that the platform has": [
      ["const Event = 5, URL = 'u', name = 'n', process = 'p'; [Event, URL, name, process]", "[ 5, 'u', 'n', 'p' ]"],
      ["({ URL, name, made: new Map([[1, 2]]).size })", "{ URL: 'u', name: 'n', made: 1 }"],
      ["const { fileURLToPath } = await import('node:url'); fileURLToPath('file:///tmp/a')", "'/tmp/a'"],
    ],
    "loop over numbers with their own bindings": [
      ["let sum = 0; for (let i = 0; i < 5; i++) sum += i; sum", "10"],
      [
        "const numbers = [3, 1, 2]; let most = 0; for (const n of numbers) if (n > most) most = n; [most, sum]",
        "[ 3, 10 ]",
      ],
      ["for (var last of numbers) { var twice = 2 * last; sum += twice } [last!, twice!, sum]", "[ 2, 4, 22 ]"],
      ["let a0 = 0, b0 = 1; for (let i = 0; i < 10; i++) [a0, b0] = [b0, a0 + b0]; [a0, b0]", "[ 55, 89 ]"],
      ["let e0 = 0; do { e0 += 0.5 } while (e0 < 2); while (e0 > 1) e0--; e0", "1"],
      ["({ a0 } = { a0: 7 }); for (const k of [1]) ({ a0 } = { a0: a0 + k }); a0", "8"],
      ["outer: for (let i = 0; ; i++) { for (;;) { sum++; if (i < 3) continue outer; break outer } } sum", "26"],
      [
        "const seen = () => sum; const at: number[] = []; for (let i = 0; i < 2; i++) { sum++; at.push(seen()) } at",
        "[ 27, 28 ]",
      ],
      ["let slow = 0; for (let i = 0; i < 2; i++) { await null; for (let k = 0; k < 3; k++) slow += k } slow", "6"],
      ["const steps: number[][] = []; for (const i of [1, 2]) steps.push([i, sum]); steps", "[ [ 1, 28 ], [ 2, 28 ] ]"],
      [
        "let met = 0; const meter = { get now() { return ++met } }; for (let i = 0; i < 3; i++) met += meter.now; met",
        "7",
      ],
      [
        "let text = ''; for (const c of 'abc') text = c + text; for (const key in { p: 1 }) text += key; text",
        "'cbap'",
      ],
      [
        "let half = 0; try { for (let i = 0; i < 9; i++) { half = i; if (i === 4) throw new Error('stop') } } catch {} half",
        "4",
      ],
      ["let every = 0; const callback = () => { every++ }; for (const i of [1, 2]) [i].forEach(callback); every", "2"],
      ["let shown = 0; for (const x of numbers) { shown += x; console.log(shown) } shown", "6"],
      ["let counted = 0n; for (let i = 0n; i < 3n; i++) counted += i; counted", "3n"],
      ["const grid = new Float64Array(4); for (let i = 0; i < 4; i++) grid[i] = i * sum; grid[3]", "84"],
      ["if (sum > 0) { for (let i = 0; i < 2; i++) sum -= 14 } sum", "0"],
    ],
    "await, import and export": [
      ["const awaited = await Promise.resolve(5); for await (const q of [Promise.resolve(1)]) { void q } awaited", "5"],
      ["export const ex = 5; export function exf() { return ex } export default ex * 2", "10"],
      ["ex + exf()", "10"],
      ["import * as p from 'node:path'; p.basename('/a/b')", "'b'"],
      ["import { join } from 'path'; join('a', 'b')", "'a/b'"],
      ["join('c', 'd')", "'c/d'"],
      ["const os = await import('node:os'); typeof os.cpus", "'function'"],
      ["import type { Value as V } from 'gradbook'; const none: V[] = []; none.length", "0"],
      ["import named, { double } from './double.mjs'; [named, double(4)]", "[ 'the default', 8 ]"],
      ["const again = await import('./double.mjs'); again.double(5)", "10"],
      ["import { readFileSync } from 'node:fs'; JSON.parse(readFileSync('data.json', 'utf8')).rows.length", "3"],
    ],
    "show their last expression": [
      ["1 + 1;;", "2"],
      ["({ a: 1, b: [2] })", "{ a: 1, b: [ 2 ] }"],
      ["'text'", "'text'"],
      ["0.1 + 0.2", "0.30000000000000004"],
      ["Promise.resolve(3)", "Promise { 3 }"],
      ["null", "null"],
      ["undefined", undefined],
      ["const quiet = 1", undefined],
      ["if (true) { 5 }", undefined],
      ["# parameters\n1 + 2", "3"],
      ["// only a comment", undefined],
      ["", undefined],
    ],
  };
  for (const [fact, rows] of Object.entries(cases)) {
    describe(fact, () => {
      for (const row of rows) {
        const cells = row.slice(0, -1) as string[];
        it(cells.join(" ⏎ ").slice(0, 100) || "(nothing)", async () => {
          assert.equal(await session.show(...cells), row.at(-1));
        });
      }
    });
  }

  it("know the types that come from a module's inside, in later cells too", async () => {
    await session.show("import { sin } from 'gradbook'; const wave = sin;");
    assert.match((await session.run("wave(1, 2)")).failure!, /Expected 1 arguments, but got 2/);
    assert.equal(await session.show("wave(0).item()"), "0");
  });

  it("know console, timers, fetch, Buffer and the rest of Node by their types", async () => {
    const code =
      "const handle = setTimeout(() => {}, 1000); clearTimeout(handle);\n" +
      "const kinds = [typeof fetch, typeof structuredClone, Buffer.from('a').toString('hex'), new URLSearchParams('q=1').get('q')];\n" +
      "console.table([]); kinds";
    const fresh = await Session.start(folder);
    try {
      assert.equal(await fresh.show(code), "[ 'function', 'function', '61', '1' ]");
      assert.equal(await fresh.show("process.memoryUsage().rss > 0 && typeof process.hrtime.bigint()"), "'bigint'");
    } finally {
      await fresh.engine.shutdown();
    }
  });
});
