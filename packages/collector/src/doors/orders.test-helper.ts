/** A collector that is told of orders. Each file that imports this has a process and an engine of its own. */
import { randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import { readConfig, startCollector } from '../node.ts';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aFolder } from '../testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

export { database };

const BROWSER =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

/** A whole collector, and the three who tell it of an order. */
export async function aCollector() {
  const { host } = new URL(engine().url());
  const config = readConfig(
    { port: '0', dataDir: await aFolder() },
    { TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}` },
  );
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const collector = await startCollector(config, { log: silent });
  onTestFinished(collector.close);
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${collector.url}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    expect([200, 202]).toContain(response.status);
    expect(((await response.json()) as { rejected?: object[] }).rejected ?? []).toEqual([]);
  };
  return {
    page: (purchase: object, { env = 'production', agent = BROWSER } = {}) =>
      post(
        '/v1/interactions?key=wk_demo&attempt=0',
        {
          batch_id: randomUUID(),
          visitor_id: 'ann',
          session_id: 's1',
          sdk: 'js/1.0.0',
          env,
          interactions: [
            { id: randomUUID(), type: 'purchase', occurred_at: Date.now(), currency: 'GBP', ...purchase },
          ],
        },
        { 'User-Agent': agent },
      ),
    segment: (event: string, properties: object) =>
      post('/v1/t', {
        event,
        messageId: randomUUID(),
        anonymousId: 'ann',
        properties: { currency: 'GBP', ...properties },
        writeKey: 'wk_demo',
      }),
    sale: (record: object) =>
      post(
        '/v1/ingest/sale',
        { occurred_at: Date.now(), user_id: 'u1', currency: 'GBP', ...record },
        { Authorization: `Bearer ${collector.adminToken}` },
      ),
  };
}

export type Collector = Awaited<ReturnType<typeof aCollector>>;

export const amount = async (id: string) => {
  const [row] = await database().query<{ amount: string }>(
    'SELECT toString(sum(value)) AS amount FROM turnout.interactions WHERE order_id = {id:String}',
    { id },
  );
  return row?.amount;
};

/** What comes last is stored last: once it is there, so is all before it. */
export async function untilStored({ page }: Collector) {
  const id = `last-${randomUUID()}`;
  await page({ order_id: id, value: 1 });
  await expect.poll(() => amount(id), { timeout: 60_000 }).toBe('1');
}
