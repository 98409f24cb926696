import type { KernelMessage } from "@jupyterlab/services";
import type { Bundle, Output } from "../../src/course/notebook.ts";

/** The outputs of a notebook's cells as their messages come in: text joined, displays replaced, output cleared. */
export class OutputCollector {
  private readonly outputs: Output[] = [];
  private clearBeforeNext = false;
  /** Displays with an id, in this cell and in earlier ones: a later message may replace what they show. */
  private readonly displays: Map<string, { readonly list: Output[]; readonly position: number }[]>;

  constructor(displays: Map<string, { readonly list: Output[]; readonly position: number }[]>) {
    this.displays = displays;
  }

  get list(): readonly Output[] {
    return this.outputs;
  }

  receive(message: KernelMessage.IIOPubMessage): void {
    const { content } = message;
    switch (message.header.msg_type) {
      case "stream": {
        const { name, text } = content as KernelMessage.IStreamMsg["content"];
        const last = this.outputs.at(-1);
        if (!this.clearBeforeNext && last?.output_type === "stream" && last.name === name) {
          this.outputs[this.outputs.length - 1] = { ...last, text: last.text + text };
        } else {
          this.push({ output_type: "stream", name, text });
        }
        return;
      }
      case "display_data": {
        const { data, metadata, transient } = content as KernelMessage.IDisplayDataMsg["content"];
        this.push({ output_type: "display_data", data: data as Bundle, metadata });
        const id = transient?.display_id;
        if (typeof id === "string") {
          const places = this.displays.get(id) ?? [];
          places.push({ list: this.outputs, position: this.outputs.length - 1 });
          this.displays.set(id, places);
        }
        return;
      }
      case "update_display_data": {
        const { data, metadata, transient } = content as KernelMessage.IUpdateDisplayDataMsg["content"];
        for (const { list, position } of this.displays.get(String(transient.display_id)) ?? []) {
          if (position < list.length) list[position] = { output_type: "display_data", data: data as Bundle, metadata };
        }
        return;
      }
      case "execute_result": {
        const { data, metadata, execution_count } = content as KernelMessage.IExecuteResultMsg["content"];
        this.push({ output_type: "execute_result", data: data as Bundle, metadata, execution_count });
        return;
      }
      case "error": {
        const { ename, evalue, traceback } = content as KernelMessage.IErrorMsg["content"];
        this.push({ output_type: "error", ename, evalue, traceback });
        return;
      }
      case "clear_output":
        if ((content as KernelMessage.IClearOutputMsg["content"]).wait) this.clearBeforeNext = true;
        else this.outputs.length = 0;
    }
  }

  private push(output: Output): void {
    if (this.clearBeforeNext) this.outputs.length = 0;
    this.clearBeforeNext = false;
    this.outputs.push(output);
  }
}
