/** What cells can name without an import, beside the language's own library. Node's full types come with the first use of node:. */
export const globalDeclarations = `
interface Console {
  log(...data: any[]): void;
  info(...data: any[]): void;
  debug(...data: any[]): void;
  warn(...data: any[]): void;
  error(...data: any[]): void;
  table(data: any, columns?: readonly string[]): void;
  dir(item: any, options?: any): void;
  assert(condition?: boolean, ...data: any[]): void;
  count(label?: string): void;
  countReset(label?: string): void;
  group(...label: any[]): void;
  groupCollapsed(...label: any[]): void;
  groupEnd(): void;
  time(label?: string): void;
  timeLog(label?: string, ...data: any[]): void;
  timeEnd(label?: string): void;
  trace(...data: any[]): void;
}
declare var console: Console;
interface TimerHandle { ref(): this; unref(): this; hasRef(): boolean; refresh(): this; [Symbol.toPrimitive](): number }
declare function setTimeout(callback: (...args: any[]) => void, milliseconds?: number, ...args: any[]): TimerHandle;
declare function setInterval(callback: (...args: any[]) => void, milliseconds?: number, ...args: any[]): TimerHandle;
declare function setImmediate(callback: (...args: any[]) => void, ...args: any[]): unknown;
declare function clearTimeout(handle: TimerHandle | number | undefined): void;
declare function clearInterval(handle: TimerHandle | number | undefined): void;
declare function clearImmediate(handle: unknown): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T): T;
declare var performance: { now(): number; readonly timeOrigin: number };
declare function fetch(input: string, init?: any): Promise<any>;
`;

/** Cells' own globals, with Node's types or without them. */
export const cellDeclarations = `
/** Shows a value now, as the last expression of a cell is shown. With an id, \`display(other, { id, update: true })\` replaces it. */
declare function display(value: unknown, options?: { readonly id?: string; readonly update?: boolean }): void;
/** Removes what the cell has shown so far; with \`wait\`, when the next output comes. */
declare function clearOutput(options?: { readonly wait?: boolean }): void;
`;
