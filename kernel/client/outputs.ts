import type { Bundle, Metadata, Output } from "../../src/course/notebook.ts";

/** What a kernel says about a running cell, as Jupyter's messages name it. */
export interface Broadcast {
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Gathers the outputs of a notebook's cells as a front end would show them. */
export class Outputs {
  readonly #cells = new Map<number, Output[]>();
  /** Cells whose outputs go when the next one comes: clear_output(wait=True). */
  readonly #clearing = new Set<number>();
  /** Where each named display is shown; an update may come from a later cell. */
  readonly #displays = new Map<string, { readonly cell: number; readonly index: number }[]>();

  of(cell: number): readonly Output[] {
    return this.#cells.get(cell) ?? [];
  }

  /** Takes a message of a cell's run; others than outputs are passed over. */
  take(cell: number, { type, content }: Broadcast): void {
    const data = (content["data"] ?? {}) as Bundle;
    const metadata = (content["metadata"] ?? {}) as Metadata;
    switch (type) {
      case "stream":
        this.#write(cell, String(content["name"]), String(content["text"]));
        break;
      case "display_data":
        this.#show(cell, { output_type: "display_data", data, metadata }, displayId(content));
        break;
      case "execute_result": {
        const count = typeof content["execution_count"] === "number" ? content["execution_count"] : null;
        this.#show(cell, { output_type: "execute_result", data, metadata, execution_count: count }, displayId(content));
        break;
      }
      case "update_display_data":
        this.#update(displayId(content), data, metadata);
        break;
      case "error": {
        const traceback = Array.isArray(content["traceback"]) ? content["traceback"].map(String) : [];
        const [ename, evalue] = [String(content["ename"]), String(content["evalue"])];
        this.#add(cell, { output_type: "error", ename, evalue, traceback });
        break;
      }
      case "clear_output":
        if (content["wait"] === true) this.#clearing.add(cell);
        else this.#clear(cell);
        break;
    }
  }

  // Text of one stream that comes in pieces is one output, as long as nothing else came between.
  #write(cell: number, name: string, text: string): void {
    const outputs = this.#cells.get(cell);
    const last = outputs?.at(-1);
    if (outputs !== undefined && last?.output_type === "stream" && last.name === name && !this.#clearing.has(cell)) {
      outputs[outputs.length - 1] = { ...last, text: last.text + text };
    } else {
      this.#add(cell, { output_type: "stream", name, text });
    }
  }

  #show(cell: number, output: Output, id: string | undefined): void {
    const index = this.#add(cell, output);
    if (id === undefined) return;
    const places = this.#displays.get(id) ?? [];
    this.#displays.set(id, [...places, { cell, index }]);
  }

  #add(cell: number, output: Output): number {
    if (this.#clearing.delete(cell)) this.#clear(cell);
    const outputs = this.#cells.get(cell) ?? [];
    this.#cells.set(cell, outputs);
    return outputs.push(output) - 1;
  }

  #update(id: string | undefined, data: Bundle, metadata: Metadata): void {
    for (const { cell, index } of this.#displays.get(id ?? "") ?? []) {
      const outputs = this.#cells.get(cell);
      const shown = outputs?.[index];
      if (outputs !== undefined && shown !== undefined && "data" in shown)
        outputs[index] = { ...shown, data, metadata };
    }
  }

  #clear(cell: number): void {
    this.#cells.delete(cell);
    for (const [id, places] of this.#displays) {
      const left = places.filter((place) => place.cell !== cell);
      this.#displays.set(id, left);
    }
  }
}

function displayId(content: Readonly<Record<string, unknown>>): string | undefined {
  const transient = content["transient"] as { display_id?: unknown } | undefined;
  return typeof transient?.display_id === "string" ? transient.display_id : undefined;
}
