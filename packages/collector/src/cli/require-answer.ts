import { addressIn, shownUrl } from '../writable-database.ts';

/** Somebody sits before a command and waits. */
const PATIENCE_MS = 15_000;

/**
 * Makes sure that somebody answers where the database ought to be, before work is begun that waits for it.
 *
 * @throws Error naming the address without its password.
 */
export async function requireAnswer(clickhouseUrl: string, patienceMs = PATIENCE_MS): Promise<void> {
  const { url, username, password } = addressIn(clickhouseUrl) ?? { url: clickhouseUrl };
  const headers: Record<string, string> = username
    ? { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
    : {};
  try {
    const signal = AbortSignal.timeout(patienceMs);
    // Any answer is one: what is wrong with name or password, the work itself says better.
    await (await fetch(url, { method: 'POST', body: 'SELECT 1', headers, signal })).text();
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string; message?: string } };
    const why =
      name === 'TimeoutError'
        ? `does not answer within ${patienceMs / 1_000} s`
        : `cannot be reached (${cause?.code ?? cause?.message ?? name})`;
    throw new Error(
      `TURNOUT_CLICKHOUSE_URL: ${shownUrl(clickhouseUrl)} ${why}. Look whether ClickHouse runs there and whether this machine may reach it, then try again.`,
    );
  }
}
