import { fresh } from "./fresh.ts";
import { broadcastStrides, type Shape, sizeOf } from "./shape.ts";
import { allocate, allocateLike, type DType, dtypes, type Numbers, type Storage } from "./storage.ts";

/** A row of results from rows of inputs: how many, where to, then for each input where from and how far apart. */
type Row1 = (n: number, out: Numbers, o: number, a: Numbers, i: number, di: number) => void;
type Row2 = (
  n: number,
  out: Numbers,
  o: number,
  a: Numbers,
  i: number,
  di: number,
  b: Numbers,
  j: number,
  dj: number,
) => void;
type RowN = (
  n: number,
  out: Numbers,
  o: number,
  data: readonly Numbers[],
  at: number[],
  steps: readonly number[],
) => void;

/** A function of one to five numbers, as a rule of a primitive or of a derivative states it. */
export type NumberFunction = (...numbers: number[]) => number;

const row1 = (f: NumberFunction): Row1 => {
  return (n, out, o, a, i, di) => {
    for (let k = 0; k < n; k++, i += di) out[o + k] = f(a[i]!);
  };
};

const row2 = (f: NumberFunction): Row2 => {
  return (n, out, o, a, i, di, b, j, dj) => {
    for (let k = 0; k < n; k++, i += di, j += dj) out[o + k] = f(a[i]!, b[j]!);
  };
};

const row3 = (f: NumberFunction): RowN => {
  return (n, out, o, data, at, steps) => {
    const [a, b, c] = data as [Numbers, Numbers, Numbers];
    let [i, j, l] = at as [number, number, number];
    const [di, dj, dl] = steps as [number, number, number];
    for (let k = 0; k < n; k++, i += di, j += dj, l += dl) out[o + k] = f(a[i]!, b[j]!, c[l]!);
  };
};

const row4 = (f: NumberFunction): RowN => {
  return (n, out, o, data, at, steps) => {
    const [a, b, c, d] = data as [Numbers, Numbers, Numbers, Numbers];
    let [i, j, l, m] = at as [number, number, number, number];
    const [di, dj, dl, dm] = steps as [number, number, number, number];
    for (let k = 0; k < n; k++, i += di, j += dj, l += dl, m += dm) out[o + k] = f(a[i]!, b[j]!, c[l]!, d[m]!);
  };
};

const rowAny = (f: NumberFunction): RowN => {
  return (n, out, o, data, at, steps) => {
    for (let k = 0; k < n; k++)
      out[o + k] = f(...data.map((numbers, input) => numbers[at[input]! + k * steps[input]!]!));
  };
};

/** How many loops a function may have, one for each combination of types. */
const dtypeCode = Object.fromEntries(dtypes.map((dtype, code) => [dtype, code])) as Record<DType, number>;

/**
 * A function of numbers applied to all elements of blocks, with broadcasting. Each combination of types has a loop of
 * its own, made when it is first met.
 */
export class ElementLoop {
  private readonly f: NumberFunction;
  private doubles: Row2 | undefined;
  private readonly ones: (Row1 | undefined)[] = [];
  private readonly twos: (Row2 | undefined)[] = [];
  private readonly others: (RowN | undefined)[] = [];

  constructor(f: NumberFunction) {
    this.f = f;
  }

  /** @param shape what the inputs broadcast to. */
  run(dtype: DType, shape: Shape, inputs: readonly Storage[]): Storage {
    const out = allocate(dtype, shape);
    const n = sizeOf(shape);
    if (n === 0) return out;
    const [x, y] = inputs as readonly [Storage, Storage | undefined];
    if (inputs.length === 1) {
      const row = this.one(dtype, x.dtype);
      if (x.packed && sizeOf(x.shape) === n) row(n, out.data, out.offset, x.data, x.offset, 1);
      else this.walk(out, inputs, (o, m, at, steps) => row(m, out.data, o, x.data, at[0]!, steps[0]!));
    } else if (inputs.length === 2) {
      const row = this.two(dtype, x.dtype, y!.dtype);
      if (x.packed && y!.packed && sizeOf(x.shape) === n && sizeOf(y!.shape) === n) {
        row(n, out.data, out.offset, x.data, x.offset, 1, y!.data, y!.offset, 1);
      } else {
        this.walk(out, inputs, (o, m, at, steps) =>
          row(m, out.data, o, x.data, at[0]!, steps[0]!, y!.data, at[1]!, steps[1]!),
        );
      }
    } else {
      const row = this.other(dtype, inputs);
      const data = inputs.map((input) => input.data);
      this.walk(out, inputs, (o, m, at, steps) => row(m, out.data, o, data, at, steps));
    }
    return out;
  }

  /** Of two packed blocks of one shape and one type. */
  pair(x: Storage, y: Storage): Storage {
    const size = sizeOf(x.shape);
    // The type that nearly all are of stands here as a constant: the engine need not look anything up by it.
    if (x.dtype === "float64") {
      this.doubles ??= this.two("float64", "float64", "float64");
      return this.along(this.doubles, allocateLike("float64", x, size), x, y, size);
    }
    const { dtype } = x;
    return this.along(this.two(dtype, dtype, dtype), allocateLike(dtype, x, size), x, y, size);
  }

  private along(row: Row2, out: Storage, x: Storage, y: Storage, size: number): Storage {
    row(size, out.data, out.offset, x.data, x.offset, 1, y.data, y.offset, 1);
    return out;
  }

  private one(dtype: DType, x: DType): Row1 {
    const key = dtypeCode[dtype] * 4 + dtypeCode[x];
    let row = this.ones[key];
    if (row === undefined) {
      row = fresh(row1)(this.f);
      this.ones[key] = row;
    }
    return row;
  }

  private two(dtype: DType, x: DType, y: DType): Row2 {
    const key = (dtypeCode[dtype] * 4 + dtypeCode[x]) * 4 + dtypeCode[y];
    let row = this.twos[key];
    if (row === undefined) {
      row = fresh(row2)(this.f);
      this.twos[key] = row;
    }
    return row;
  }

  private other(dtype: DType, inputs: readonly Storage[]): RowN {
    let key = dtypeCode[dtype];
    for (const input of inputs) key = key * 4 + dtypeCode[input.dtype];
    let row = this.others[key];
    if (row === undefined) {
      row = fresh(inputs.length === 3 ? row3 : inputs.length === 4 ? row4 : rowAny)(this.f);
      this.others[key] = row;
    }
    return row;
  }

  /** Visits the rows along the longest stretch of axes that every input walks through with one step. */
  private walk(
    out: Storage,
    inputs: readonly Storage[],
    visit: (o: number, n: number, at: number[], steps: readonly number[]) => void,
  ): void {
    const { shape } = out;
    const strides = inputs.map((input) => broadcastStrides(input.shape, input.strides, shape));
    let first = shape.length - 1;
    // Axes are merged while the outer one continues where the inner one ends.
    let n = shape[first] ?? 1;
    while (first > 0 && strides.every((s) => s[first - 1] === s[first]! * shape[first]!)) {
      first--;
      n *= shape[first]!;
    }
    const last = shape.length - 1;
    const steps = strides.map((s) => s[last] ?? 0);
    const at = inputs.map((input) => input.offset);
    const rows = sizeOf(shape) / n;
    const counter = new Array<number>(Math.max(first, 0)).fill(0);
    for (let r = 0, o = out.offset; r < rows; r++, o += n) {
      visit(o, n, at, steps);
      for (let axis = first - 1; axis >= 0; axis--) {
        for (let input = 0; input < at.length; input++) at[input]! += strides[input]![axis]!;
        if (++counter[axis]! < shape[axis]!) break;
        counter[axis] = 0;
        for (let input = 0; input < at.length; input++) at[input]! -= strides[input]![axis]! * shape[axis]!;
      }
    }
  }
}

const addition = new ElementLoop((x, y) => x! + y!);

/** x + y of equal shapes; for cotangents that meet. */
export function addStorages(x: Storage, y: Storage): Storage {
  return addition.run(x.dtype, x.shape, [x, y]);
}
