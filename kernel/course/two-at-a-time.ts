/**
 * Does independent pieces of work, two of them at any time, and hands out each result in the order of the pieces as
 * soon as those before it are there.
 */
export async function twoAtATime<Piece, Result>(
  pieces: readonly Piece[],
  work: (piece: Piece) => Promise<Result>,
  take: (result: Result) => void,
): Promise<void> {
  const results = new Map<number, Result>();
  let next = 0;
  let taken = 0;
  const worker = async (): Promise<void> => {
    while (next < pieces.length) {
      const index = next++;
      results.set(index, await work(pieces[index]!));
      for (; results.has(taken); taken++) take(results.get(taken)!);
    }
  };
  await Promise.all([worker(), worker()]);
}
