import type { Kernel } from "@jupyterlab/services";

/**
 * Evaluates an expression in a notebook's kernel after its cells have run, and resolves to its value as plain data.
 * `gradbook` in it is the library that the cells use; no name of theirs is touched.
 */
export async function evaluate(kernel: Kernel.IKernelConnection, expression: string): Promise<unknown> {
  // A media type carries data as it is, where text would be cut and abbreviated.
  const code = `({ [Symbol.for("Jupyter.display")]: async () => { const gradbook: any = await import("gradbook"); return { "application/json": ${expression} }; } })`;
  const future = kernel.requestExecute({ code, allow_stdin: false, store_history: false });
  let data: unknown;
  future.onIOPub = ({ header, content }) => {
    if (header.msg_type === "execute_result" && "data" in content) {
      data = (content.data as Record<string, unknown>)["application/json"];
    }
  };
  const { content } = await future.done;
  if (content.status === "ok") return data;
  throw new Error(content.status === "error" ? `${content.ename}: ${content.evalue}` : "the kernel refused to run it");
}

/** Plain data as an expression: its text is no code, whatever it holds. */
export function asExpression(data: unknown): string {
  return `JSON.parse(${JSON.stringify(JSON.stringify(data))})`;
}
