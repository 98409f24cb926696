import { element } from "./elements.ts";

/** One quiet line for what the page has to say; screen readers hear it. */
export class Notices {
  readonly node: HTMLElement = element("p", { class: "gb-notice", role: "status" });
  #timer: number | undefined;

  /** What stays until something else is said. */
  show(text: string): void {
    window.clearTimeout(this.#timer);
    this.node.textContent = text;
  }

  /** What need not stay. */
  flash(text: string): void {
    this.show(text);
    this.#timer = window.setTimeout(() => this.show(""), 4000);
  }
}
