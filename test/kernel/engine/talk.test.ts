import assert from "node:assert/strict";
import type { CellEvent, Comm } from "../../../kernel/engine/engine.ts";
import { Session } from "./session.ts";

describe("a cell that talks to whoever runs it", () => {
  let session: Session;
  before(async () => {
    session = await Session.start();
  });
  after(() => session.engine.shutdown());

  it("asks by prompt, and goes on with what was typed", async () => {
    const asked: unknown[] = [];
    const ask = async (text: string, password: boolean): Promise<string> => {
      asked.push([text, password]);
      return `answer ${asked.length}`;
    };
    const code =
      'const first = await prompt("name?"); const second: string = await prompt("secret?", { password: true }); [first, second, await prompt()]';
    assert.equal(await session.showAsking(ask, code), "[ 'answer 1', 'answer 2', 'answer 3' ]");
    assert.deepEqual(asked, [
      ["name?", false],
      ["secret?", true],
      ["", false],
    ]);
  });

  it("hears that nobody can be asked", async () => {
    const { failure } = await session.run("await prompt('name?')");
    assert.match(failure!, /^NoInputError: prompt: nobody can be asked here/);
    assert.equal(await session.show("try { await prompt() } catch (error) { (error as Error).name }; 1"), "1");
  });

  it("is interrupted while it waits for an answer, which then is nobody's", async () => {
    let answer = (_text: string): void => {};
    const ask = (): Promise<string> => {
      setTimeout(() => session.engine.interrupt(), 20);
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    await assert.rejects(session.showAsking(ask, "let typed = 'nothing'; typed = await prompt()"), /Interrupted/);
    answer("late");
    assert.equal(await session.show("await new Promise((done) => setTimeout(done, 20)); typed"), "'nothing'");
  });

  it("cannot ask once it is over", async () => {
    const { failure } = await session.run(
      "const late = new Promise<string>((done) => setTimeout(() => prompt().then(done, (error) => done(error.message)), 20)); 0",
    );
    assert.equal(failure, undefined);
    assert.match((await session.show("await late"))!, /the cell that asks is over/);
  });

  describe("over comms", () => {
    const message = (
      action: Comm["action"],
      id: string,
      data: Comm["data"],
      target = "",
      buffers: string[] = [],
    ): Comm => ({
      ...{ action, id, data, target, buffers },
      metadata: {},
    });
    const commsOf = (events: readonly CellEvent[]): readonly Comm[] =>
      events.flatMap((event) => (event.kind === "comm" ? [event.comm] : []));
    /** Says something over a comm, and gives all that came of it. */
    async function say(comm: Comm): Promise<readonly CellEvent[]> {
      const events: CellEvent[] = [];
      await session.engine.comm(comm, (event) => events.push(event));
      return events;
    }

    it("opens one, sends and hears, with bytes, until it is closed", async () => {
      const { events } = await session.run(
        "let got: unknown[] = []; const comm = comms.open('slider', { value: 1 }, { metadata: { m: 1 } });" +
          "comm.onMessage = (data, buffers) => { got.push(data, [...buffers[0] ?? []]); console.log('heard'); comm.send({ echo: data }); };" +
          "comm.onClose = () => { got.push('closed') };" +
          "comm.send({ bytes: true }, { buffers: [Uint8Array.of(1, 2)] });",
      );
      const [opened, sent] = commsOf(events);
      assert.deepEqual({ ...opened, id: "" }, { ...message("open", "", { value: 1 }, "slider"), metadata: { m: 1 } });
      assert.deepEqual(sent, message("message", opened!.id, { bytes: true }, "slider", ["AQI="]));
      const answered = await say(message("message", opened!.id, { value: 2 }, "", ["BQ=="]));
      assert.deepEqual(
        answered.map((event) => (event.kind === "stream" ? event.text : event.kind)),
        ["heard\n", "comm"],
      );
      assert.deepEqual(commsOf(answered), [message("message", opened!.id, { echo: { value: 2 } }, "slider")]);
      await say(message("close", opened!.id, {}));
      assert.equal(await session.show("got"), "[ { value: 2 }, [ 5 ], 'closed' ]");
      assert.match((await session.run("comm.send({})")).failure!, /The comm slider is closed/);
    });

    it("hears of those that the front end opens, and closes what nobody registered", async () => {
      await session.show("comms.register('counter', (comm, data) => { comm.send({ twice: 2 * data.n }); }); 0");
      assert.deepEqual(commsOf(await say(message("open", "c1", { n: 4 }, "counter"))), [
        message("message", "c1", { twice: 8 }, "counter"),
      ]);
      assert.deepEqual(commsOf(await say(message("open", "c2", {}, "nobody"))), [message("close", "c2", {}, "nobody")]);
    });

    it("says what went wrong in what listens, and what cannot be sent", async () => {
      await session.show("comms.register('breaks', () => { throw new RangeError('in the listener'); }); 0");
      const [event] = await say(message("open", "c3", {}, "breaks"));
      assert.match(event?.kind === "stream" ? event.text : "", /RangeError.*in the listener/);
      assert.match((await session.run("comms.open('x', [1])")).failure!, /What a comm sends is an object/);
    });

    it("can wait for what the front end says", async () => {
      const waits = session.run(
        "const waiting = comms.open('asks'); await new Promise((done) => { waiting.onMessage = done; })",
        (event) => {
          if (event.kind === "comm") void say(message("message", event.comm.id, { text: "here" }));
        },
      );
      assert.equal((await waits).shown, "{ text: 'here' }");
    });

    it("is interrupted when what listens loops", async () => {
      await session.show("comms.register('loops', () => { console.log('in'); for (;;); }); 0");
      await session.engine.comm(message("open", "c4", {}, "loops"), () => session.engine.interrupt());
      assert.equal(await session.show("1"), "1");
    });
  });
});
