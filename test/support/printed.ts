/** What a command prints to console.log, line by line as one text, and what it resolves to. */
export async function printedBy<Result>(
  command: () => Promise<Result>,
): Promise<{ readonly said: string; readonly result: Result }> {
  const { log } = console;
  let said = "";
  console.log = (...parts: unknown[]): void => {
    said += `${parts.join(" ")}\n`;
  };
  try {
    const result = await command();
    return { said, result };
  } finally {
    console.log = log;
  }
}
