/**
 * What cells can name without an import, beside the language's own library: the few globals of Node that lessons use, because
 * reading the full types costs half a second. A cell that mentions more of Node gets those (node-types.ts).
 */
export const globalDeclarations = `
interface Console {
  log(...data: any[]): void;
  info(...data: any[]): void;
  debug(...data: any[]): void;
  warn(...data: any[]): void;
  error(...data: any[]): void;
  trace(...data: any[]): void;
  table(tabularData: any, properties?: readonly string[]): void;
  dir(item: any, options?: { depth?: number | null; showHidden?: boolean }): void;
  assert(condition?: unknown, ...data: any[]): void;
  count(label?: string): void;
  countReset(label?: string): void;
  group(...label: any[]): void;
  groupCollapsed(...label: any[]): void;
  groupEnd(): void;
  time(label?: string): void;
  timeEnd(label?: string): void;
  timeLog(label?: string, ...data: any[]): void;
  clear(): void;
}
declare var console: Console;
declare namespace NodeJS {
  interface Timeout { ref(): this; unref(): this; hasRef(): boolean; refresh(): this; [Symbol.toPrimitive](): number }
  interface Immediate { ref(): this; unref(): this; hasRef(): boolean }
}
declare function setTimeout(callback: (_: void) => void, delay?: number): NodeJS.Timeout;
declare function setTimeout<Arguments extends any[]>(callback: (...parameters: Arguments) => void, delay?: number, ...parameters: Arguments): NodeJS.Timeout;
declare function setInterval(callback: (_: void) => void, delay?: number): NodeJS.Timeout;
declare function setInterval<Arguments extends any[]>(callback: (...parameters: Arguments) => void, delay?: number, ...parameters: Arguments): NodeJS.Timeout;
declare function setImmediate<Arguments extends any[]>(callback: (...parameters: Arguments) => void, ...parameters: Arguments): NodeJS.Immediate;
declare function clearTimeout(timer: NodeJS.Timeout | string | number | undefined): void;
declare function clearInterval(timer: NodeJS.Timeout | string | number | undefined): void;
declare function clearImmediate(immediate: NodeJS.Immediate | undefined): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T): T;
declare var performance: { now(): number; readonly timeOrigin: number };
declare var process: {
  readonly argv: string[];
  readonly env: Record<string, string | undefined>;
  readonly pid: number;
  readonly platform: string;
  readonly version: string;
  readonly stdout: { write(text: string | Uint8Array): boolean };
  readonly stderr: { write(text: string | Uint8Array): boolean };
  cwd(): string;
  exit(code?: number): never;
  nextTick(callback: (...parameters: any[]) => void, ...parameters: any[]): void;
  uptime(): number;
};
`;

/** Cells' own globals, with Node's types or without them. */
export const cellDeclarations = `
/**
 * Shows a value now, as the last expression of a cell is shown. With an id, what the cell shows next under the same id takes its
 * place; \`update: true\` replaces what another cell has shown under it.
 */
declare function display(value: unknown, options?: { readonly id?: string; readonly update?: boolean }): void;
/** A figure, or the figure of a Value, as an SVG document. */
declare function toSvg(figure: object): Promise<string>;
/** The same as a PNG file: two pixels for each of the figure's, or \`scale\`. \`await writeFile("loss.png", await toPng(figure))\` keeps it. */
declare function toPng(figure: object, options?: { readonly scale?: number }): Promise<Uint8Array>;
/** Removes what the cell has shown so far; with \`wait\`, when the next output comes. */
declare function clearOutput(options?: { readonly wait?: boolean }): void;
/** Asks whoever runs the cell: \`const name = await prompt("Your name?")\`. With \`password\`, what is typed is hidden. */
declare function prompt(text?: string, options?: { readonly password?: boolean }): Promise<string>;
/** A channel to a piece of the front end. */
interface Comm {
  readonly id: string;
  readonly target: string;
  onMessage: (data: any, buffers: readonly Uint8Array[]) => unknown;
  onClose: (data: any, buffers: readonly Uint8Array[]) => unknown;
  send(data?: object, options?: CommOptions): void;
  close(data?: object, options?: CommOptions): void;
}
interface CommOptions {
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly buffers?: readonly Uint8Array[];
}
/** Channels between cells and the front end, by which widgets keep in step: Jupyter's comms. */
declare const comms: {
  /** Opens one to what the front end has registered as \`target\`. */
  open(target: string, data?: object, options?: CommOptions): Comm;
  /** Says what happens when the front end opens one to \`target\`. */
  register(target: string, opened: (comm: Comm, data: any, buffers: readonly Uint8Array[]) => unknown): void;
};
`;

/** What the kernel adds to Node's types: the modules that are its own. */
export const requireDeclarations = `
declare namespace NodeJS {
  interface Require {
    (id: "gradbook"): typeof import("gradbook");
    (id: "tslab"): typeof import("tslab");
  }
}
`;
