import type { DType, Shape } from "../../../src/index.ts";
import { constant, type Value, variable } from "../../../src/index.ts";

/** A recorded tensor: its type, its shape, and its numbers in row-major order, little-endian, as base64. */
export type Block = readonly [dtype: DType, shape: Shape, numbers: string];

export type Blocks = Readonly<Record<string, Block>>;

/** How far a result may be from what was recorded, by the least exact type that took part. */
export const tolerances = { float64: 1e-10, float32: 1e-5 } as const;
export type Precision = keyof typeof tolerances;

/** One number, list of axes … of a result beside its recording: max|a − b| / max(max|b|, 1), ∞ where they cannot be compared. */
export interface Finding {
  readonly what: string;
  readonly error: number;
}

function numbersOf([dtype, , text]: Block): Float64Array | Float32Array | Int32Array | Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text, "base64"));
  switch (dtype) {
    case "float64":
      return new Float64Array(bytes.buffer);
    case "float32":
      return new Float32Array(bytes.buffer);
    case "int32":
      return new Int32Array(bytes.buffer);
    case "bool":
      return bytes;
  }
}

/** A recorded tensor as a leaf: gradients are asked for where its type has them. */
export function leafOf(block: Block): Value {
  const [dtype, shape] = block;
  return isFloat(block) ? variable({ data: numbersOf(block), shape, dtype }) : constantOf(block);
}

export function constantOf(block: Block): Value {
  const [dtype, shape] = block;
  return constant({ data: numbersOf(block), shape, dtype });
}

export function isFloat([dtype]: Block): boolean {
  return dtype === "float64" || dtype === "float32";
}

export function comparedWith(what: string, { shape, dtype, data }: Value, block: Block): Finding {
  const [wantedType, wantedShape] = block;
  if (dtype !== wantedType || shape.join() !== wantedShape.join()) {
    return {
      what: `${what}: ${dtype} [${shape.join(", ")}], recorded ${wantedType} [${wantedShape.join(", ")}]`,
      error: Number.POSITIVE_INFINITY,
    };
  }
  const wanted = numbersOf(block);
  let difference = 0;
  let scale = 1;
  wanted.forEach((number, i) => {
    // Numbers that are not finite must be the very same.
    if (Number.isFinite(number)) scale = Math.max(scale, Math.abs(number));
    if (Object.is(data[i], number) || data[i] === number) return;
    const off = Math.abs(data[i]! - number);
    difference = Math.max(difference, Number.isFinite(off) ? off : Number.POSITIVE_INFINITY);
  });
  return { what, error: difference / scale };
}
