import assert from "node:assert/strict";
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
});
