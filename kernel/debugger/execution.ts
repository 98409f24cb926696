import type { Debugger, Runtime } from "node:inspector";
import type { Debuggee, InspectorEvent, RanCell } from "../engine/debuggee.ts";
import { cellNamed } from "../engine/user/cell-source.ts";
import type { Breakpoint } from "./breakpoints.ts";
import { type Frame, framesOf } from "./frames.ts";
import type { Variables } from "./variables.ts";

export type StopReason = "breakpoint" | "exception" | "pause" | "step";

/** The cells stand still. */
export interface Stopped {
  readonly reason: StopReason;
  /** In words, where there is more to say. */
  readonly text?: string;
  readonly breakpoints: readonly Breakpoint[];
  /** The innermost first; there is at least one. */
  readonly frames: readonly [Frame, ...Frame[]];
}

export type Step = "stepOver" | "stepInto" | "stepOut";

type Thrown = Partial<Runtime.RemoteObject> & { readonly uncaught?: boolean };

type Going = "Debugger.resume" | `Debugger.${Step}`;

export interface ExecutionOptions {
  readonly debuggee: Debuggee;
  readonly variables: Variables;
  readonly breakpointNamed: (breakpointId: string) => Breakpoint | undefined;
  readonly stopped: (stopped: Stopped) => void;
  readonly continued: () => void;
}

/** Follows where V8 stops, tells of stops that mean something to a learner, and goes on from all others. */
export class Execution {
  /** Undefined while the cells run. */
  stopped: Stopped | undefined;
  /** What V8 has compiled, by its own numbers. */
  readonly scripts: Map<string, string> = new Map();
  private readonly options: ExecutionOptions;
  /** The step that is under way, and where it began. */
  private step: { readonly kind: Step; readonly from: readonly Frame[] } | undefined;
  private pausing = false;
  private turn = 0;
  private lastFrame = 0;

  constructor(options: ExecutionOptions) {
    this.options = options;
  }

  readonly scriptNamed = (url: string): string | undefined => {
    for (const [id, name] of this.scripts) if (name === url) return id;
    return undefined;
  };

  heard(event: InspectorEvent): void {
    switch (event.method) {
      case "Debugger.scriptParsed":
        if (event.parameters.url !== "") this.scripts.set(event.parameters.scriptId, event.parameters.url);
        return;
      case "Debugger.paused":
        void this.paused(event.parameters);
        return;
      case "Debugger.resumed":
        this.resumed();
        return;
    }
  }

  /** @throws where nothing stands still */
  async resume(): Promise<void> {
    this.standing();
    this.step = undefined;
    await this.leave("Debugger.resume");
  }

  /** @throws where nothing stands still */
  async makeStep(kind: Step): Promise<void> {
    const { frames } = this.standing();
    this.step = { kind, from: frames };
    await this.leave(`Debugger.${kind}`);
  }

  /** Stops at the next line of a cell that runs. */
  async pause(): Promise<void> {
    if (this.stopped !== undefined) return;
    this.pausing = true;
    await this.options.debuggee.call("Debugger.pause", {});
  }

  /** @throws where nothing stands still */
  standing(): Stopped {
    if (this.stopped === undefined) throw new Error("Nothing stands still: no cell has stopped at a breakpoint.");
    return this.stopped;
  }

  /** V8 starts afresh, or nobody listens to it any more. */
  reset(): void {
    this.scripts.clear();
    this.step = undefined;
    this.pausing = false;
    this.resumed();
  }

  private async leave(method: Going): Promise<void> {
    await this.options.variables.forget();
    // Told first: what V8 says next may be where it has stopped again.
    this.resumed();
    await this.options.debuggee.call(method, {});
  }

  private resumed(): void {
    this.turn++;
    if (this.stopped === undefined) return;
    this.stopped = undefined;
    this.options.continued();
  }

  private async paused(event: Debugger.PausedEventDataType): Promise<void> {
    const turn = ++this.turn;
    const frames = framesOf(
      event.callFrames,
      (scriptId) => this.cellOf(scriptId),
      () => ++this.lastFrame,
    );
    const inCell = frames[0]?.call === event.callFrames[0];
    const stopped = await this.stopAt(event, frames, inCell);
    // It was interrupted meanwhile.
    if (turn !== this.turn) return;
    if (stopped === undefined) return this.goOn(frames, inCell);
    this.step = undefined;
    this.pausing = false;
    this.stopped = stopped;
    this.options.stopped(stopped);
  }

  private async stopAt(
    { reason, data, hitBreakpoints = [] }: Debugger.PausedEventDataType,
    frames: readonly Frame[],
    inCell: boolean,
  ): Promise<Stopped | undefined> {
    const [top] = frames;
    if (top === undefined) return undefined;
    const standing = { frames: frames as Stopped["frames"], breakpoints: [] };
    if (reason === "exception" || reason === "promiseRejection") {
      const thrown = data as Thrown | undefined; // so V8 documents it
      // What ends an interrupted cell is no error of the learner's; what a library catches itself is none either.
      if (thrown?.className === "Interruption" || (!inCell && thrown?.uncaught !== true)) return undefined;
      return { ...standing, reason: "exception", text: thrown?.description?.split("\n")[0] ?? String(thrown?.value) };
    }
    const hit = hitBreakpoints.flatMap((id) => this.options.breakpointNamed(id) ?? []);
    for (const breakpoint of hit) {
      const text = await this.holds(breakpoint, top);
      if (text !== false) return { ...standing, reason: "breakpoint", breakpoints: [breakpoint], text };
    }
    if (top.around !== undefined) return undefined;
    if (this.pausing) return { ...standing, reason: "pause" };
    if (this.step !== undefined) return inCell && this.hasArrived(frames) ? { ...standing, reason: "step" } : undefined;
    // A `debugger` statement; a breakpoint whose condition does not hold is no reason.
    return hit.length === 0 ? { ...standing, reason: "breakpoint" } : undefined;
  }

  /** Why a breakpoint stops here, or false where it does not: its condition is asked in the frame. */
  private async holds({ condition }: Breakpoint, frame: Frame): Promise<string | false> {
    if (condition === undefined) return "";
    try {
      const context = await this.options.variables.contextOf(frame.call);
      return (await this.options.variables.isTrue(condition, context)) ? condition : false;
    } catch (error) {
      // Somebody who has mistyped a condition wants to know.
      return `The condition ${condition} fails: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** A step is a line: V8 stops several times in one that calls or loops. */
  private hasArrived(frames: readonly Frame[]): boolean {
    const [top] = frames;
    const { kind, from } = this.step!;
    const sameLine = frames.length === from.length && top!.cell === from[0]!.cell && top!.line === from[0]!.line;
    return !sameLine || kind === "stepOut";
  }

  private goOn([top]: readonly Frame[], inCell: boolean): void {
    const kind = this.pausing ? "stepInto" : this.step?.kind;
    if (kind === undefined || top?.around === "after") {
      this.step = undefined;
      this.quietly("Debugger.resume");
    } else {
      // V8 steps into Node's own functions, whatever it was told: out again, but for the way to a cell that is to pause.
      this.quietly(inCell || (this.pausing && top === undefined) ? `Debugger.${kind}` : "Debugger.stepOut");
    }
  }

  private quietly(method: Going): void {
    // Refused where an interrupt was faster.
    this.options.debuggee.call(method, {}).catch(() => {});
  }

  private cellOf(scriptId: string): RanCell | undefined {
    const number = cellNamed(this.scripts.get(scriptId) ?? "");
    return number === undefined ? undefined : this.options.debuggee.cells.get(number);
  }
}
