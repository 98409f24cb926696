import type { Kernel, KernelMessage } from "@jupyterlab/services";
import type { Cell, CodeCell, Notebook } from "../../src/course/notebook.ts";
import { Outputs } from "./outputs.ts";

/** Why a run ended before the last cell. */
export interface Failure {
  /** Counted from 1 over all cells. */
  readonly cell: number;
  readonly id: string;
  readonly firstLine: string;
  /** One sentence or the error's own name and text. */
  readonly error: string;
}

export interface Execution {
  readonly notebook: Notebook;
  readonly failure: Failure | undefined;
}

export interface ExecuteOptions {
  /** Seconds a cell may take; without it, as long as it takes. */
  readonly timeout?: number;
  /** Called before each code cell with its number among the code cells. */
  readonly progress: (cell: number, of: number, code: CodeCell) => void;
}

/** Runs a notebook's code cells in order, up to the first that fails; the copy holds what they showed. */
export async function execute(
  notebook: Notebook,
  kernel: Kernel.IKernelConnection,
  options: ExecuteOptions,
): Promise<Execution> {
  const outputs = new Outputs();
  const counts = new Map<number, number | null>();
  // A message is told by the request it answers: a timer's output may come while a later cell runs.
  const cellOf = new Map<string, number>();
  const listen = (_kernel: Kernel.IKernelConnection, { msg, direction }: Kernel.IAnyMessageArgs): void => {
    if (direction !== "recv" || msg.channel !== "iopub" || !("msg_id" in msg.parent_header)) return;
    const cell = cellOf.get(msg.parent_header.msg_id);
    if (cell === undefined) return;
    // Narrowed by what each kind of message holds, in Outputs.
    outputs.take(cell, { type: msg.header.msg_type, content: msg.content as Record<string, unknown> });
  };
  kernel.anyMessage.connect(listen);
  const codeCells = notebook.cells.filter((cell) => cell.cell_type === "code" && cell.source.trim() !== "").length;
  let failure: Failure | undefined;
  let number = 0;
  try {
    for (const [index, cell] of notebook.cells.entries()) {
      if (cell.cell_type !== "code" || cell.source.trim() === "") continue;
      number += 1;
      options.progress(number, codeCells, cell);
      const future = kernel.requestExecute({ code: cell.source, allow_stdin: false, stop_on_error: true });
      cellOf.set(future.msg.header.msg_id, index);
      const ending = await ended(future.done, kernel, options.timeout);
      if (ending.count !== undefined) counts.set(index, ending.count);
      if (ending.error === undefined || mayFail(cell)) continue;
      failure = { cell: index + 1, id: cell.id, firstLine: firstLineOf(cell.source), error: ending.error };
      break;
    }
  } finally {
    kernel.anyMessage.disconnect(listen);
  }
  const executed = (cell: Cell, index: number): Cell =>
    cell.cell_type === "code"
      ? { ...cell, outputs: outputs.of(index), execution_count: counts.get(index) ?? null }
      : cell;
  return { notebook: { ...notebook, cells: notebook.cells.map(executed) }, failure };
}

interface Ending {
  readonly count?: number | null;
  readonly error?: string;
}

/** Waits for a cell's end; that the kernel dies, the connection breaks or the time is up is an end, too. */
async function ended(
  done: Promise<KernelMessage.IExecuteReplyMsg>,
  kernel: Kernel.IKernelConnection,
  timeout: number | undefined,
): Promise<Ending> {
  const cleanUp: (() => void)[] = [];
  const reply = done.then(
    replyEnding,
    (): Ending => ({ error: "the kernel died or was restarted while this cell ran" }),
  );
  const died = new Promise<Ending>((resolve) => {
    const listen = (_kernel: Kernel.IKernelConnection, status: Kernel.Status): void => {
      if (status === "dead" || status === "autorestarting" || status === "restarting") {
        resolve({ error: "the kernel died while this cell ran" });
      }
    };
    kernel.statusChanged.connect(listen);
    cleanUp.push(() => kernel.statusChanged.disconnect(listen));
  });
  const cut = new Promise<Ending>((resolve) => {
    const listen = (_kernel: Kernel.IKernelConnection, status: Kernel.ConnectionStatus): void => {
      if (status === "disconnected") resolve({ error: "the connection to the server was lost while this cell ran" });
    };
    kernel.connectionStatusChanged.connect(listen);
    cleanUp.push(() => kernel.connectionStatusChanged.disconnect(listen));
  });
  const endings = [reply, died, cut];
  let late: string | undefined;
  if (timeout !== undefined) {
    const timedOut = new Promise<Ending>((resolve) => {
      const timer = setTimeout(() => {
        late = `it took longer than the time limit of ${timeout} s and was interrupted`;
        // An interrupted cell ends by its own reply, with all its outputs; one that does not is left behind.
        const grace = setTimeout(() => resolve({}), 3000);
        cleanUp.push(() => clearTimeout(grace));
        kernel.interrupt().catch(() => resolve({}));
      }, timeout * 1000);
      cleanUp.push(() => clearTimeout(timer));
    });
    endings.push(timedOut);
  }
  try {
    const ending = await Promise.race(endings);
    return late === undefined ? ending : { ...ending, error: late };
  } finally {
    for (const undo of cleanUp) undo();
  }
}

function replyEnding({ content }: KernelMessage.IExecuteReplyMsg): Ending {
  const count = content.execution_count;
  switch (content.status) {
    case "ok":
      return { count };
    case "error":
      return { count, error: `${content.ename}: ${content.evalue}` };
    default:
      return { error: "the kernel refused to run it" };
  }
}

// Jupyter's own tag for a cell that shows an error on purpose.
function mayFail(cell: CodeCell): boolean {
  const tags = cell.metadata["tags"];
  return Array.isArray(tags) && tags.includes("raises-exception");
}

const firstLineOf = (source: string): string =>
  source
    .split("\n")
    .find((line) => line.trim() !== "")
    ?.trim() ?? "";
