export interface ReleaseOptions {
  /** Keeps worked solutions behind `solution(id)`; a class release contains none. */
  readonly selfStudy: boolean;
  readonly output: string;
}

/** Writes learners' copies of author notebooks (a notebook or a folder of them); returns the files written. */
export async function releaseLessons(_source: string, _options: ReleaseOptions): Promise<readonly string[]> {
  throw new Error("release is not written yet");
}
