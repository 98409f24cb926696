import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { type InstalledKernel, installedKernel } from "../support/installed.ts";

/** Kernels that are asked the same, by the name of their kernelspec: ours, and the one whose behaviour Jupyter's tools are built on. */
const kernels = { gradbook: "gradbook", ipykernel: "python3" } as const;
type Kernel = keyof typeof kernels;

interface Probe {
  readonly name: string;
  /** What the kernel does, as a fact. */
  readonly fact: string;
  /** What it came to. */
  readonly came: unknown;
  /** Where it is not for all kernels. */
  readonly only?: Kernel;
}

const ok = ["busy", "execute_input", "execute_result", "idle"];
const failed = ["busy", "execute_input", "error", "idle"];
const aborted = ["aborted", ["busy", "idle"]];

const probes: readonly Probe[] = [
  { name: "redeclared", fact: "takes names that earlier cells declared", came: ["ok", "ok", "7"] },
  { name: "live bindings", fact: "shares variables between cells, not copies of them", came: ["2", "11", "11"] },
  {
    name: "type error",
    fact: "runs nothing of a cell with a type error, and says where it is",
    came: [failed, "TypeScriptError", "line 2, column 7"],
    only: "gradbook",
  },
  {
    name: "outputs in order",
    fact: "says in order what a cell says, on both streams, by display and as its result",
    came: [
      "busy",
      "execute_input",
      ["stream", "stdout", "one"],
      ["stream", "stderr", "two"],
      ["display_data", null, "three"],
      ["stream", "stdout", "four"],
      ["execute_result", null, "5"],
      "idle",
    ],
  },
  {
    name: "execution counts",
    fact: "counts cells by one, the same in input, result and reply",
    came: [
      [0, 0],
      [1, 1],
    ],
  },
  {
    name: "after an error",
    fact: "gives up what is queued behind an error only where stop_on_error asks for it",
    came: {
      True: [["error", failed], aborted, aborted],
      False: [
        ["error", failed],
        ["ok", ok],
        ["ok", ok],
      ],
      later: "4",
    },
  },
  {
    name: "user expressions",
    fact: "evaluates user_expressions, each with an error of its own",
    came: { status: "ok", good: ["2", "'ab'"], bad: ["error", true, true] },
  },
  {
    name: "silent",
    fact: "says nothing of a silent cell, does not count it, and still evaluates its expressions",
    came: { said: ["busy", "idle"], expression: "2", failing: "error", counted: 1 },
  },
  {
    name: "store history",
    fact: "shows a cell with store_history=false, and neither counts nor remembers it",
    came: { said: ok, counted: 1, remembered: false },
  },
  {
    name: "display",
    fact: "updates a display from a later cell",
    came: [
      ["display_data", "d", "first"],
      ["update_display_data", "d", "second"],
    ],
  },
  { name: "clear", fact: "clears output between what came before and after", came: ["gone", true, "there", false] },
  {
    name: "code points",
    fact: "counts the cursor's position in code points",
    came: { "at the end": true, "in the middle": true, inspected: true },
  },
  { name: "inspection", fact: "finds nothing behind a name that nothing declares", came: ["ok", false, {}] },
  {
    name: "stdin refused",
    fact: "asks nobody for input where allow_stdin is false",
    came: { status: "error", said: ["error", "idle"], asked: false, after: "4" },
  },
  {
    name: "forged",
    fact: "answers no malformed or forged frames, runs nothing of them and goes on",
    came: { answered: [], forged: "error", control: "ok" },
  },
  {
    name: "two clients",
    fact: "tells all clients what happens and answers the one that asked",
    came: {
      heard: ["busy", "execute_input", "stream", "idle"],
      "heard by the other": ["busy", "execute_input", "stream", "idle"],
      "answered the other": false,
    },
  },
  { name: "reconnected", fact: "answers a client that comes back under its old identity", came: "4" },
  {
    name: "comms",
    fact: "has no comms, and closes one that is opened for nobody",
    came: { comms: ["ok", {}, {}], closed: true, states: ["busy", "idle"] },
  },
  {
    name: "history",
    fact: "finds history by tail, range and search",
    came: {
      tail: [
        [2, "beta"],
        [3, "sum"],
      ],
      range: [
        [0, "alpha"],
        [1, "sum"],
      ],
      "range with output": [
        [0, ["alpha", null]],
        [1, ["sum", "2"]],
      ],
      search: [
        [1, "sum"],
        [3, "sum"],
      ],
      "search, one": [[3, "sum"]],
      "search, unique": [[3, "sum"]],
      "search, none": [],
    },
  },
  {
    name: "is complete",
    fact: "tells complete code from incomplete and invalid code, and indents only what is incomplete",
    came: {
      complete: ["complete", "complete", "complete", "complete"],
      "complete, indent": true,
      incomplete: ["incomplete", "incomplete", "incomplete", "incomplete"],
      "incomplete, indent": true,
      invalid: ["invalid", "invalid", "invalid"],
      "invalid, indent": true,
    },
  },
  {
    name: "late output",
    fact: "gives late output to the cell that caused it, also while another runs",
    came: { late: "late\n", meanwhile: "meanwhile\n" },
  },
  {
    name: "restart",
    fact: "restarts in another process, with no state and the first count",
    came: { "another process": true, state: ["error", 1], afterwards: ["ok", 2] },
  },
  {
    name: "shutdown",
    fact: "tells everybody that it ends, and ends",
    came: { reply: { status: "ok", restart: false }, said: [{ status: "ok", restart: false }], alive: false },
  },
];

/** Every request, and what its reply is called and says. */
const requests: Readonly<Record<string, readonly [reply: string, status: string]>> = {
  kernel_info: ["kernel_info_reply", "ok"],
  execute: ["execute_reply", "ok"],
  complete: ["complete_reply", "ok"],
  inspect: ["inspect_reply", "ok"],
  is_complete: ["is_complete_reply", "complete"],
  history: ["history_reply", "ok"],
  comm_info: ["comm_info_reply", "ok"],
  "kernel_info on control": ["kernel_info_reply", "ok"],
  interrupt: ["interrupt_reply", "ok"],
};

/** The loops a kernel must get out of, and how fast (milliseconds, medians). ipykernel does not get out of the others. */
const loops: Readonly<Record<Kernel, { readonly names: readonly string[]; readonly fast: number }>> = {
  gradbook: {
    names: ["sync loop", "pending await", "loop after await", "microtask loop", "timer loop"],
    fast: 50,
  },
  ipykernel: { names: ["sync loop", "microtask loop"], fast: 1000 },
};
const answersWithin: Readonly<Record<Kernel, number>> = { gradbook: 20, ipykernel: 500 };

/** What else differs by language. */
const errors: Readonly<Record<Kernel, string>> = { gradbook: "RangeError", ipykernel: "ValueError" };
const kinds: Readonly<Record<Kernel, string>> = { gradbook: "method", ipykernel: "function" };

for (const kernel of Object.keys(kernels) as readonly Kernel[]) {
  describe(`${kernel}, asked what jupyter_kernel_test does not ask`, () => {
    let jupyter: InstalledKernel;
    let report: Readonly<Record<string, unknown>>;
    before(async () => {
      jupyter = await installedKernel();
      report = JSON.parse(await jupyter.runPython("probes.py", kernels[kernel])) as typeof report;
    });
    after(() => jupyter.remove());

    /** What a probe came to, as an object of the kind that it gives. */
    function found<Result>(name: string): Result {
      const came = report[name];
      const { exception } = (came ?? {}) as { readonly exception?: string };
      if (exception !== undefined) assert.fail(exception);
      return came as Result;
    }

    for (const { name, fact, came, only } of probes) {
      if (only === undefined || only === kernel) it(fact, () => assert.deepEqual(found(name), came));
    }

    for (const [request, [reply, status]] of Object.entries(requests)) {
      it(`answers ${request} between busy and idle, all in its name`, () => {
        const said = request === "execute" ? ["busy", "execute_input", "idle"] : ["busy", "idle"];
        const came = found<Readonly<Record<string, unknown>>>("every request")[request];
        assert.deepEqual(came, { said, reply, status, parents: true });
      });
    }

    it("points an error at the lines of the cells it went through, in reply and broadcast alike", () => {
      const { text, ...rest } = found<{ readonly text: string }>("error");
      assert.deepEqual(rest, {
        said: failed,
        status: "error",
        ename: errors[kernel],
        evalue: "too far",
        same: true,
        places: [
          [0, 2],
          [1, 3],
        ],
      });
      // No frame of the kernel itself: no file, in particular.
      assert.doesNotMatch(text, /\.(?:js|ts|py)\b|node:/);
    });

    it("completes what has not been run, with its kind", () => {
      assert.deepEqual(found("completion"), { kind: kinds[kernel], found: true });
    });

    const { names, fast } = loops[kernel];
    for (const loop of names) {
      it(`is interrupted in a ${loop} within ${fast} ms, keeps its state and answers meanwhile`, () => {
        const { milliseconds, control, heartbeat, ends, kept } =
          found<Readonly<Record<string, Interrupted>>>("interrupts")[loop]!;
        assert.deepEqual({ ends, kept }, { ends: [["error", "error"]], kept: "42" });
        assert.ok(milliseconds < fast, `${milliseconds} ms`);
        assert.ok(control < answersWithin[kernel], `kernel_info on control took ${control} ms`);
        assert.ok(heartbeat < answersWithin[kernel], `a heartbeat took ${heartbeat} ms`);
      });
    }

    it("exits with all its processes when the one that started it dies", async () => {
      const printed = await jupyter.runPython("orphan.py", kernels[kernel]);
      const pids = printed.trim().split(" ").map(Number);
      assert.ok(pids.length >= (kernel === "gradbook" ? 2 : 1) && pids.every((pid) => pid > 0), printed);
      for (let wait = 0; wait < 100 && pids.some(isAlive); wait++) await setTimeout(100);
      assert.deepEqual(pids.filter(isAlive), [], "outlived its parent by ten seconds");
    });
  });
}

interface Interrupted {
  readonly milliseconds: number;
  readonly control: number;
  readonly heartbeat: number;
  readonly ends: unknown;
  readonly kept: string;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
