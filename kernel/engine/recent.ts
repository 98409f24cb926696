/** What belongs to numbers that only grow, for so many of the latest. */
export class Recent<Item> extends Map<number, Item> {
  private readonly most: number;
  /** What was set last. */
  latest: Item | undefined;

  constructor(most: number) {
    super();
    this.most = most;
  }

  override set(number: number, item: Item): this {
    super.set(number, item);
    this.latest = item;
    if (this.size > this.most) this.delete(this.keys().next().value!);
    return this;
  }

  override clear(): void {
    super.clear();
    this.latest = undefined;
  }
}
