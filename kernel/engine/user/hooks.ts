import { type InspectOptionsStylized, inspect } from "node:util";

// What AsyncLocalStorage, by which late output finds its cell, and the inspector do to the rest of Node, undone.

/**
 * AsyncLocalStorage turns on checks of Node's that end the process when a callback does not return as it was entered, as
 * happens to one that is stopped from outside. There is no public switch for them; Node 24 has them no longer. To be
 * called before each cell: other uses of async_hooks turn them on again.
 */
export function allowStops(): void {
  const { binding } = process as typeof process & { binding?: (name: string) => AsyncWrap };
  const { async_hook_fields: fields, constants } = binding?.call(process, "async_wrap") ?? {};
  if (fields === undefined || constants === undefined) return;
  fields[constants.kCheck] = 0;
  // The hooks themselves are counted one by one in other fields; this total serves the checks only.
  fields[constants.kTotals] = 0;
}

interface AsyncWrap {
  readonly async_hook_fields?: Uint32Array;
  readonly constants?: { readonly kCheck: number; readonly kTotals: number };
}

type Inspect = typeof inspect;

/** Promises carry numbers of async_hooks as properties; nobody wants to read these. */
export function showPromisesPlainly(): void {
  const plain = function (
    this: Promise<unknown>,
    _depth: number,
    options: InspectOptionsStylized,
    show: Inspect,
  ): string {
    const text = show(this, { ...options, customInspect: false });
    const own = /,?\s*\[Symbol\((?:async_id_symbol|trigger_async_id_symbol|kResourceStore)\)\]: [^\n,}]*/g;
    return text.replaceAll(own, "").replace(/^(Promise \{)\s+([^\n]*[^\s])\s*\}$/, "$1 $2 }");
  };
  Object.defineProperty(Promise.prototype, inspect.custom, { value: plain, configurable: true, writable: true });
}

/**
 * For a debugger that may come, V8 keeps the last thousand things that were logged, and so all that they lead to. Here
 * nobody will ask for them: the methods of `console` are from now on those that only write.
 */
export function forgetWhatIsLogged(): void {
  const writing = new console.Console(process.stdout, process.stderr);
  for (const [name, method] of Object.entries(writing)) {
    if (name in console && typeof method === "function") Object.assign(console, { [name]: method });
  }
}
