import assert from "node:assert/strict";
import fc from "fast-check";
import type { CellResult } from "../../../kernel/engine/engine.ts";
import type { JupyterMessage } from "../../../kernel/protocol/message.ts";
import { curve } from "../../../src/index.ts";
import { Conversation, request, types } from "./conversation.ts";

const failure = { kind: "error", ename: "TypeError", evalue: "no", traceback: ["TypeError: no"] } as const;

/** A promise with its resolver, to hold a cell until the test lets it go. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

describe("Message core", () => {
  describe("questions", () => {
    const asks = (talk: Conversation): readonly JupyterMessage[] =>
      talk.said.filter(({ channel }) => channel === "stdin");
    const reply = (value: string, parent: object = {}): JupyterMessage => ({
      ...request("input_reply", { value }),
      channel: "stdin",
      parent_header: parent as JupyterMessage["header"],
    });

    it("are put to whoever runs the cell, one at a time, and answered in order", async () => {
      let answers: readonly string[] = [];
      const talk = new Conversation(async (_code, _emit, { ask }) => {
        answers = await Promise.all([ask!("name?", false), ask!("secret?", true)]);
        return { kind: "ok" };
      });
      const cell = request("execute_request", { code: "", allow_stdin: true });
      talk.kernel.receive(cell);
      const until = async (count: number): Promise<void> => {
        while (asks(talk).length < count) await new Promise((resolve) => setImmediate(resolve));
      };
      await until(1);
      assert.equal(asks(talk)[0]!.header.msg_type, "input_request");
      assert.equal(asks(talk)[0]!.parent_header.msg_id, cell.header.msg_id);
      assert.deepEqual(asks(talk)[0]!.content, { prompt: "name?", password: false });
      // An answer to something else is not this one's.
      talk.kernel.receive(reply("wrong", { ...cell.header, msg_type: "input_request", msg_id: "other" }));
      talk.kernel.receive(reply("Ada", asks(talk)[0]!.header));
      await until(2);
      assert.deepEqual(asks(talk)[1]!.content, { prompt: "secret?", password: true });
      // Real clients answer without saying what.
      talk.kernel.receive(reply("1815"));
      await talk.about(cell);
      assert.deepEqual(answers, ["Ada", "1815"]);
    });

    it("are not put where the request allows none, and are over with their cell", async () => {
      const talk = new Conversation(async (code, _emit, { ask }) => {
        if (code === "none") return { kind: "ok", data: { "text/plain": String(ask) } };
        void ask!("never answered", false);
        if (code === "leaves") return { kind: "ok" };
        return { kind: "ok", data: { "text/plain": await ask!("second", false) } };
      });
      const none = await talk.contentOf("execute_result", talk.ask("execute_request", { code: "none" }));
      assert.deepEqual(none["data"], { "text/plain": "undefined" });
      await talk.ask("execute_request", { code: "leaves", allow_stdin: true });
      const next = new Promise<void>((resolve) => {
        const cell = request("execute_request", { code: "stays", allow_stdin: true });
        talk.kernel.receive(cell);
        setTimeout(() => talk.kernel.receive(reply("for the open one")), 5);
        setTimeout(() => talk.kernel.receive(reply("for the next")), 10);
        void talk.about(cell).then((said) => {
          const shown = said.find(({ header }) => header.msg_type === "execute_result")!;
          assert.deepEqual(shown.content["data"], { "text/plain": "for the next" });
          resolve();
        });
      });
      await next;
      talk.kernel.receive(reply("to nobody"));
    });
  });

  describe("subshells", () => {
    const on = (id: unknown, type: string, content: object): JupyterMessage => {
      const asked = request(type, { ...content });
      return { ...asked, header: { ...asked.header, subshell_id: id as string } };
    };

    it("are made, listed and deleted, and run cells while one of the main line waits", async () => {
      const { opened, open } = gate();
      const talk = new Conversation(async (code) => {
        if (code === "waits") await opened;
        return code === "fails" ? failure : { kind: "ok" };
      });
      const made = await talk.contentOf("create_subshell_reply", talk.ask("create_subshell_request", {}, "control"));
      const id = made["subshell_id"];
      const listed = async (): Promise<unknown> =>
        (await talk.contentOf("list_subshell_reply", talk.ask("list_subshell_request", {}, "control")))["subshell_id"];
      assert.deepEqual(await listed(), [id]);
      const waiting = talk.ask("execute_request", { code: "waits" });
      const queued = talk.ask("execute_request", { code: "queued" });
      // An error gives up what waits behind it, not what other lines wait for.
      for (const code of ["runs", "fails"]) {
        const asked = on(id, "execute_request", { code });
        talk.kernel.receive(asked);
        const said = await talk.about(asked);
        assert.equal(said.at(-1)!.content["execution_state"], "idle");
        assert.equal(said[0]!.parent_header.subshell_id, id);
      }
      assert.deepEqual(talk.engine.executed, ["waits", "runs", "fails"]);
      open();
      assert.ok(types(await waiting).includes("execute_reply"));
      assert.equal((await talk.contentOf("execute_reply", queued))["status"], "ok");
      assert.deepEqual(talk.engine.executed, ["waits", "runs", "fails", "queued"]);
      await talk.contentOf(
        "delete_subshell_reply",
        talk.ask("delete_subshell_request", { subshell_id: id }, "control"),
      );
      assert.deepEqual(await listed(), []);
    });

    it("that are not there are said not to be", async () => {
      const talk = new Conversation();
      const lost = on("none", "execute_request", { code: "1" });
      talk.kernel.receive(lost);
      const reply = (await talk.about(lost)).find(({ header }) => header.msg_type === "execute_reply")!;
      assert.match(String(reply.content["evalue"]), /There is no subshell none/);
      assert.deepEqual(talk.engine.executed, []);
      const deleted = talk.ask("delete_subshell_request", { subshell_id: "none" }, "control");
      assert.equal((await talk.contentOf("delete_subshell_reply", deleted))["status"], "error");
      const main = on(null, "execute_request", { code: "2" });
      talk.kernel.receive(main);
      await talk.about(main);
      assert.deepEqual(talk.engine.executed, ["2"]);
    });
  });

  describe("execute", () => {
    it("says busy, the input, the output in order, the result, the reply and idle", async () => {
      const talk = new Conversation((_code, emit) => {
        emit({ kind: "stream", name: "stdout", text: "one\n" });
        emit({ kind: "stream", name: "stdout", text: "two\n" });
        emit({ kind: "display", data: { "text/plain": "picture" }, metadata: {}, update: false, displayId: "a" });
        emit({ kind: "stream", name: "stderr", text: "three\n" });
        emit({ kind: "display", data: { "text/plain": "other" }, metadata: {}, update: true, displayId: "a" });
        emit({ kind: "clear", wait: true });
        return { kind: "ok", data: { "text/plain": "7" } };
      });
      const said = await talk.ask("execute_request", { code: "x" });
      assert.deepEqual(types(said), [
        "busy",
        "execute_input",
        "stream",
        "display_data",
        "stream",
        "update_display_data",
        "clear_output",
        "execute_result",
        "execute_reply",
        "idle",
      ]);
      assert.deepEqual(said[1]!.content, { code: "x", execution_count: 1 });
      assert.deepEqual(said[2]!.content, { name: "stdout", text: "one\ntwo\n" });
      assert.deepEqual(said[3]!.content["transient"], { display_id: "a" });
      assert.deepEqual(said[7]!.content, { execution_count: 1, data: { "text/plain": "7" }, metadata: {} });
      assert.deepEqual(said[8]!.content, { status: "ok", execution_count: 1, user_expressions: {}, payload: [] });
    });

    it("loses no text and keeps its order, however it is cut and mixed", async () => {
      const piece = fc.record({ name: fc.constantFrom("stdout" as const, "stderr" as const), text: fc.string() });
      await fc.assert(
        fc.asyncProperty(fc.array(piece), async (pieces) => {
          const talk = new Conversation((_code, emit) => {
            for (const { name, text } of pieces) emit({ kind: "stream", name, text });
            return { kind: "ok" };
          });
          const said = await talk.ask("execute_request", { code: "" });
          const streams = said.filter(({ header }) => header.msg_type === "stream").map(({ content }) => content);
          for (const name of ["stdout", "stderr"]) {
            assert.equal(
              streams.filter((stream) => stream["name"] === name).reduce((all, { text }) => all + String(text), ""),
              pieces.filter((each) => each.name === name).reduce((all, { text }) => all + text, ""),
            );
          }
          streams.forEach((stream, index) => {
            assert.notEqual(stream["name"], streams[index - 1]?.["name"], "neighbours of one name are one message");
          });
        }),
      );
    });

    it("sends what a cell writes late under the cell that caused it", async () => {
      let later = (): void => {};
      const talk = new Conversation((_code, emit) => {
        later = () => emit({ kind: "display", data: { "text/plain": "late" }, metadata: {}, update: false });
        return { kind: "ok" };
      });
      const first = await talk.ask("execute_request", { code: "first" });
      const write = later;
      await talk.ask("execute_request", { code: "second" });
      write();
      assert.equal(talk.said.at(-1)!.header.msg_type, "display_data");
      assert.deepEqual(talk.said.at(-1)!.parent_header, first[0]!.parent_header);
    });

    it("counts only what stores history, and a silent cell says nothing", async () => {
      const talk = new Conversation((code, emit, cell) => {
        emit({ kind: "stream", name: "stdout", text: code });
        return { kind: "ok", data: { "text/plain": String(cell.executionCount) } };
      });
      const counts: unknown[] = [];
      for (const flags of [{}, { store_history: false }, { silent: true }, {}]) {
        const said = await talk.ask("execute_request", { code: "x", ...flags });
        if ("silent" in flags) assert.deepEqual(types(said), ["busy", "execute_reply", "idle"]);
        counts.push(said.at(-2)!.content["execution_count"]);
      }
      assert.deepEqual(counts, [1, 1, 1, 2]);
    });

    it("evaluates user expressions, each on its own", async () => {
      const talk = new Conversation((code): CellResult => {
        if (code.includes("bad")) return failure;
        return { kind: "ok", data: { "text/plain": code } };
      });
      const reply = await talk.contentOf(
        "execute_reply",
        talk.ask("execute_request", { code: "x", user_expressions: { good: "a", wrong: "bad" } }),
      );
      assert.deepEqual(reply["user_expressions"], {
        good: { status: "ok", data: { "text/plain": "(a\n)" }, metadata: {} },
        wrong: { status: "error", ename: "TypeError", evalue: "no", traceback: ["TypeError: no"] },
      });
    });

    it("says an error on iopub and in the reply alike", async () => {
      const talk = new Conversation(() => failure);
      const said = await talk.ask("execute_request", { code: "x" });
      assert.deepEqual(types(said), ["busy", "execute_input", "error", "execute_reply", "idle"]);
      const { kind: _kind, ...content } = failure;
      assert.deepEqual(said[2]!.content, content);
      assert.deepEqual(said[3]!.content, { status: "error", execution_count: 1, ...content });
    });

    for (const stop of [true, false]) {
      it(`${stop ? "aborts" : "runs"} what is queued after an error when stop_on_error is ${stop}`, async () => {
        const talk = new Conversation((code) => (code === "bad" ? failure : { kind: "ok" }));
        const bad = request("execute_request", { code: "bad", stop_on_error: stop });
        const query = request("is_complete_request", { code: "x" });
        const next = request("execute_request", { code: "next" });
        for (const message of [bad, query, next]) talk.kernel.receive(message);
        await talk.about(bad);
        assert.equal((await talk.contentOf("is_complete_reply", talk.about(query)))["status"], "complete");
        const reply = await talk.contentOf("execute_reply", talk.about(next));
        assert.equal(reply["status"], stop ? "aborted" : "ok");
        assert.deepEqual(talk.engine.executed, stop ? ["bad"] : ["bad", "next"]);
        const replies = talk.said.filter(({ header }) => header.msg_type === "execute_reply");
        assert.deepEqual(
          replies.map((each) => each.parent_header.msg_id),
          [bad.header.msg_id, next.header.msg_id],
        );
        const later = await talk.contentOf("execute_reply", talk.ask("execute_request", { code: "later" }));
        assert.equal(later["status"], "ok", "what comes after the error was seen runs");
      });
    }

    it("leaves out of a bundle what JSON cannot say", async () => {
      const talk = new Conversation(() => ({
        kind: "ok",
        data: { "text/plain": "1n", "application/json": { x: 1n } },
      }));
      const result = await talk.contentOf("execute_result", talk.ask("execute_request", { code: "x" }));
      assert.deepEqual(result["data"], { "text/plain": "1n" });
    });

    it("opens the pager for a name with a question mark, and for nothing else", async () => {
      const talk = new Conversation();
      const asked = await talk.contentOf("execute_reply", talk.ask("execute_request", { code: " nn.Linear ? \n" }));
      assert.deepEqual(asked["payload"], [{ source: "page", start: 0, data: { "text/plain": "nn.Linear" } }]);
      assert.deepEqual(talk.engine.executed, []);
      await talk.ask("execute_request", { code: "x ? 1 : 2" });
      assert.deepEqual(talk.engine.executed, ["x ? 1 : 2"]);
    });

    it("shows a figure with its drawing and its pixels beside it", async () => {
      const data = curve([1, 2]).bundle();
      const talk = new Conversation(() => ({ kind: "ok", data }));
      const said = await talk.contentOf("execute_result", talk.ask("execute_request", { code: "x" }));
      const shown = said["data"] as Readonly<Record<string, string>>;
      assert.deepEqual(Object.keys(shown).sort(), [
        "application/vnd.vegalite.v5+json",
        "image/png",
        "image/svg+xml",
        "text/plain",
      ]);
      assert.equal(Buffer.from(shown["image/png"]!, "base64").toString("latin1", 1, 4), "PNG");
    });

    it("draws of a figure that changes faster than it can be drawn the states it gets to, the last among them", async () => {
      const count = 30;
      const talk = new Conversation((_code, emit) => {
        for (let i = 1; i <= count; i++) {
          const data = curve(Array.from({ length: i }, (_, x) => x)).bundle();
          emit({ kind: "display", data, metadata: {}, update: i > 1, displayId: "loss" });
        }
        return { kind: "ok" };
      });
      const said = await talk.ask("execute_request", { code: "x" });
      const shown = said.filter(({ header }) => header.msg_type.endsWith("display_data"));
      assert.equal(shown[0]!.header.msg_type, "display_data");
      assert.ok(shown.length < count, `${shown.length} of ${count}`);
      assert.match(String((shown.at(-1)!.content["data"] as Record<string, string>)["text/plain"]), /30 points/);
    });

    it("keeps the figure when its picture cannot be drawn", async () => {
      const spec = { mark: 42 };
      const talk = new Conversation((_code, emit) => {
        emit({ kind: "display", data: { "application/vnd.vegalite.v5+json": spec }, metadata: {}, update: false });
        emit({ kind: "stream", name: "stdout", text: "after" });
        return { kind: "ok" };
      });
      const said = await talk.ask("execute_request", { code: "x" });
      assert.deepEqual(types(said).slice(2, 4), ["display_data", "stream"]);
      assert.deepEqual(said[2]!.content["data"], { "application/vnd.vegalite.v5+json": spec });
    });
  });

  describe("order", () => {
    it("handles shell requests one after the other", async () => {
      const held = gate();
      const talk = new Conversation(async (code) => {
        if (code === "first") await held.opened;
        return { kind: "ok" };
      });
      const first = request("execute_request", { code: "first" });
      const second = request("execute_request", { code: "second" });
      talk.kernel.receive(first);
      talk.kernel.receive(second);
      await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(talk.engine.executed, ["first"]);
      held.open();
      await talk.about(second);
      assert.deepEqual(talk.engine.executed, ["first", "second"]);
    });

    it("answers control, and questions that change nothing, while a cell runs, and stays busy", async () => {
      const held = gate();
      const talk = new Conversation(async () => {
        await held.opened;
        return { kind: "ok" };
      });
      const cell = request("execute_request", { code: "long" });
      talk.kernel.receive(cell);
      const interrupted = await talk.contentOf("interrupt_reply", talk.ask("interrupt_request", {}, "control"));
      assert.equal(interrupted["status"], "ok");
      assert.equal(talk.engine.interrupts, 1);
      const completed = await talk.contentOf(
        "complete_reply",
        talk.ask("complete_request", { code: "x", cursor_pos: 1 }),
      );
      assert.deepEqual(completed["matches"], ["xtanh"]);
      await Promise.resolve();
      const states = talk.said.filter(({ header }) => header.msg_type === "status");
      assert.equal(states.at(-1)!.content["execution_state"], "busy");
      assert.equal(states.at(-1)!.parent_header.msg_id, cell.header.msg_id);
      held.open();
      await talk.about(cell);
    });
  });

  describe("questions", () => {
    it("counts positions in code points", async () => {
      const talk = new Conversation();
      const code = "🙂 x";
      const reply = await talk.contentOf("complete_reply", talk.ask("complete_request", { code, cursor_pos: 3 }));
      assert.equal(reply["cursor_start"], 2);
      assert.equal(reply["cursor_end"], 3);
      assert.deepEqual(reply["metadata"], {
        _jupyter_types_experimental: [{ text: "xtanh", type: "function", start: 2, end: 3 }],
      });
      const found = await talk.contentOf("inspect_reply", talk.ask("inspect_request", { code, cursor_pos: 1 }));
      assert.deepEqual(found["data"], { "text/plain": "🙂" });
    });

    it("says nothing was found rather than failing", async () => {
      const talk = new Conversation();
      const reply = await talk.contentOf("inspect_reply", talk.ask("inspect_request", { code: "", cursor_pos: 0 }));
      assert.deepEqual(reply, { status: "ok", found: false, data: {}, metadata: {} });
    });

    it("says what the language is, no comms, and how far code is complete", async () => {
      const talk = new Conversation();
      const info = await talk.contentOf("kernel_info_reply", talk.ask("kernel_info_request"));
      assert.equal((info["language_info"] as { name: string }).name, "typescript");
      assert.deepEqual(await talk.contentOf("comm_info_reply", talk.ask("comm_info_request")), {
        status: "ok",
        comms: {},
      });
      assert.deepEqual(
        await talk.contentOf("is_complete_reply", talk.ask("is_complete_request", { code: "if (x) {" })),
        {
          status: "incomplete",
          indent: "  ",
        },
      );
    });

    it("hands comms on, says which are open, and carries their bytes both ways", async () => {
      const talk = new Conversation((_code, emit) => {
        const comm = { id: "b", target: "chart", data: { x: 1 }, metadata: { m: 1 }, buffers: ["AQID"] };
        emit({ kind: "comm", comm: { action: "open", ...comm } });
        emit({ kind: "comm", comm: { action: "message", ...comm } });
        return { kind: "ok" };
      });
      talk.engine.onComm = (comm, emit) => {
        emit({ kind: "stream", name: "stdout", text: "heard" });
        if (comm.target === "nobody") emit({ kind: "comm", comm: { ...comm, action: "close" } });
      };
      const opened = request("comm_open", { comm_id: "a", target_name: "slider", data: { value: 2 } });
      talk.kernel.receive({ ...opened, buffers: [Uint8Array.of(7, 8)], metadata: { from: "page" } });
      assert.deepEqual(types(await talk.about(opened)), ["busy", "stream", "idle"]);
      const metadata = { from: "page" };
      const heard = { action: "open", id: "a", target: "slider", data: { value: 2 }, metadata, buffers: ["Bwg="] };
      assert.deepEqual(talk.engine.heard, [heard]);
      const refused = await talk.ask("comm_open", { comm_id: "n", target_name: "nobody", data: {} });
      assert.deepEqual(types(refused), ["busy", "stream", "comm_close", "idle"]);
      const said = await talk.ask("execute_request", { code: "" });
      assert.deepEqual(types(said), ["busy", "execute_input", "comm_open", "comm_msg", "execute_reply", "idle"]);
      assert.deepEqual(said[2]!.content, { comm_id: "b", target_name: "chart", data: { x: 1 } });
      assert.deepEqual(said[3]!.content, { comm_id: "b", data: { x: 1 } });
      assert.deepEqual([...said[3]!.buffers[0]!], [1, 2, 3]);
      assert.deepEqual(said[3]!.metadata, { m: 1 });
      const open = async (content: object): Promise<unknown> =>
        (await talk.contentOf("comm_info_reply", talk.ask("comm_info_request", { ...content })))["comms"];
      assert.deepEqual(await open({}), { a: { target_name: "slider" }, b: { target_name: "chart" } });
      assert.deepEqual(await open({ target_name: "chart" }), { b: { target_name: "chart" } });
      await talk.ask("comm_close", { comm_id: "a", data: {} });
      assert.deepEqual(await open({}), { b: { target_name: "chart" } });
    });

    it("hears a comm while a cell waits for it, and completes although a comm is not heard", async () => {
      const { opened, open } = gate();
      const talk = new Conversation(async () => {
        await opened;
        return { kind: "ok" };
      });
      talk.engine.comm = async ({ id }) => (id === "key" ? open() : new Promise(() => {}));
      const cell = talk.ask("execute_request", { code: "" });
      talk.kernel.receive(request("comm_msg", { comm_id: "stuck", data: {} }));
      await talk.ask("complete_request", { code: "x", cursor_pos: 1 });
      assert.ok(!(await Promise.race([cell.then(() => true), Promise.resolve(false)])));
      const other = new Conversation(async () => {
        await opened;
        return { kind: "ok" };
      });
      other.engine.comm = talk.engine.comm;
      const waits = other.ask("execute_request", { code: "" });
      other.kernel.receive(request("comm_msg", { comm_id: "key", data: {} }));
      await Promise.all([waits, cell]);
    });

    it("declines in the debugger's own words", async () => {
      const talk = new Conversation();
      const reply = await talk.contentOf(
        "debug_reply",
        talk.ask("debug_request", { type: "request", seq: 3, command: "toString" }, "control"),
      );
      assert.equal(reply["success"], false);
      assert.equal(reply["message"], "This debugger does not know toString.");
      assert.equal(reply["request_seq"], 3);
    });
  });

  describe("shutdown", () => {
    it("replies to the one who asked and to all, ends the engine, then exits", async () => {
      const talk = new Conversation();
      const said = await talk.ask("shutdown_request", { restart: true }, "control");
      assert.deepEqual(types(said), ["busy", "shutdown_reply", "shutdown_reply", "idle"]);
      assert.deepEqual(said.map(({ channel }) => channel).sort(), ["control", "iopub", "iopub", "iopub"]);
      assert.deepEqual(said[1]!.content, { status: "ok", restart: true });
      await new Promise((resolve) => setTimeout(resolve, 1));
      assert.ok(talk.engine.ended && talk.exited);
    });
  });

  describe("bad input", () => {
    it("answers a malformed request with what is wrong, and goes on", async () => {
      const talk = new Conversation();
      const reply = await talk.contentOf("execute_reply", talk.ask("execute_request", { code: 7 }));
      assert.equal(reply["status"], "error");
      assert.equal(reply["ename"], "MalformedRequest");
      assert.equal(reply["evalue"], "execute_request: code should be a string, got 7");
      assert.equal((await talk.contentOf("execute_reply", talk.ask("execute_request", { code: "7" })))["status"], "ok");
    });

    it("answers requests it does not know", async () => {
      const talk = new Conversation();
      const reply = await talk.contentOf("toString_reply", talk.ask("toString_request"));
      assert.equal(reply["ename"], "UnknownRequest");
    });

    it("answers whatever the content of a request is", async () => {
      const names = ["kernel_info", "execute", "complete", "inspect", "is_complete", "history", "comm_info", "debug"];
      const talk = new Conversation();
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...names),
          fc.dictionary(
            fc.constantFrom("code", "cursor_pos", "n", "hist_access_type", "pattern", "user_expressions", "silent"),
            fc.jsonValue(),
          ),
          async (name, content) => {
            const said = await talk.ask(`${name}_request`, content as Record<string, unknown>);
            assert.equal(said.filter(({ header }) => header.msg_type === `${name}_reply`).length, 1);
          },
        ),
      );
    });

    it("survives what is no message at all", async () => {
      const talk = new Conversation();
      fc.assert(fc.property(fc.anything(), (thing) => talk.kernel.receive(thing as ReturnType<typeof request>)));
      assert.deepEqual(talk.said, []);
      assert.equal((await talk.ask("kernel_info_request")).length, 3);
    });

    it("says why the engine did not start", async () => {
      const talk = new Conversation();
      const said: { type: string; content: Readonly<Record<string, unknown>> }[] = [];
      const { Kernel } = await import("../../../kernel/protocol/core.ts");
      const kernel = new Kernel({
        engine: Promise.reject(new Error("the compiler is not built")),
        send: ({ header, content }) => said.push({ type: header.msg_type, content }),
        exit: () => {},
      });
      kernel.receive(request("execute_request", { code: "x" }));
      await talk.ask("kernel_info_request");
      await new Promise((resolve) => setTimeout(resolve, 1));
      const reply = said.find(({ type }) => type === "execute_reply");
      assert.equal(reply?.content["evalue"], "the compiler is not built");
    });
  });
});
