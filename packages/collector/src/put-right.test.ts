import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, startCollector } from './node.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { aFolder } from './testing/temporary.ts';

const { engine, database } = anEngineForThisFile();
const HOUR_MS = 3_600_000;

async function aCollector() {
  const { host } = new URL(engine().url());
  const config = readConfig(
    { port: '0', dataDir: await aFolder() },
    {
      TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}`,
      TURNOUT_SECRET: 'the same for all collectors, so that people are',
    },
  );
  const collector = await startCollector(config, {
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  onTestFinished(collector.close);
  return async (batch: object, { attempt, sentAt }: { attempt: number; sentAt: number }) => {
    const address = `/v1/interactions?key=wk_demo&attempt=${attempt}&sent_at=${sentAt}`;
    const response = await fetch(`${collector.url}${address}`, {
      method: 'POST',
      body: JSON.stringify(batch),
    });
    expect(await response.json()).toEqual({ accepted: 2, rejected: [] });
  };
}

test('counts a checkout once that names its order and comes again after the clock was put right', async () => {
  const now = Date.now();
  const batch = {
    batch_id: randomUUID(),
    visitor_id: 'ann',
    session_id: 's1',
    interactions: [
      { id: randomUUID(), type: 'checkout_start', occurred_at: now - 4 * HOUR_MS, order_id: 'A-1' },
      { id: randomUUID(), type: 'click', occurred_at: now - 4 * HOUR_MS },
    ],
  };
  const stored = () =>
    database().query<{ kind: string; times: number }>(
      'SELECT toString(type) AS kind, toInt32(count()) AS times FROM turnout.interactions GROUP BY kind ORDER BY kind',
    );
  const first = await aCollector();
  const second = await aCollector();

  await first(batch, { attempt: 0, sentAt: now + 26 * HOUR_MS });
  await expect.poll(stored, { timeout: 60_000 }).toHaveLength(2);
  await second(batch, { attempt: 1, sentAt: now });
  const last = { id: randomUUID(), type: 'view', occurred_at: now };
  await second(
    { ...batch, batch_id: randomUUID(), interactions: [last, { ...last, id: randomUUID() }] },
    { attempt: 0, sentAt: now },
  );

  // What comes last is stored last: once it is there, so is all before it.
  await expect
    .poll(async () => (await stored()).filter(({ kind }) => kind === 'view'), { timeout: 60_000 })
    .toHaveLength(1);
  expect(await stored()).toEqual([
    { kind: 'checkout_start', times: 1 },
    { kind: 'click', times: 1 },
    { kind: 'view', times: 2 },
  ]);
});
