import { explainError } from './explain-error.ts';

const LONGEST_WAIT_SECONDS = 60;

/**
 * Asks a collector until it does not put the question off (429 and 503).
 *
 * @param mostWaits - How often it may; then its answer is returned as it is.
 */
export async function askPatiently(
  ask: () => Promise<Response>,
  mostWaits = Number.POSITIVE_INFINITY,
): Promise<Response> {
  for (let waits = 0; ; waits += 1) {
    const response = await ask();
    if ((response.status !== 429 && response.status !== 503) || waits >= mostWaits) return response;
    const seconds = Math.min(LONGEST_WAIT_SECONDS, Number(response.headers.get('Retry-After')) || 1);
    process.stderr.write(
      `the collector asks to wait ${seconds} s: ${explainError(new Error(await response.text()))}\n`,
    );
    await new Promise((done) => setTimeout(done, seconds * 1_000));
  }
}
