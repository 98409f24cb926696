import type { Debugger, InspectorNotification, Runtime } from "node:inspector";
import type { RunCell } from "./user/messages.ts";

/** A cell as it was compiled: what positions in its script mean, and whose text it is. */
export type CompiledCell = Pick<RunCell, "code" | "javascript" | "sourceMap" | "linesBefore">;

/** A cell that runs or has run. */
export interface RanCell extends CompiledCell {
  readonly cell: number;
  readonly label: string;
}

/** What V8 understands and Node's types leave out. */
interface EvaluationLimits {
  /** Milliseconds. */
  readonly timeout?: number;
  readonly disableBreaks?: boolean;
}

/** What V8's inspector is asked for, and what it gives. */
export interface InspectorMethods {
  "Debugger.enable": [object, Debugger.EnableReturnType];
  "Debugger.disable": [object, object];
  "Debugger.setBlackboxPatterns": [Debugger.SetBlackboxPatternsParameterType, object];
  "Debugger.setPauseOnExceptions": [Debugger.SetPauseOnExceptionsParameterType, object];
  "Debugger.setBreakpointByUrl": [Debugger.SetBreakpointByUrlParameterType, Debugger.SetBreakpointByUrlReturnType];
  "Debugger.removeBreakpoint": [Debugger.RemoveBreakpointParameterType, object];
  "Debugger.getPossibleBreakpoints": [
    Debugger.GetPossibleBreakpointsParameterType,
    Debugger.GetPossibleBreakpointsReturnType,
  ];
  "Debugger.getScriptSource": [Debugger.GetScriptSourceParameterType, Debugger.GetScriptSourceReturnType];
  "Debugger.evaluateOnCallFrame": [
    Debugger.EvaluateOnCallFrameParameterType & EvaluationLimits,
    Debugger.EvaluateOnCallFrameReturnType,
  ];
  "Debugger.resume": [object, object];
  "Debugger.stepOver": [object, object];
  "Debugger.stepInto": [object, object];
  "Debugger.stepOut": [object, object];
  "Debugger.pause": [object, object];
  "Runtime.evaluate": [Runtime.EvaluateParameterType & EvaluationLimits, Runtime.EvaluateReturnType];
  "Runtime.callFunctionOn": [Runtime.CallFunctionOnParameterType, Runtime.CallFunctionOnReturnType];
}

/** What V8's inspector tells of itself, once the debugger is enabled. */
export type InspectorEvent =
  | InspectorEventOf<"Debugger.scriptParsed", Debugger.ScriptParsedEventDataType>
  | InspectorEventOf<"Debugger.paused", Debugger.PausedEventDataType>
  | InspectorEventOf<"Debugger.resumed", object>;

interface InspectorEventOf<Method extends string, Parameters> {
  readonly method: Method;
  readonly parameters: InspectorNotification<Parameters>["params"];
}

/** Who follows what happens to the cells. */
export interface Watcher {
  heard(event: InspectorEvent): void;
  /** A cell is about to run; it does when this resolves. */
  starting(cell: RanCell): Promise<void>;
  /** The process ended, whatever stood still in it, and another one has started. */
  restarted(): void;
}

/** What a debugger works with: V8's inspector on the thread that runs cells, and how cells were compiled. */
export interface Debuggee {
  /** Cells by their number in the order they ran; those of long ago are forgotten. */
  readonly cells: ReadonlyMap<number, RanCell>;
  /** Asks the inspector, which answers while a cell runs or stands still, too. @throws what it refuses */
  call<Method extends keyof InspectorMethods>(
    method: Method,
    parameters: InspectorMethods[Method][0],
  ): Promise<InspectorMethods[Method][1]>;
  /** Tells from here on what happens, to one watcher or to none. */
  watch(watcher: Watcher | undefined): void;
  /** Compiles a cell that was not run yet, to look at its lines; undefined where it cannot be read. */
  compile(code: string): Promise<CompiledCell | undefined>;
  /** An expression as JavaScript, to be evaluated where these local variables are. @throws what is wrong with it */
  compileExpression(expression: string, locals: readonly string[]): Promise<string>;
  /** Lets later cells know a name of the notebook, of unknown type. */
  declare(name: string): void;
}
