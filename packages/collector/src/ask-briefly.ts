/** Whoever asks how we are does not wait for a database that hangs. */
const PATIENCE_MS = 1_000;

/** What a question to the database brings; undefined when it fails or takes longer than somebody waits who watches. */
export async function askBriefly<Answer>(question: Promise<Answer>): Promise<Answer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  try {
    // Away: that is what the answer says.
    return await Promise.race([question.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
