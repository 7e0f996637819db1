import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServerTracker } from '@turnout/sdk/server';
import { expect, onTestFinished, test } from 'vitest';
import { aDataDirWithTables, startCollector } from './collector.ts';

async function aCollector() {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const collector = await startCollector(dataDir);
  onTestFinished(() => collector.kill());
  return collector;
}

/** Stands before a collector; the first answers get lost, after the collector did its work. */
async function aMuteProxy(url: string, losses: number): Promise<string> {
  let left = losses;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const answer = await fetch(`${url}${request.url}`, { method: 'POST', body: Buffer.concat(chunks) });
    const text = await answer.text();
    if (left-- > 0) {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a purchase and a webhook count once, whoever sends them how often', async () => {
  const collector = await aCollector();
  const endpoint = await aMuteProxy(collector.url, 2);
  const occurredAt = new Date(Date.now() - 60_000);
  const problems: unknown[] = [];

  // Two processes, as when a webhook is delivered twice.
  for (let process = 0; process < 2; process++) {
    const tracker = createServerTracker({ endpoint, key: 'wk_demo', onError: (it) => problems.push(it) });
    const who = { userId: 'user_1', entity: 'event:42' } as const;
    tracker.track('purchase', { ...who, orderId: 'o-1', value: 49.5, currency: 'USD' });
    tracker.track('waitlist_offer', { ...who, occurredAt, idempotencyKey: 'evt_1' });
    expect(await tracker.flush()).toMatchObject({ accepted: 2, rejected: 0, waiting: 0 });
  }

  expect(problems).toEqual([]);
  const rows = () =>
    collector.query<{ type: string; rows: number; money: number | null }>(
      'SELECT type, toInt32(count()) AS rows, toFloat64(sum(value)) AS money FROM interactions GROUP BY type ORDER BY type',
    );
  await expect.poll(rows, { timeout: 60_000 }).toEqual([
    { type: 'purchase', rows: 1, money: 49.5 },
    { type: 'waitlist_offer', rows: 1, money: null },
  ]);
});

test('hears the collector in its own words', async () => {
  const { url } = await aCollector();
  const problems: string[] = [];
  const aTracker = (key: string) =>
    createServerTracker({ endpoint: url, key, onError: ({ message }) => problems.push(message) });

  const known = aTracker('wk_demo');
  known.track('like', { userId: 'user_1', entity: 'event:1', occurredAt: new Date('2001-01-01') });
  expect(await known.flush()).toMatchObject({ accepted: 0, rejected: 1 });
  const unknown = aTracker('wk_unknown');
  unknown.track('like', { userId: 'user_1', entity: 'event:1' });
  expect(await unknown.flush()).toMatchObject({ waiting: 1, error: expect.stringContaining('key_unknown') });

  expect(problems[0]).toContain('(time_out_of_range)');
});
