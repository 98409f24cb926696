import { addStorages } from "../graph/loops.ts";
import { room, type Storage } from "../graph/storage.ts";
import { type Segment, tape } from "../graph/tape.ts";

/** Up to how many nodes a segment counts as short. */
const shortSegment = 128;
/** From how many numbers on they are borrowed. */
const manyNumbers = 1024;

/**
 * Numbers that passes over long segments take turns with, all zeros: to get new ones from the system costs a good part of
 * such a pass. At most two stay, as a pass over a graph of several segments has that many at a time.
 */
const spares: Float64Array[] = [];
const mostSpares = 2;

/** What reached the float64 scalars of one segment. Fields are declared only, here and below: see Value. */
class Scalars {
  declare private readonly segment: Segment;
  /** The one of position p at p − shift. */
  declare numbers: Float64Array;
  declare shift: number;
  /** From which position to before which one there are numbers. */
  declare private first: number;
  declare private stop: number;
  declare private borrowed: boolean;
  /** The latest position that was reached. */
  declare last: number;
  /** Between which positions the variables are that were reached; the first of them is seen last. */
  declare private lowest: number;
  declare private highest: number;

  constructor(segment: Segment, position: number) {
    const { start, end } = segment;
    this.segment = segment;
    this.first = start;
    this.last = position;
    this.lowest = start;
    this.highest = start - 1;
    // Of a short segment all of it: its nodes are reached one after the other.
    this.take(end - start <= shortSegment ? end : position + 1);
  }

  add(position: number, amount: number): void {
    if (position > this.last) this.last = position;
    if (position >= this.stop) this.grow(position);
    this.numbers[position - this.shift]! += amount;
  }

  at(position: number): number | undefined {
    return position >= this.first && position < this.stop ? this.numbers[position - this.shift] : undefined;
  }

  /** The walk has been at a variable. */
  meet(position: number): void {
    if (this.highest < this.lowest) this.highest = position;
    this.lowest = position;
  }

  /** Gives back what is borrowed. The stretch with the variables is kept, as few ask for other gradients. */
  settle(): void {
    if (!this.borrowed) return;
    const { numbers, shift, lowest, highest } = this;
    const size = highest - lowest + 1;
    if (2 * size > numbers.length) return;
    const { data, offset } = room(size);
    for (let i = 0; i < size; i++) data[offset + i] = numbers[lowest - shift + i]!;
    numbers.fill(0, this.first - shift, this.last + 1 - shift);
    if (spares.length < mostSpares) spares.push(numbers);
    this.numbers = data;
    this.shift = lowest - offset;
    this.first = lowest;
    this.stop = highest + 1;
  }

  /** Room for all positions before `stop`. */
  private take(stop: number): void {
    const { start } = this.segment;
    const size = stop - start;
    this.borrowed = size >= manyNumbers;
    if (this.borrowed) {
      this.numbers = spares.pop() ?? new Float64Array(tape.capacity);
      this.shift = start;
      this.stop = start + tape.capacity;
    } else {
      const { data, offset } = room(size);
      this.numbers = data;
      this.shift = start - offset;
      this.stop = stop;
    }
  }

  private grow(position: number): void {
    const { numbers, shift, stop, first } = this;
    this.take(Math.min(this.segment.end, Math.max(position + 1, 2 * stop - first)));
    for (let p = first; p < stop; p++) this.numbers[p - this.shift] = numbers[p - shift]!;
  }
}

/** What reached a node whose value is a block. */
class Reached {
  declare readonly position: number;
  declare cotangent: Storage;
  /** The next one further down the segment. */
  declare lower: Reached | undefined;

  constructor(position: number, cotangent: Storage, lower: Reached | undefined) {
    this.position = position;
    this.cotangent = cotangent;
    this.lower = lower;
  }
}

/** What reached the nodes of one segment. */
export class Column {
  declare readonly segment: Segment;
  declare scalars: Scalars | undefined;
  /** The blocks, from the latest position down: few of them wait at a time, and tensors alone need no more. */
  declare private blocks: Reached | undefined;
  /** The last of them that the walk has been at. */
  declare private visited: Reached | undefined;
  /** The column of the next older segment that was reached. */
  declare older: Column | undefined;

  constructor(segment: Segment, older: Column | undefined) {
    this.segment = segment;
    this.scalars = undefined;
    this.blocks = undefined;
    this.visited = undefined;
    this.older = older;
  }

  addNumber(position: number, amount: number): void {
    this.scalars ??= new Scalars(this.segment, position);
    this.scalars.add(position, amount);
  }

  addBlock(position: number, cotangent: Storage): void {
    let higher = this.visited;
    let lower = this.waiting;
    while (lower !== undefined && lower.position > position) {
      higher = lower;
      lower = lower.lower;
    }
    if (lower?.position === position) lower.cotangent = addStorages(lower.cotangent, cotangent);
    else if (higher === undefined) this.blocks = new Reached(position, cotangent, lower);
    else higher.lower = new Reached(position, cotangent, lower);
  }

  /** The latest block that the walk has not been at. */
  private get waiting(): Reached | undefined {
    return this.visited === undefined ? this.blocks : this.visited.lower;
  }

  /** Where the walk comes to a block next; below the segment where there is none. */
  get floor(): number {
    const { waiting } = this;
    return waiting === undefined ? this.segment.start - 1 : waiting.position;
  }

  /** The block that the walk comes to next: it is there now. */
  next(): Reached | undefined {
    const { waiting } = this;
    if (waiting !== undefined) this.visited = waiting;
    return waiting;
  }

  block(position: number): Storage | undefined {
    let reached = this.blocks;
    while (reached !== undefined && reached.position > position) reached = reached.lower;
    return reached?.position === position ? reached.cotangent : undefined;
  }
}

/** Going back from a column: that of the segment, or else the one that it would come after. */
export function columnAt(segment: Segment, from: Column): Column {
  const id = segment.base + segment.start;
  let column = from;
  for (let { older } = column; older !== undefined; older = older.older) {
    if (older.segment.base + older.segment.start < id) break;
    column = older;
  }
  return column;
}
