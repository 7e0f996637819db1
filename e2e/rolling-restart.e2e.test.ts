import { randomUUID } from 'node:crypto';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import {
  aDataDir,
  aDataDirWithTables,
  type RunningCollector,
  runTurnout,
  startCollector,
} from './collector.ts';
import { startSender } from './sender.ts';
import { aSharedDatabase } from './shared-database.ts';

const SOON = { timeout: 60_000 };

interface Backend {
  url: string;
  isIn: boolean;
  underWay: number;
}

/** A balancer: each request to the next collector that is in. */
async function aBalancer() {
  const backends: Backend[] = [];
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const ready = backends.filter(({ isIn }) => isIn);
    const backend = ready[turn++ % ready.length];
    if (!backend) return void outgoing.writeHead(502).end();
    backend.underWay += 1;
    const onward = request(
      `${backend.url}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers, agent },
      (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(outgoing).on('close', () => {
          backend.underWay -= 1;
        });
      },
    );
    onward.on('error', () => {
      backend.underWay -= 1;
      outgoing.writeHead(502).end();
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    agent.destroy();
  });
  return { backends, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Fans who never repeat anything: each answer that is no 202 is a failure. */
function fans(url: string) {
  const acknowledged: string[] = [];
  const failed: string[] = [];
  let isOver = false;
  const running = Array.from({ length: 4 }, async (_, fan) => {
    while (!isOver) {
      const ids = Array.from({ length: 5 }, () => randomUUID());
      const body = JSON.stringify({
        batch_id: randomUUID(),
        visitor_id: `fan-${fan}`,
        session_id: 's',
        interactions: ids.map((id) => ({
          id,
          type: 'click',
          occurred_at: Date.now(),
          entity_type: 'event',
          entity_id: 'e1',
        })),
      });
      const said = await fetch(`${url}/v1/interactions?key=wk_demo&attempt=0`, { method: 'POST', body }).then(
        async (response) => `${response.status} ${await response.text()}`,
        String,
      );
      if (said === '202 {"accepted":5,"rejected":[]}') acknowledged.push(...ids);
      else failed.push(said);
    }
  });
  return {
    acknowledged,
    failed,
    async stop() {
      isOver = true;
      await Promise.all(running);
    },
  };
}

test('two collectors are restarted one after the other, and no acknowledgement fails', {
  timeout: 180_000,
}, async () => {
  const { database, urlBy } = await aSharedDatabase();
  const env = {
    TURNOUT_CLICKHOUSE_URL: urlBy(),
    TURNOUT_COLLECTORS: '2',
    TURNOUT_SECRET: 'the same for both of them',
  };
  const isReady = async ({ url }: { url: string }) => (await fetch(`${url}/readyz`)).ok;
  const balancer = await aBalancer();
  const running: { backend: Backend; collector: RunningCollector; dataDir: string }[] = [];
  for (let at = 0; at < 2; at += 1) {
    const { dataDir, remove } = await aDataDir();
    onTestFinished(remove);
    const collector = await startCollector(dataDir, [], env);
    const backend = { url: collector.url, isIn: true, underWay: 0 };
    running.push({ backend, collector, dataDir });
    await expect.poll(() => isReady(collector), SOON).toBe(true);
    balancer.backends.push(backend);
  }
  onTestFinished(async () => {
    for (const { collector } of running) await collector.kill();
  });
  const visitors = fans(balancer.url);
  const someMore = () => {
    const soFar = visitors.acknowledged.length;
    return expect.poll(() => visitors.acknowledged.length, SOON).toBeGreaterThan(soFar + 200);
  };
  await someMore();

  for (const member of running) {
    const { backend } = member;
    backend.isIn = false;
    await expect.poll(() => backend.underWay, SOON).toBe(0);
    expect(await member.collector.stop()).toBe(0);
    await someMore();
    member.collector = await startCollector(member.dataDir, [], env);
    await expect.poll(() => isReady(member.collector), SOON).toBe(true);
    Object.assign(backend, { url: member.collector.url, isIn: true });
    await someMore();
  }
  await visitors.stop();

  expect(visitors.failed).toEqual([]);
  const stored = async () =>
    (await database.query<{ id: string }>('SELECT toString(id) AS id FROM turnout.interactions')).map(
      ({ id }) => id,
    );
  await expect.poll(async () => (await stored()).length, SOON).toBe(visitors.acknowledged.length);
  expect((await stored()).sort()).toEqual([...visitors.acknowledged].sort());
});

test('a collector that is restarted again and again under load loses nothing of what it acknowledged', {
  timeout: 180_000,
}, async () => {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  let collector = await startCollector(dataDir);
  onTestFinished(() => collector.kill());
  const sender = startSender(() => collector.url);

  for (let time = 0; time < 3; time += 1) {
    const soFar = sender.acknowledged.size;
    await expect.poll(() => sender.acknowledged.size, SOON).toBeGreaterThan(soFar + 500);
    expect(await collector.stop()).toBe(0);
    collector = await startCollector(dataDir);
  }
  await sender.stop();

  expect((await runTurnout(['verify', '--data-dir', dataDir])).code).toBe(0);
  const rows = await collector.query<{ id: string; times: number }>(
    'SELECT toString(id) AS id, toUInt32(count()) AS times FROM turnout.interactions GROUP BY id',
  );
  const stored = new Set(rows.map(({ id }) => id));
  expect([...sender.acknowledged].filter((id) => !stored.has(id))).toEqual([]);
  expect(rows.filter(({ times }) => times !== 1)).toEqual([]);
});

test('after SIGTERM /readyz says so while batches are taken, as long as a balancer needs to notice', async () => {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const collector = await startCollector(dataDir, [], { TURNOUT_DRAIN_SECONDS: '600' });
  onTestFinished(() => collector.kill());
  const ended = collector.stop();

  await expect.poll(async () => (await fetch(`${collector.url}/readyz`)).status, SOON).toBe(503);
  expect(await (await fetch(`${collector.url}/readyz`)).json()).toMatchObject({
    ready: false,
    checks: { collector: expect.stringContaining('draining') },
  });
  const body = JSON.stringify({
    batch_id: randomUUID(),
    visitor_id: 'late',
    session_id: 's',
    interactions: [{ id: randomUUID(), type: 'page_view', occurred_at: Date.now() }],
  });
  const response = await fetch(`${collector.url}/v1/interactions?key=wk_demo&attempt=0`, {
    method: 'POST',
    body,
  });
  expect(response.status).toBe(202);

  // A second signal waits no longer.
  process.kill(collector.pid, 'SIGTERM');
  expect(await ended).toBe(0);
});
