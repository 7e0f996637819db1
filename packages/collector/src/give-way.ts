/** So many records are handled in about 2 ms. */
export const RECORDS_A_TURN = 1_000;

/** Nobody's answer waits longer for the writer than this. */
const MOST_MS = 50;

let mayWorkUntil = 0;

/**
 * Lets what waits have its turn, in the middle of a loop over a whole segment: a batch that comes meanwhile would be
 * answered a tenth of a second later.
 *
 * Whoever waited long works half as long before the next turn. Otherwise, with hundreds of requests between any two turns,
 * a segment would take a quarter of a minute, and a log that is full would stay so.
 */
export async function giveWay(): Promise<void> {
  const before = performance.now();
  if (before < mayWorkUntil) return;
  await new Promise((resolve) => setTimeout(resolve, 0));
  const after = performance.now();
  mayWorkUntil = after + Math.min((after - before) / 2, MOST_MS);
}
