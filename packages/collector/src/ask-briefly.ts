/** Whoever asks how we are does not wait for a database that hangs. */
const PATIENCE_MS = 1_000;

/**
 * What a question to the database brings; undefined when it fails or takes longer than somebody waits who watches. Then
 * its signal says that it is given up: left running, one would follow another without end.
 */
export async function askBriefly<Answer>(
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer | undefined> {
  const giveUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
      giveUp.abort();
    }, PATIENCE_MS);
  });
  try {
    // Away: that is what the answer says.
    return await Promise.race([ask(giveUp.signal).catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
