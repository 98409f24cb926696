/** A length in pixels to a tenth: more is not seen, and makes specifications longer. Never −0. */
export const round = (length: number): number => Math.round(length * 10) / 10 + 0;
