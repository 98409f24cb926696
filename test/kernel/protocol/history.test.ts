import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { History } from "../../../kernel/protocol/history.ts";
import { Conversation } from "./conversation.ts";

describe("History", () => {
  async function past(query: Readonly<Record<string, unknown>>): Promise<unknown> {
    const talk = new Conversation((code) =>
      code === "" ? { kind: "ok" } : { kind: "ok", data: { "text/plain": code } },
    );
    for (const code of ["1", "2 + 3", "", "1"]) await talk.ask("execute_request", { code });
    await talk.ask("execute_request", { code: "not kept", store_history: false });
    return (await talk.contentOf("history_reply", talk.ask("history_request", query)))["history"];
  }

  it("gives the tail, a range, and what a pattern finds", async () => {
    assert.deepEqual(await past({ hist_access_type: "tail", n: 2 }), [
      [1, 3, ""],
      [1, 4, "1"],
    ]);
    assert.deepEqual(await past({ hist_access_type: "range", session: 0, start: 2, stop: 3 }), [[1, 2, "2 + 3"]]);
    assert.deepEqual(await past({ hist_access_type: "range", session: -1, start: 1 }), []);
    assert.deepEqual(await past({ hist_access_type: "search", pattern: "?" }), [
      [1, 1, "1"],
      [1, 4, "1"],
    ]);
    assert.deepEqual(await past({ hist_access_type: "search", pattern: "?", unique: true }), [[1, 4, "1"]]);
    assert.deepEqual(await past({ hist_access_type: "search", pattern: "*+*", n: 5 }), [[1, 2, "2 + 3"]]);
  });

  it("gives outputs beside inputs where asked", async () => {
    assert.deepEqual(await past({ hist_access_type: "tail", n: 2, output: true }), [
      [1, 3, ["", null]],
      [1, 4, ["1", "1"]],
    ]);
  });

  describe("on disk", () => {
    let folder: string;
    beforeEach(() => {
      folder = path.join(mkdtempSync(path.join(tmpdir(), "gradbook-history-")), "history");
    });
    afterEach(() => rmSync(path.dirname(folder), { recursive: true }));
    const range = (session: number) => ({ access: "range", output: true, session, start: 1, stop: undefined }) as const;
    const tail = { access: "tail", output: false, n: 10 } as const;

    it("holds earlier sessions, of a kernel that broke off, too", () => {
      const first = new History(folder);
      first.add(1, "const a = 1");
      first.add(2, "a\n+ 1");
      first.noteOutput("2");
      const second = new History(folder);
      assert.deepEqual(second.find(range(0)), []);
      second.add(1, "a");
      assert.deepEqual(second.find(tail), [
        [1, 1, "const a = 1"],
        [1, 2, "a\n+ 1"],
        [2, 1, "a"],
      ]);
      assert.deepEqual(second.find(range(-1)), second.find(range(1)));
      assert.deepEqual(second.find(range(1)), [
        [1, 1, ["const a = 1", null]],
        [1, 2, ["a\n+ 1", "2"]],
      ]);
      const search = { access: "search", output: false, n: undefined, pattern: "*a*", unique: false } as const;
      assert.equal(second.find(search).length, 3);
      appendFileSync(path.join(folder, "1.jsonl"), '{"line":3,"inp');
      assert.equal(new History(folder).find(range(1)).length, 2);
    });

    it("keeps sessions apart that run at one time, each with a number of its own", () => {
      const histories = [1, 2, 3].map(() => new History(folder));
      for (const line of [1, 2]) for (const history of histories) history.add(line, String(line));
      const numbers = histories.map((history) => history.find(range(0)).map(([session]) => session));
      assert.deepEqual(numbers, [
        [1, 1],
        [2, 2],
        [3, 3],
      ]);
    });

    it("forgets the oldest of very many, and does without a folder that cannot be written", () => {
      mkdirSync(folder, { recursive: true });
      for (let number = 1; number <= 1002; number++) writeFileSync(path.join(folder, `${number}.jsonl`), "");
      new History(folder).add(1, "x");
      assert.deepEqual(
        ["1", "2", "3", "1003"].map((name) => existsSync(path.join(folder, `${name}.jsonl`))),
        [false, false, true, true],
      );
      const nowhere = new History(path.join(folder, "3.jsonl"));
      nowhere.add(1, "y");
      assert.deepEqual(nowhere.find(tail), [[1, 1, "y"]]);
    });
  });
});
