import type { Debugger, Runtime } from "node:inspector";
import type { Debuggee } from "../engine/debuggee.ts";
import type { MimeBundle } from "../engine/engine.ts";
import { type InspectedVariable, inspectionSymbol } from "../engine/user/messages.ts";

/** Where an expression is evaluated: in a function that stands still, or in the notebook. */
export interface Context {
  readonly callFrameId?: string;
  /** Names that it sees besides the notebook's. */
  readonly locals: readonly string[];
}

/** The bindings of scopes: a number to ask for them by, and their names. */
export interface ShownScope {
  readonly reference: number;
  readonly names: readonly string[];
}

const inspection = `globalThis[Symbol.for("${inspectionSymbol}")]`;

/** How long an expression may be evaluated (milliseconds): the debugger waits for it. */
const patience = 5000;

/** Asks the user process for variables as texts. It answers while a cell runs or stands still, too. */
export class Variables {
  private readonly debuggee: Debuggee;
  /** A condition is asked each time the code comes by. */
  private readonly compiled = new Map<string, string>();

  constructor(debuggee: Debuggee) {
    this.debuggee = debuggee;
  }

  async globals(): Promise<ShownScope> {
    return (await this.run(`${inspection}.globals()`)) as ShownScope; // Inspection.globals
  }

  /** The variables of a function that stands still. */
  async locals(call: Debugger.CallFrame): Promise<ShownScope> {
    const found = await this.ofScopes(call, "locals");
    return (found ?? { reference: 0, names: [] }) as ShownScope; // Inspection.locals
  }

  /** Where expressions see the variables of a function that stands still. */
  async contextOf(call: Debugger.CallFrame): Promise<Context> {
    const names = ((await this.ofScopes(call, "names")) ?? []) as readonly string[]; // Inspection.names
    return { callFrameId: call.callFrameId, locals: names.filter(isName) };
  }

  private async ofScopes(
    { scopeChain, this: receiver }: Debugger.CallFrame,
    method: "locals" | "names",
  ): Promise<unknown> {
    const scopes = scopeChain.filter(({ type }) => ownScopes.has(type)).map(({ object }) => object);
    const [innermost] = scopes;
    if (innermost?.objectId === undefined) return undefined;
    const { result, exceptionDetails } = await this.debuggee.call("Runtime.callFunctionOn", {
      functionDeclaration: `function (self, ...bindings) {
        const receivers = self === undefined || self === globalThis ? [] : [{ this: self }];
        return ${inspection}.${method}(...receivers, ...bindings);
      }`,
      objectId: innermost.objectId,
      arguments: [receiver, ...scopes].map(({ objectId }) => (objectId === undefined ? {} : { objectId })),
      returnByValue: true,
      silent: true,
    });
    return resultOf(result, exceptionDetails);
  }

  /** @throws where nobody knows the number: what stood still went on. */
  async of(reference: number, start?: number, count?: number): Promise<readonly InspectedVariable[]> {
    const found = await this.run(`${inspection}.variables(${reference}, ${start}, ${count})`);
    if (found === undefined) throw new Error("These variables are gone: the code went on.");
    return found as readonly InspectedVariable[]; // Inspection.variables
  }

  /** Numbers given so far mean nothing any more. */
  async forget(): Promise<void> {
    await this.run(`${inspection}.forget()`);
  }

  /** The notebook has other names now, which expressions may mean. */
  forgetCompiled(): void {
    this.compiled.clear();
  }

  /** What an expression gives, as a variable without a name. @throws what is wrong with it, or what it throws */
  async evaluate(expression: string, context: Context): Promise<InspectedVariable> {
    return (await this.inContext(
      expression,
      context,
      (value) => `${inspection}.shown({ name: "", value: ${value} })`,
    )) as InspectedVariable; // Inspection.shown
  }

  async isTrue(expression: string, context: Context): Promise<boolean> {
    return (await this.inContext(expression, context, (value) => `Boolean(${value})`)) as boolean;
  }

  async bundle(expression: string, context: Context): Promise<MimeBundle> {
    return (await this.inContext(expression, context, (value) => `${inspection}.bundle(${value})`)) as MimeBundle; // Inspection.bundle
  }

  /** Makes what an expression gives a variable of the notebook. */
  async publish(name: string, expression: string, context: Context): Promise<void> {
    await this.inContext(
      expression,
      context,
      (value) => `void (${inspection}.scope[${JSON.stringify(name)}] = ${value})`,
    );
    this.debuggee.declare(name);
    this.forgetCompiled();
  }

  private async inContext(
    expression: string,
    { callFrameId, locals }: Context,
    use: (value: string) => string,
  ): Promise<unknown> {
    const key = JSON.stringify([expression, locals]);
    const javascript = this.compiled.get(key) ?? (await this.debuggee.compileExpression(expression, locals));
    this.compiled.set(key, javascript);
    return this.run(`((__scope) => ${use(`(${javascript})`)})(${inspection}.scope)`, callFrameId);
  }

  private async run(expression: string, callFrameId?: string): Promise<unknown> {
    const options = { expression, returnByValue: true, silent: true, timeout: patience };
    const { result, exceptionDetails } =
      callFrameId === undefined
        ? // With breaks, the answer would wait for somebody to go on, and so would whoever asked.
          await this.debuggee.call("Runtime.evaluate", { ...options, disableBreaks: true })
        : await this.debuggee.call("Debugger.evaluateOnCallFrame", { ...options, callFrameId });
    return resultOf(result, exceptionDetails);
  }
}

const ownScopes: ReadonlySet<string> = new Set(["local", "block", "catch", "closure", "with", "eval"]);

/** Whether something may be written as the name of a variable. */
export function isName(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) && !reserved.has(name);
}

/** What a function has without anybody having named it so. */
const reserved: ReadonlySet<string> = new Set(["this", "arguments"]);

function resultOf(result: Runtime.RemoteObject, exception: Runtime.ExceptionDetails | undefined): unknown {
  if (exception === undefined) return result.value;
  const thrown = exception.exception;
  throw new Error((thrown?.description ?? String(thrown?.value ?? exception.text)).split("\n")[0]);
}
