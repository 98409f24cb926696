/** What the addition adds. */
export const ten: number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

export const chainLength = 1_000_000;
/** Factors of the chain's multiplications, in turn: their product stays 1, which is then the derivative. */
export const factors: readonly [number, number] = [2, 0.5];
